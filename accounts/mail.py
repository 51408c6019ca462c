"""Mail without a mail server: each message becomes a file; in a local run its links are printed for who started it."""

import logging
import os
import re
import sys
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
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


def _tell(message: EmailMessage, path: Path) -> None:
    """Without this, nobody could follow the link of a confirmation mail on a machine without mail.

    Only in a local run: elsewhere the output goes to logs, and links that sign in must not stand there.
    """
    links = _LINK.findall(str(message.body))
    lines = [f"Mail to {', '.join(message.recipients())}: {message.subject} ({path})", *(f"  {link}" for link in links)]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
