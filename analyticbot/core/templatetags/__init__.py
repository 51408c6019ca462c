"""Template words that every face shares."""
