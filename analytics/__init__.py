"""What we make of what was seen: metrics, queries, API and dashboard pages."""
