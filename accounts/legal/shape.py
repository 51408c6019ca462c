"""How a document is put together."""

from dataclasses import dataclass

from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Row:
    """A thing and what is said of it."""

    name: Words
    text: Words
    # The name is one of programs, and the same in every language.
    is_code: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, its paragraphs, and rows of a table where there are any."""

    name: str
    title: Words
    paragraphs: tuple[Words, ...] = ()
    rows: tuple[Row, ...] = ()
