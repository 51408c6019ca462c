"""Who: users, workspaces, roles, API tokens, sign-in."""
