"""Mail of a local run without a mail server: who started the run is told of each new message and its links.

The message is written by whichever process sends it, whose own output goes to a log; the terminal is ours. Stdlib only.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

_LINK = re.compile(r"https?://[^\s<>\"')\]]+")
_MOST_LINKS = 10


class NewMail:
    """The messages (`*.eml`) that come into a folder after this was made; the folder need not be there yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known = set(self._names())

    def lines(self) -> Iterator[str]:
        """What came since the last call, in lines: recipient and subject of each message, and its links."""
        fresh = [name for name in self._names() if name not in self._known]
        for name in sorted(fresh):
            self._known.add(name)
            try:
                content = (self._folder / name).read_bytes()
            except OSError:  # taken away again
                continue
            yield from _told(content)

    def _names(self) -> list[str]:
        return [path.name for path in self._folder.glob("*.eml")]


def _told(content: bytes) -> list[str]:
    message = message_from_bytes(content, EmailMessage, policy=policy.default)
    links = dict.fromkeys(link.rstrip(".,;") for link in _LINK.findall(_text(message)))
    lines = [f"to {message['To']}: {message['Subject']}", *(f"  {link}" for link in list(links)[:_MOST_LINKS])]
    return ["".join(letter for letter in line if letter.isprintable()) for line in lines]


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    try:
        return str(body.get_content()) if body is not None else ""
    except (LookupError, ValueError):  # no charset that we know
        return ""
