"""A Telegram on this machine: an MTProto server (two data centres) and a Bot API, for development and tests.

It speaks the real wire protocol through Telethon's TL layer, so that real clients connect to it unchanged.
It imports nothing of the product and nothing of the product imports it; start it with ``python -m sandbox``.
Everything in here may be invented; nothing in here is ever collected from a real person.
"""
