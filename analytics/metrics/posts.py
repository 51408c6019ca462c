"""Metrics of posts: sums, means and shares over those published in the period."""

from django.utils.translation import gettext_lazy as _

from analytics.metrics.kinds import COUNTED, Aggregation, Cadence, Metric, Unit

_ADDITIVE, _RATIO = Aggregation.ADDITIVE, Aggregation.RATIO
_LIVE = Cadence.LIVE

SUMS = (
    Metric(
        "posts",
        _("Posts"),
        Unit.COUNT,
        _ADDITIVE,
        _LIVE,
        _("Posts published in the period. An album is one post; service messages and deleted posts are left out."),
        COUNTED,
    ),
    Metric(
        "forwarded_posts",
        _("Forwarded posts"),
        Unit.COUNT,
        _ADDITIVE,
        _LIVE,
        _("Posts of the period that were forwarded from elsewhere."),
        COUNTED,
    ),
    Metric(
        "views",
        _("Views"),
        Unit.COUNT,
        _ADDITIVE,
        _LIVE,
        _("Sum of the latest view counters of the posts published in the period."),
        COUNTED,
    ),
    Metric(
        "forwards",
        _("Forwards"),
        Unit.COUNT,
        _ADDITIVE,
        _LIVE,
        _("Sum of the latest forward counters of the posts published in the period."),
        COUNTED,
    ),
    Metric(
        "replies",
        _("Comments"),
        Unit.COUNT,
        _ADDITIVE,
        _LIVE,
        _("Sum of the latest comment counters of the posts published in the period."),
        COUNTED,
    ),
    Metric(
        "reactions",
        _("Reactions"),
        Unit.COUNT,
        _ADDITIVE,
        _LIVE,
        _("Sum of the latest reaction counters of the posts published in the period."),
        COUNTED,
    ),
)

REACH = (
    Metric(
        "avg_reach",
        _("Average reach"),
        Unit.MEAN,
        _RATIO,
        _LIVE,
        _(
            "Mean views of the channel's own posts of the period; "
            "forwarded posts show the original's counter and are left out."
        ),
        COUNTED,
    ),
    Metric(
        "err",
        _("ERR"),
        Unit.PERCENT,
        _RATIO,
        _LIVE,
        _("Average reach ÷ subscribers × 100."),
        COUNTED,
    ),
    *(
        Metric(
            f"reach_{hours}h",
            label,
            Unit.MEAN,
            _RATIO,
            _LIVE,
            formula,
            COUNTED,
        )
        for hours, label, formula in (
            (
                12,
                _("Reach in 12 hours"),
                _(
                    "Mean views of own posts at 12 hours of age, on a straight line between the readings before and "
                    "after, each at most 3 hours away."
                ),
            ),
            (
                24,
                _("Reach in 24 hours"),
                _(
                    "Mean views of own posts at 24 hours of age, on a straight line between the readings before and "
                    "after, each at most 6 hours away."
                ),
            ),
            (
                48,
                _("Reach in 48 hours"),
                _(
                    "Mean views of own posts at 48 hours of age, on a straight line between the readings before and "
                    "after, each at most 12 hours away."
                ),
            ),
        )
    ),
    Metric(
        "err24",
        _("ERR in 24 hours"),
        Unit.PERCENT,
        _RATIO,
        _LIVE,
        _("Reach in 24 hours ÷ subscribers × 100."),
        COUNTED,
    ),
)

ENGAGEMENT = (
    Metric(
        "er_views",
        _("Engagement by views"),
        Unit.PERCENT,
        _RATIO,
        _LIVE,
        _(
            "(Forwards + reactions + comments) ÷ views × 100, over the posts of the period "
            "of which any of the three is known."
        ),
        COUNTED,
    ),
    Metric(
        "er_subs",
        _("Engagement by subscribers"),
        Unit.PERCENT,
        _RATIO,
        _LIVE,
        _("(Forwards + reactions + comments) per post ÷ subscribers × 100, over the posts of the period."),
        COUNTED,
    ),
    Metric(
        "er_day",
        _("Daily engagement"),
        Unit.PERCENT,
        _RATIO,
        _LIVE,
        _(
            "(Forwards + reactions + comments) of the posts of the period ÷ days ÷ subscribers × 100; "
            "days that are still to come are not counted."
        ),
        COUNTED,
    ),
    Metric(
        "reactions_subs",
        _("Reaction rate"),
        Unit.PERCENT,
        _RATIO,
        _LIVE,
        _("Reactions per post ÷ subscribers × 100."),
        COUNTED,
    ),
    Metric(
        "replies_subs",
        _("Comment rate"),
        Unit.PERCENT,
        _RATIO,
        _LIVE,
        _("Comments per post ÷ subscribers × 100."),
        COUNTED,
    ),
    Metric(
        "virality",
        _("Virality"),
        Unit.RATIO,
        _RATIO,
        _LIVE,
        _("Forwards ÷ views, over the posts of the period of which both are known."),
        COUNTED,
    ),
)
