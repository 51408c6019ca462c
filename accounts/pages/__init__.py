"""Pages of the settings: of the person, and of the workspace."""
