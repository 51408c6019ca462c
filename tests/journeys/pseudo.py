"""A language made for tests: every text that went through translation stands in ⟦brackets⟧, and data does not.

It takes the place of Russian for a while. Literal parts are bracketed one by one, so that what is put into a text
(`%(count)s`, tags) stands outside and has to speak the language itself.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import trans_real

LANGUAGE = "ru"
# What is put into a text, and tags: the text around them is what was translated.
_HOLES = re.compile(r"(%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]+>|&\w+;)")
_LETTER = re.compile(r"[^\W\d_]")
_CONTEXT = "\x04"


def bracketed(text: str) -> str:
    """The text with brackets around its words."""
    parts = _HOLES.split(text.rpartition(_CONTEXT)[2])
    return "".join(f"⟦{part}⟧" if _LETTER.search(part) and place % 2 == 0 else part for place, part in enumerate(parts))


class _Pseudo(trans_real.DjangoTranslation):
    """Every message is known, in every number."""

    def gettext(self, message: str) -> str:
        return bracketed(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return bracketed(msgid1 if n == 1 else msgid2)


@contextmanager
def pseudo_language() -> Iterator[None]:
    """While it lasts, Russian is the pseudo language, in every thread of this process."""
    # Django keeps its catalogues here, and has no public way to give it one.
    kept: dict[str, Any] = trans_real._translations  # type: ignore[attr-defined]
    before = kept.get(LANGUAGE)
    kept[LANGUAGE] = _Pseudo(LANGUAGE)
    try:
        yield
    finally:
        kept.pop(LANGUAGE)
        if before is not None:
            kept[LANGUAGE] = before
