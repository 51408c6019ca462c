"""The index of words: which posts hold which words, kept beside the posts."""
