"""What stands beside the period: what it is compared with, and whose days are meant. Each choice is a link."""

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from analytics.comparison import AGE, CHANNEL, COMPARE, NONE, PREVIOUS, WAYS, is_gathering
from analytics.questions.asking import ChannelHead
from analytics.sections.choices import Choice
from analytics.sections.visit import ZONE, Visit

OWN = "own"


@dataclass(frozen=True, slots=True)
class Comparing:
    """The menu of comparisons. `label`: what is compared with now; `toggle`: the address with it off, or on again."""

    label: str
    on: bool
    ways: tuple[Choice, ...]
    channels: tuple[Choice, ...]
    toggle: str


def comparing_of(visit: Visit, others: Iterable[ChannelHead]) -> Comparing:
    """The comparisons of a visit. `others`: the channels that may stand beside this one."""
    chosen = visit.compared or NONE
    ways = [name for name in WAYS if name == NONE or visit.picked.compares]
    if AGE in ways and chosen != AGE and not is_gathering(visit.picked, now=visit.now):
        ways.remove(AGE)
    default = PREVIOUS if visit.picked.compares else NONE
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
        toggle=visit.address(**{COMPARE: NONE if chosen != NONE else None}),
    )


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


def _zone_words(label: str | Promise, zone: ZoneInfo) -> str:
    return f"{label}: {str(zone).replace('_', ' ')}"
