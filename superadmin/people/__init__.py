"""People, their workspaces, links and tokens, as staff sees them."""
