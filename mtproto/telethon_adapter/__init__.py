"""The gateway on Telethon. Its objects and exceptions do not leave this package."""
