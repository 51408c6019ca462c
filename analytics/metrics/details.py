"""Numbers that stand in lists, curves and graphs: of single posts, of pairs of channels, of groups of posts."""

from django.utils.translation import gettext_lazy as _

from analytics.metrics.kinds import COUNTED, Aggregation, Cadence, Metric, Unit
from mtproto.records import Source

_ADDITIVE, _LAST, _RATIO = Aggregation.ADDITIVE, Aggregation.LAST, Aggregation.RATIO
_LIVE, _DAILY = Cadence.LIVE, Cadence.DAILY

POSTS = (
    Metric(
        "curve",
        _("Views by age"),
        Unit.COUNT,
        _LAST,
        _LIVE,
        _("Views of a post at each age at which it was looked at."),
        COUNTED,
    ),
    Metric(
        "growth",
        _("Views gained by a post"),
        Unit.COUNT,
        _ADDITIVE,
        _LIVE,
        _("Views of a post at the end of the period − views at its beginning."),
        (Source.MTPROTO,),
    ),
    Metric(
        "ctr",
        _("Click rate"),
        Unit.PERCENT,
        _RATIO,
        _LIVE,
        _("Clicks on the links of a post ÷ its views × 100, where clicks are known."),
        COUNTED,
    ),
    Metric(
        "public_forwards",
        _("Public reposts"),
        Unit.COUNT,
        _LAST,
        _DAILY,
        _("Reposts of a post in public channels, as official statistics list them."),
        (Source.OFFICIAL,),
        owners_only=True,
    ),
    Metric(
        "entries",
        _("Edits and deletions"),
        Unit.COUNT,
        _ADDITIVE,
        _LIVE,
        _("Edits and deletions of posts that we saw in the period."),
        COUNTED,
    ),
    Metric(
        "events",
        _("Events"),
        Unit.COUNT,
        _ADDITIVE,
        _LIVE,
        _("What we saw happen: mentions by big channels, posts that ran ahead, gaps, imports, new names."),
        COUNTED,
    ),
)

GROUPS = (
    Metric(
        "reach",
        _("Reach by day of publication"),
        Unit.MEAN,
        _RATIO,
        _LIVE,
        _("Mean views of the own posts published on a day."),
        COUNTED,
    ),
    Metric(
        "effect",
        _("Effect on reach"),
        Unit.PERCENT,
        _RATIO,
        _LIVE,
        _("How much more or less a group of posts reaches than the channel's posts usually do at the same age."),
        COUNTED,
    ),
)

NETWORK = (
    Metric(
        "count",
        _("Mentions and reposts"),
        Unit.COUNT,
        _ADDITIVE,
        _LIVE,
        _("Posts of one channel that mention, link or forward another, in the period."),
        COUNTED,
    ),
    Metric(
        "rank",
        _("Citation rank"),
        Unit.SCORE,
        _RATIO,
        _DAILY,
        _("PageRank of a channel in the graph of collected mentions and reposts."),
        COUNTED,
    ),
)
