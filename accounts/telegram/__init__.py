"""Telegram as a way to sign in: what Telegram signed, and whose account it belongs to."""
