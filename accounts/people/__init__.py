"""Who is in a workspace: invitations, roles, leaving, handing it over."""
