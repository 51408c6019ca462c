"""The state of the list of channels: it stands in the address, all of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from analytics.queries.channel_list import WEEK_CHANGE, ListFilter, ListOrder
from analytics.tags.work import MOST_PER_CHANNEL, key_of
from channels_app.models import Relation, SyncState

ADDED = "added"
SORTS: dict[str, Promise] = {
    ADDED: gettext_lazy("Newest in the list"),
    "name": gettext_lazy("Name"),
    "subscribers": gettext_lazy("Subscribers"),
    "week": gettext_lazy("Change in 7 days"),
    "change": gettext_lazy("Change in 28 days"),
    "reach": gettext_lazy("Average reach"),
    "err": gettext_lazy("ERR"),
    "posted": gettext_lazy("Last post"),
    "state": gettext_lazy("State"),
}
_KEYS = {
    "subscribers": "followers",
    "week": WEEK_CHANGE,
    "change": "followers_change",
    "reach": "avg_reach",
    "err": "err",
}
# Of these the small come first: letters, and what is still to be done.
_RISING = {"name", "state"}
VIEWS = {"cards": gettext_lazy("Cards"), "table": gettext_lazy("Table")}
STATES: dict[str, Promise] = {
    SyncState.PENDING.value: gettext_lazy("Waiting to start"),
    SyncState.RUNNING.value: gettext_lazy("Collecting"),
    SyncState.COMPLETE.value: gettext_lazy("Up to date"),
    SyncState.FAILED.value: gettext_lazy("Not collected"),
}
RELATIONS: dict[str, Promise] = {
    Relation.OWNED.value: pgettext_lazy("channels", "Yours"),
    Relation.WATCHED.value: pgettext_lazy("channels", "Watched"),
}


@dataclass(frozen=True, slots=True)
class ListState:
    """What of the list is shown, and how. Words that nobody knows are passed over, as a person may mistype them."""

    search: str
    sort: str
    rising: bool
    view: str
    tags: tuple[str, ...]
    state: str
    relation: str
    after: int | None

    @property
    def wanted(self) -> ListFilter:
        """As the reader of the list takes it."""
        return ListFilter(self.search, self.tags, self.state, self.relation)

    @property
    def order(self) -> ListOrder:
        """As the reader of the list takes it."""
        return ListOrder(_KEYS.get(self.sort, self.sort), descending=not self.rising)

    @property
    def narrowed(self) -> bool:
        """Whether some channels are left out."""
        return bool(self.search or self.tags or self.state or self.relation)

    def address(self, **changes: object) -> str:
        """The query string with some of the state changed, on its first page unless `after` is among the changes."""
        values: dict[str, object] = {
            "q": self.search,
            "sort": "" if self.sort == ADDED else self.sort,
            "dir": "" if self.rising == (self.sort in _RISING) else ("asc" if self.rising else "desc"),
            "view": "" if self.view == "cards" else self.view,
            "tag": self.tags,
            "state": self.state,
            "relation": self.relation,
            **changes,
        }
        kept = [(name, value) for name, value in values.items() if value not in ("", (), None)]
        return "?" + urlencode(kept, doseq=True)

    def sorted_by(self, sort: str) -> str:
        """The address of the list in that order; of the order that it has, turned around."""
        if sort == self.sort:
            turned = not self.rising
            return self.address(dir="" if turned == (sort in _RISING) else ("asc" if turned else "desc"))
        return self.address(sort="" if sort == ADDED else sort, dir="")


def read_state(parameters: QueryDict) -> ListState:
    """The state that an address names."""
    sort = _word(parameters, "sort", SORTS, ADDED)
    direction = parameters.get("dir", "")
    rising = {"asc": True, "desc": False}.get(direction, sort in _RISING)
    after = parameters.get("after", "")
    tags = dict.fromkeys(key for text in parameters.getlist("tag")[:MOST_PER_CHANNEL] if (key := key_of(text[:200])))
    return ListState(
        search=parameters.get("q", "").strip(),
        sort=sort,
        rising=rising,
        view=_word(parameters, "view", VIEWS, "cards"),
        tags=tuple(key for key in tags if "\x00" not in key),
        state=_word(parameters, "state", STATES, ""),
        relation=_word(parameters, "relation", RELATIONS, ""),
        after=int(after) if after.isascii() and after.isdigit() and len(after) < 18 else None,  # noqa: PLR2004 - bigint
    )


def _word(parameters: QueryDict, name: str, known: Mapping[str, object], default: str) -> str:
    text = parameters.get(name, "")
    return text if text in known else default
