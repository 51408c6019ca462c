"""What the list of channels shows: cards with their numbers, in the order that the address names."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from analyticbot.core.charts import sparkline, words
from analytics.pages import ChannelCard, card_of
from analytics.queries.channel_list import ListedChannel
from analytics.queries.question import Number

ADDED = "added"
SORTS: dict[str, Promise] = {
    ADDED: gettext_lazy("Newest in the list"),
    "name": gettext_lazy("Name"),
    "subscribers": gettext_lazy("Subscribers"),
    "change": gettext_lazy("Change of subscribers"),
    "reach": gettext_lazy("Average reach"),
    "err": gettext_lazy("ERR"),
    "posted": gettext_lazy("Last post"),
}
_METRIC_OF = {"subscribers": "followers", "change": "followers_change", "reach": "avg_reach", "err": "err"}


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A card of the list with its numbers; unknown is None."""

    card: ChannelCard
    numbers: Mapping[str, Number]
    curve: str

    @property
    def followers(self) -> float | int | None:
        """Subscribers at the end of the period."""
        return self.numbers["followers"].value

    @property
    def approximate(self) -> bool:
        """Whether the source rounds the subscribers."""
        return "approximate" in (self.numbers["followers"].provenance.note or "")

    @property
    def change(self) -> str | None:
        """The change of subscribers in words; None while it is unknown or nothing."""
        value = self.numbers["followers_change"].value
        return words.signed_number(value, get_language() or "en") if value else None

    @property
    def rising(self) -> bool:
        """Whether subscribers became more."""
        return (self.numbers["followers_change"].value or 0) > 0

    @property
    def reach(self) -> float | int | None:
        """Mean views of own posts."""
        return self.numbers["avg_reach"].value

    @property
    def err(self) -> float | int | None:
        """Average reach by subscribers, in percent."""
        return self.numbers["err"].value


def entry_of(listed: ListedChannel) -> ListEntry:
    """The card of a channel with its numbers and its curve."""
    known = any(value is not None for value in listed.daily_reach)
    label = _("Average reach by day, the last 30 days")
    return ListEntry(
        card_of(listed.status), listed.numbers, sparkline(listed.daily_reach, label=label) if known else ""
    )


def sorted_entries(entries: tuple[ListEntry, ...], sort: str) -> tuple[ListEntry, ...]:
    """Largest first, names from A; what is unknown comes last, ties as they were added."""
    if sort == "name":
        return tuple(sorted(entries, key=lambda entry: entry.card.title.casefold()))
    if sort not in SORTS or sort == ADDED:
        return entries
    value_of = _last_post if sort == "posted" else _value_by(_METRIC_OF[sort])
    known = [entry for entry in entries if value_of(entry) is not None]
    unknown = [entry for entry in entries if value_of(entry) is None]
    return (*sorted(known, key=value_of, reverse=True), *unknown)


def _value_by(metric: str) -> Callable[[ListEntry], Any]:
    return lambda entry: entry.numbers[metric].value


def _last_post(entry: ListEntry) -> Any:
    return entry.card.status.sync.newest
