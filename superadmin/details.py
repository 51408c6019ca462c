"""The page of one thing: facts, tables, and what can be done. Drawn by ``superadmin/detail.html``."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.timezone import localtime


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and a value; `tone` colours it: good, warn or bad."""

    label: str | Promise
    value: Any
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below a title, each with as many cells as there are headings; `empty` is told where there is none."""

    title: str | Promise
    headings: Sequence[str | Promise]
    rows: Sequence[Sequence[Any]]
    empty: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Way:
    """A button to something that can be done."""

    title: str | Promise
    url: str
    is_grave: bool = False


@dataclass(frozen=True, slots=True)
class Detail:
    """All that stands on the page."""

    facts: Sequence[Fact]
    tables: Sequence[Table] = field(default_factory=tuple)
    ways: Sequence[Way] = field(default_factory=tuple)


def moment(at: datetime | None) -> str:
    """A time in the reader's zone; a dash for none."""
    return f"{localtime(at):%Y-%m-%d %H:%M}" if at else "–"


def link(text: object, name: str, *args: object) -> str:
    """A link to a page of the panel."""
    return format_html('<a class="panel-link" href="{}">{}</a>', reverse(name, args=args), text)
