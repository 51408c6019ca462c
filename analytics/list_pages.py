"""What the list of channels shows: cards or rows with their numbers, in the order that the address names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from analyticbot.core.charts import sparkline, words
from analytics.list_state import SORTS, ListState
from analytics.pages import ChannelCard, card_of
from analytics.queries.channel_list import WEEK_CHANGE, ListedChannel
from analytics.queries.question import Number
from analytics.tags.work import Tag


@dataclass(frozen=True, slots=True)
class Moved:
    """A change of subscribers in words; `words` None while it is unknown."""

    words: str | None
    rising: bool
    still: bool  # neither up nor down


@dataclass(frozen=True, slots=True)
class ShownTag:
    """A tag of a channel, the list narrowed to it, and whether it is."""

    tag: Tag
    address: str
    chosen: bool
    count: int = 0


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its name, the list ordered by it (None: it has no order), and what `aria-sort` says (None: not)."""

    label: Promise | str
    address: str | None = None
    sorted: str | None = None
    number: bool = False


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A card of the list with its numbers; unknown is None."""

    card: ChannelCard
    numbers: Mapping[str, Number]
    curve: str
    tags: tuple[ShownTag, ...] = ()

    @property
    def followers(self) -> float | int | None:
        """Subscribers at the end of the period."""
        return self.numbers["followers"].value

    @property
    def approximate(self) -> bool:
        """Whether the source rounds the subscribers."""
        return "approximate" in (self.numbers["followers"].provenance.note or "")

    @property
    def month(self) -> Moved:
        """The change of subscribers over 28 days."""
        return _moved(self.numbers["followers_change"].value)

    @property
    def week(self) -> Moved:
        """The change of subscribers over 7 days."""
        return _moved(self.numbers[WEEK_CHANGE].value)

    @property
    def reach(self) -> float | int | None:
        """Mean views of own posts."""
        return self.numbers["avg_reach"].value

    @property
    def err(self) -> float | int | None:
        """Average reach by subscribers, in percent."""
        return self.numbers["err"].value


def entry_of(listed: ListedChannel, tags: Sequence[Tag] = (), state: ListState | None = None) -> ListEntry:
    """The card of a channel with its numbers, its curve and its tags."""
    known = any(value is not None for value in listed.daily_reach)
    label = _("Average reach by day, the last 30 days")
    return ListEntry(
        card_of(listed.status),
        listed.numbers,
        sparkline(listed.daily_reach, label=label) if known else "",
        tuple(shown_tag(tag, state) for tag in tags),
    )


def shown_tag(tag: Tag, state: ListState | None, count: int = 0) -> ShownTag:
    """A tag with the address that narrows the list to it, or no longer does."""
    if state is None:
        return ShownTag(tag, "", chosen=False, count=count)
    chosen = tag.key in state.tags
    left = tuple(key for key in state.tags if key != tag.key) if chosen else (*state.tags, tag.key)
    return ShownTag(tag, state.address(tag=left), chosen, count)


_COLUMNS = (
    ("name", False),
    ("subscribers", True),
    ("week", True),
    ("change", True),
    ("", False),
    ("reach", True),
    ("err", True),
    ("posted", False),
    ("state", False),
)


def headings_of(state: ListState) -> tuple[Heading, ...]:
    """The columns of the table."""
    short = {
        "name": _("Channel"),
        "week": _("7 days"),
        "change": _("28 days"),
        "": _("Reach by day"),
    }
    turned = "ascending" if state.rising else "descending"
    return tuple(
        Heading(
            short.get(name) or SORTS[name],
            state.sorted_by(name) if name in SORTS else None,
            turned if name == state.sort else None,
            number,
        )
        for name, number in _COLUMNS
    )


def _moved(value: float | int | None) -> Moved:
    if value is None:
        return Moved(None, rising=False, still=True)
    return Moved(words.signed_number(value, get_language() or "en"), rising=value > 0, still=value == 0)
