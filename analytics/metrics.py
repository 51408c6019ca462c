"""The registry of metrics: one name, one unit, one formula, one order of sources, used by every face.

Formulas: TGStat's definitions where the field has agreed on them (average reach, ERR, ER by views), each named
by its denominator, because "ER" alone means three different things on the market.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mtproto.records import Source


class Unit(StrEnum):
    """What kind of number a metric is; they are never mixed."""

    COUNT = "count"
    PERCENT = "percent"
    MEAN = "mean"  # a mean of counts


class Cadence(StrEnum):
    """How a metric adds up over time."""

    ADDITIVE = "additive"  # the sum over sub-periods is the value of the period
    LAST = "last"  # the value at the end of the period
    RATIO = "ratio"  # computed anew for each period from its parts


@dataclass(frozen=True, slots=True)
class Metric:
    """A named number: what it is called, how it is computed, and whose word counts most, first to last."""

    name: str
    label: Promise
    unit: Unit
    cadence: Cadence
    formula: Promise
    sources: tuple[Source, ...]


_COUNTED = (Source.MTPROTO, Source.IMPORT, Source.PREVIEW)
_SUBSCRIBERS = (Source.MTPROTO, Source.BOT, Source.OFFICIAL, Source.IMPORT, Source.PREVIEW)

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            "posts",
            _("Posts"),
            Unit.COUNT,
            Cadence.ADDITIVE,
            _("Posts published in the period. An album is one post; service messages and deleted posts are left out."),
            _COUNTED,
        ),
        Metric(
            "views",
            _("Views"),
            Unit.COUNT,
            Cadence.ADDITIVE,
            _("Sum of the latest view counters of the posts published in the period."),
            _COUNTED,
        ),
        Metric(
            "avg_reach",
            _("Average reach"),
            Unit.MEAN,
            Cadence.RATIO,
            _(
                "Mean views of the channel's own posts of the period; "
                "forwarded posts show the original's counter and are left out."
            ),
            _COUNTED,
        ),
        Metric(
            "err",
            _("ERR"),
            Unit.PERCENT,
            Cadence.RATIO,
            _("Average reach ÷ subscribers × 100."),
            _COUNTED,
        ),
        Metric(
            "er_views",
            _("Engagement by views"),
            Unit.PERCENT,
            Cadence.RATIO,
            _("(Forwards + reactions + comments) ÷ views × 100, over the posts of the period."),
            _COUNTED,
        ),
        Metric(
            "followers",
            _("Subscribers"),
            Unit.COUNT,
            Cadence.LAST,
            _("Subscribers at the end of the period, as last counted."),
            _SUBSCRIBERS,
        ),
        Metric(
            "forwards",
            _("Forwards"),
            Unit.COUNT,
            Cadence.ADDITIVE,
            _("Sum of the latest forward counters of the posts published in the period."),
            _COUNTED,
        ),
        Metric(
            "replies",
            _("Comments"),
            Unit.COUNT,
            Cadence.ADDITIVE,
            _("Sum of the latest comment counters of the posts published in the period."),
            _COUNTED,
        ),
        Metric(
            "reactions",
            _("Reactions"),
            Unit.COUNT,
            Cadence.ADDITIVE,
            _("Sum of the latest reaction counters of the posts published in the period."),
            _COUNTED,
        ),
        Metric(
            "views_gained",
            _("Views gained"),
            Unit.COUNT,
            Cadence.ADDITIVE,
            _(
                "Views that all posts of the channel gained during the period while we were watching. "
                "What a post already had when it was first seen is not in it."
            ),
            (Source.MTPROTO,),
        ),
    )
}
