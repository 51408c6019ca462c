"""Filters that a workspace keeps under names."""
