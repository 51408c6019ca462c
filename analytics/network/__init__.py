"""What is computed over all public channels at once: the citation index, and standings by size."""
