"""Shared links: a part of a channel's statistics for whoever has the address, until it ends or is taken back."""
