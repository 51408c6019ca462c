"""The port for messages out: what a message is, and the ways in which sending one can end."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

# Line breaks and other controls would end a header and begin another (RFC 5322 §2.2).
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_LONGEST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside the text. `content_id`: shown within the HTML part, which names it `cid:…`."""

    name: str
    content: bytes
    media_type: str
    content_id: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person, in plain text and HTML of the same content.

    `key` is the same for every attempt to send this message, and no other has it: whoever receives it twice can tell.
    """

    key: str
    to: str
    subject: str
    text: str
    html: str
    language: str
    attachments: tuple[Attachment, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class SendingFailed(Exception):
    """A message was not sent. `reason` is for the operator and the owner of the message."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(SendingFailed):
    """The other side said no for good: the address does not exist, or it does not want this message."""


class TryLater(SendingFailed):
    """Nothing was sent, and trying again may help."""


class Unsure(SendingFailed):
    """The message went over the wire and no answer came back: it may have arrived."""


class Sender(Protocol):
    """What sends messages of one kind."""

    def send(self, message: Message, *, before_handover: Callable[[], None]) -> None:
        """Send it. Raises Refused, TryLater or Unsure.

        `before_handover` is called once, at the last moment at which nothing was sent; if it raises, nothing will be.
        """
        ...


def one_line(text: str) -> str:
    """The text fit for a header: one line, without controls, not too long."""
    line = " ".join(_CONTROLS.sub(" ", text).split())
    return line if len(line) <= _LONGEST_SUBJECT else line[: _LONGEST_SUBJECT - 1].rstrip() + "…"
