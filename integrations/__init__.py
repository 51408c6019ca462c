"""Messages out, behind one port. Knows no channel, no report and no workspace: plain messages in, an outcome back."""
