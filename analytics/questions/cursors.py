"""Cursors of lists that are paged by a key of several parts: opaque to clients, refused when they are not ours."""

import base64
import binascii
import re

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput

_LONGEST = 96


def write_cursor(*parts: str | int) -> str:
    """A key as a cursor. No part but the last may hold a colon."""
    return base64.urlsafe_b64encode(":".join(map(str, parts)).encode()).decode().rstrip("=")


def read_cursor(text: str, pattern: str) -> tuple[str, ...]:
    """The groups of `pattern`, which the whole key must match. InvalidInput names `cursor`."""
    wrong = InvalidInput(
        _("This cursor is not one of this list in this order; take it from `meta.next` or leave it out."),
        field="cursor",
    )
    if len(text) > _LONGEST:
        raise wrong
    try:
        key = base64.b64decode(text.encode() + b"=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        raise wrong from None
    found = re.fullmatch(pattern, key, re.ASCII)
    if found is None:
        raise wrong
    return found.groups()
