"""Telegram's public preview pages (t.me/s/…): what they tell without any account, and no more than that."""
