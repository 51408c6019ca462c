"""Mail without a mail server: each message becomes a file; in a local run its links are printed for who started it."""

import logging
import os
import re
import sys
import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

logger = logging.getLogger(__name__)
_LINK = re.compile(r"https?://[^\s<>\"')\]]+")


class FileMailBackend(BaseEmailBackend):
    """Writes messages into MAIL_DIR as .eml files that only their owner may read: they hold sign-in links."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Keep each message; returns how many. A full disk is an error unless `fail_silently`."""
        kept = 0
        for message in email_messages:
            if not message.recipients():
                continue
            try:
                path = _keep(message)
            except OSError:
                if not self.fail_silently:
                    raise
                continue
            kept += 1
            logger.info("mail kept as %s", path.name)
            if settings.MAIL_LINKS_PRINTED and sys.stdout.isatty():  # `make run` itself tells of what its servers send
                _tell(message, path)
        return kept


def _keep(message: EmailMessage) -> Path:
    folder = Path(settings.MAIL_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)  # it may have been there before
    path = folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:8]}.eml"
    unfinished = path.with_suffix(".part")  # whoever follows the folder finds whole messages
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(message.message().as_bytes())
    unfinished.rename(path)
    return path


def forget_mails(addresses: Collection[str]) -> int:
    """Delete kept messages that were sent to one of these addresses or name it; returns how many.

    Only where mail becomes files. What a mail server was given is with its recipient.
    """
    folder = Path(settings.MAIL_DIR)
    wanted = {address.lower() for address in addresses}
    gone = 0
    for path in folder.glob("*.eml") if folder.is_dir() else ():
        try:
            text = _text_of(path.read_bytes()).lower()
        except OSError:  # taken away meanwhile
            continue
        if any(address in text for address in wanted):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _text_of(content: bytes) -> str:
    """Everything of a message that can be read: its headers and its texts."""
    message = message_from_bytes(content, policy=policy.default)
    texts = [str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([*(str(value) for value in message.values()), *texts])


def _tell(message: EmailMessage, path: Path) -> None:
    """Without this, nobody could follow the link of a confirmation mail on a machine without mail.

    Only in a local run: elsewhere the output goes to logs, and links that sign in must not stand there.
    """
    links = _LINK.findall(str(message.body))
    lines = [f"Mail to {', '.join(message.recipients())}: {message.subject} ({path})", *(f"  {link}" for link in links)]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
