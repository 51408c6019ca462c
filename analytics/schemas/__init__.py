"""Shapes of the answers, for the API's document. Answers are built from query results, never through these."""
