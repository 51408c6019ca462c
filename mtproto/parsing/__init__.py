"""Telegram's objects become frozen records. Pure: no network, no database, and no import of Telethon.

Objects are told apart by the name of their class, and a missing attribute is unknown: so the same functions read
what Telethon received, objects of older TL layers, and Telethon's `to_dict` dumps (through `from_dump`).
"""

from mtproto.parsing.channels import parse_channel, parse_user
from mtproto.parsing.dumps import from_dump, parse_dumped_message
from mtproto.parsing.messages import RecordInvalid, parse_message, parse_messages
from mtproto.parsing.stats import parse_graph, parse_message_stats, parse_public_forwards, parse_stats
from mtproto.parsing.updates import parse_difference, parse_updates

__all__ = [
    "RecordInvalid",
    "from_dump",
    "parse_channel",
    "parse_difference",
    "parse_dumped_message",
    "parse_graph",
    "parse_message",
    "parse_message_stats",
    "parse_messages",
    "parse_public_forwards",
    "parse_stats",
    "parse_updates",
    "parse_user",
]
