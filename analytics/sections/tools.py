"""What stands beside the period: what it is compared with, whose days are meant, saved filters. All are links."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from analytics.comparison import AGE, CHANNEL, COMPARE, NONE, PREVIOUS, WAYS, is_gathering
from analytics.queries.segments import SEGMENT_NAMES, Segment
from analytics.questions.asking import ChannelHead
from analytics.saved.models import SavedSegment
from analytics.sections.choices import Choice
from analytics.sections.visit import ZONE, Visit, segment_of
from analytics.sections.words import segment_words

OWN = "own"


@dataclass(frozen=True, slots=True)
class Comparing:
    """The menu of comparisons. `label`: what is compared with now; `toggle`: the address with it off, or on again."""

    label: str
    on: bool
    ways: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    toggle: str

    @property
    def beside(self) -> bool:
        """Whether another channel stands beside this one."""
        return any(one.chosen for one in self.channels)


def comparing_of(visit: Visit, others: Iterable[ChannelHead]) -> Comparing:
    """The comparisons of a visit. `others`: the channels that may stand beside this one."""
    chosen = visit.compared or NONE
    ways = [name for name in WAYS if name == NONE or visit.picked.compares]
    if AGE in ways and chosen != AGE and not is_gathering(visit.picked, now=visit.now):
        ways.remove(AGE)
    default = visit.usual if visit.picked.compares else NONE
    channels = tuple(
        Choice(name, head.title or name.removeprefix(CHANNEL), visit.address(**{COMPARE: name}), name == chosen)
        for head in others
        if head.id != visit.head.id and (name := channel_way(head))
    )
    beside = next((str(one.label) for one in channels if one.chosen), chosen.removeprefix(CHANNEL))
    return Comparing(
        label=str(WAYS[chosen]) if chosen in WAYS else beside,
        on=chosen != NONE,
        ways=tuple(
            Choice(name, WAYS[name], visit.address(**{COMPARE: None if name == default else name}), name == chosen)
            for name in ways
        ),
        channels=channels,
        toggle=visit.address(**{COMPARE: _other(chosen, default)}),
    )


def _other(chosen: str, default: str) -> str | None:
    """What the key of the comparison leads to: off, or the period before; the default stands in no address."""
    other = PREVIOUS if chosen == NONE else NONE
    return None if other == default else other


def channel_way(head: ChannelHead) -> str:
    """How the address names another channel to compare with; empty for one that has no name yet."""
    name = f"@{head.username}" if head.username else str(head.tg_id or "")
    return CHANNEL + name if name else ""


def zones_of(visit: Visit, *, workspace: ZoneInfo, own: ZoneInfo) -> tuple[Choice, ...]:
    """Whose days: the workspace's or the reader's; nothing to choose where they are the same."""
    if str(workspace) == str(own):
        return ()
    chosen = visit.text(ZONE) == OWN
    return (
        Choice("", _zone_words(_("Workspace's zone"), workspace), visit.address(zone=None), not chosen),
        Choice(OWN, _zone_words(_("Your zone"), own), visit.address(zone=OWN), chosen),
    )


@dataclass(frozen=True, slots=True)
class SavedChoice:
    """Saved filters: a link to this page with them instead of those that hold; `words`: what they are."""

    public_id: UUID
    name: str
    words: str
    address: str
    chosen: bool


def saved_of(visit: Visit, rows: Iterable[SavedSegment]) -> tuple[SavedChoice, ...]:
    """The saved filters of the workspace, for this page."""
    return saved_choices(rows, address=visit.address, held=visit.segment)


def saved_choices(
    rows: Iterable[SavedSegment], *, address: Callable[..., str], held: Segment
) -> tuple[SavedChoice, ...]:
    """Saved filters as links. `address`: the address of the page with some parameters changed (None: removed)."""
    none = dict.fromkeys(SEGMENT_NAMES)
    return tuple(
        SavedChoice(
            public_id=row.public_id,
            name=row.name,
            words=", ".join(segment_texts(segment)),
            address=address(**{**none, **row.filters}),
            chosen=segment == held,
        )
        for row in rows
        if (segment := segment_of(row.filters)[0])
    )


def segment_texts(segment: Segment) -> tuple[str, ...]:
    """Each filter of a segment in words."""
    held = ((name, getattr(segment, name)) for name in SEGMENT_NAMES)
    return tuple(segment_words(name, value) for name, value in held if value is not None)


def _zone_words(label: str | Promise, zone: ZoneInfo) -> str:
    return f"{label}: {str(zone).replace('_', ' ')}"
