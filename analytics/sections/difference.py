"""The difference of two texts, word by word, for reading."""

import re
from difflib import SequenceMatcher
from enum import StrEnum
from typing import NamedTuple

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")
# Of what stayed the same, this many words are shown beside a change.
_BESIDE = 16
_GAP = " … "


class Kind(StrEnum):
    """What happened to a piece."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


class Piece(NamedTuple):
    """A piece of text."""

    kind: Kind
    text: str


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """Pieces in reading order; what stayed the same far from any change is left out with an ellipsis.

    The pieces that are not new make up `before`, those that are not gone `after`, but for what is left out.
    """
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    pieces: list[Piece] = []
    steps = SequenceMatcher(None, old, new, autojunk=len(old) > 1000 or len(new) > 1000).get_opcodes()  # noqa: PLR2004
    for number, (step, a, b, c, d) in enumerate(steps):
        if step == "equal":
            pieces.append(Piece(Kind.SAME, _shortened(old[a:b], first=number == 0, last=number == len(steps) - 1)))
            continue
        if a < b:
            pieces.append(Piece(Kind.GONE, "".join(old[a:b])))
        if c < d:
            pieces.append(Piece(Kind.NEW, "".join(new[c:d])))
    return tuple(pieces)


def _shortened(words: list[str], *, first: bool, last: bool) -> str:
    """The ends of a run that touch a change."""
    head = 0 if first else _BESIDE
    tail = 0 if last else _BESIDE
    if len(words) <= head + tail + _BESIDE:
        return "".join(words)
    return "".join(words[:head]) + _GAP + ("".join(words[-tail:]) if tail else "")
