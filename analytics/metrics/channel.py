"""Metrics of the channel as a whole: its subscribers, and what all of its posts gained."""

from django.utils.translation import gettext_lazy as _

from analytics.metrics.kinds import COUNTED, DAY, MOVEMENT, SUBSCRIBERS, Aggregation, Cadence, Metric, Unit
from mtproto.records import Source

_ADDITIVE, _RATIO = Aggregation.ADDITIVE, Aggregation.RATIO
_HOURLY, _DAILY = Cadence.HOURLY, Cadence.DAILY
_CELLS = (Source.MTPROTO,)

AUDIENCE = (
    Metric(
        "followers",
        _("Subscribers"),
        Unit.COUNT,
        Aggregation.LAST,
        Cadence.LIVE,
        _(
            "Subscribers at the end of the period: of the last day's counts the one of the best source, "
            "and of that the last."
        ),
        SUBSCRIBERS,
    ),
    Metric(
        "followers_change",
        _("Change of subscribers"),
        Unit.COUNT,
        _ADDITIVE,
        Cadence.LIVE,
        _("Subscribers at the end of the period − subscribers at its beginning, as counted."),
        SUBSCRIBERS,
    ),
    Metric(
        "growth_rate",
        _("Growth"),
        Unit.PERCENT,
        _RATIO,
        Cadence.LIVE,
        _("Change of subscribers ÷ subscribers at the beginning of the period × 100."),
        SUBSCRIBERS,
    ),
    Metric(
        "joined",
        _("Joined"),
        Unit.COUNT,
        _ADDITIVE,
        _DAILY,
        _("People who joined on the whole days of the period, as the best source of each day tells."),
        MOVEMENT,
        owners_only=True,
    ),
    Metric(
        "left",
        _("Left"),
        Unit.COUNT,
        _ADDITIVE,
        _DAILY,
        _("People who left on the whole days of the period, as the best source of each day tells."),
        MOVEMENT,
        owners_only=True,
    ),
    Metric(
        "net",
        _("Joined less left"),
        Unit.COUNT,
        _ADDITIVE,
        _DAILY,
        _("Joined − left, over the days of which both are known."),
        MOVEMENT,
        owners_only=True,
    ),
    Metric(
        "muted",
        _("Switched notifications off"),
        Unit.COUNT,
        _ADDITIVE,
        _DAILY,
        _("Subscribers who switched notifications off on the whole days of the period."),
        (Source.OFFICIAL,),
        owners_only=True,
    ),
    Metric(
        "unmuted",
        _("Switched notifications on"),
        Unit.COUNT,
        _ADDITIVE,
        _DAILY,
        _("Subscribers who switched notifications on on the whole days of the period."),
        (Source.OFFICIAL,),
        owners_only=True,
    ),
    Metric(
        "notifications",
        _("Notifications on"),
        Unit.PERCENT,
        Aggregation.LAST,
        _DAILY,
        _("Subscribers with notifications on ÷ subscribers × 100, on the last whole day that Telegram tells of."),
        (Source.OFFICIAL,),
        owners_only=True,
    ),
)

GAINED = (
    Metric(
        "views_gained",
        _("Views gained"),
        Unit.COUNT,
        _ADDITIVE,
        _HOURLY,
        _(
            "Views that all posts of the channel gained during the period while we were watching. "
            "What a post already had when it was first seen is not in it."
        ),
        _CELLS,
    ),
    Metric(
        "forwards_gained",
        _("Forwards gained"),
        Unit.COUNT,
        _ADDITIVE,
        _HOURLY,
        _("Forwards that all posts of the channel gained during the period while we were watching."),
        _CELLS,
    ),
    Metric(
        "replies_gained",
        _("Comments gained"),
        Unit.COUNT,
        _ADDITIVE,
        _HOURLY,
        _("Comments that all posts of the channel gained during the period while we were watching."),
        _CELLS,
    ),
    Metric(
        "reactions_gained",
        _("Reactions gained"),
        Unit.COUNT,
        _ADDITIVE,
        _HOURLY,
        _("Reactions that all posts of the channel gained during the period while we were watching."),
        _CELLS,
    ),
)

DAYS = (
    Metric(
        "daily_reach",
        _("Daily reach"),
        Unit.MEAN,
        _RATIO,
        _DAILY,
        _("Views of all posts on a day, as the best source of that day tells; mean over the known days."),
        DAY,
    ),
    Metric(
        "day_views",
        _("Views of the days"),
        Unit.COUNT,
        _ADDITIVE,
        _DAILY,
        _("Views of all posts on the whole days of the period, as the best source of each day tells."),
        DAY,
    ),
    Metric(
        "day_shares",
        _("Shares of the days"),
        Unit.COUNT,
        _ADDITIVE,
        _DAILY,
        _("Shares of all posts on the whole days of the period, as the best source of each day tells."),
        DAY,
    ),
    Metric(
        "day_reactions",
        _("Reactions of the days"),
        Unit.COUNT,
        _ADDITIVE,
        _DAILY,
        _("Reactions to all posts on the whole days of the period, as the best source of each day tells."),
        DAY,
    ),
)

CURVES = (
    Metric(
        "half_life",
        _("Half-life"),
        Unit.DURATION,
        _RATIO,
        Cadence.LIVE,
        _("Age in hours at which a post had half of its views."),
        COUNTED,
    ),
    Metric(
        "lifetime_share",
        _("Share of lifetime views"),
        Unit.RATIO,
        _RATIO,
        Cadence.LIVE,
        _("Views at an age ÷ views now."),
        COUNTED,
    ),
    Metric(
        "score",
        _("Score"),
        Unit.SCORE,
        _RATIO,
        Cadence.LIVE,
        _("How far a post stands above what the channel's posts have at that age, in spreads."),
        COUNTED,
    ),
)
