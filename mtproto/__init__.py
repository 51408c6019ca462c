"""Telegram in: the gateway port, its Telethon adapter, accounts, and pure parsing. Knows no channels of ours."""
