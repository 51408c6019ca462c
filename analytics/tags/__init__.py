"""Tags: free words by which a workspace sorts its channels."""
