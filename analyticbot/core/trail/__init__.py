"""The audit trail: a chain of rows for each workspace that only grows, and the means to prove it."""
