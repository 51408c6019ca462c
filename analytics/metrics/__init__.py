"""The registry of metrics: one name, one unit, one formula, one order of sources, used by every face.

Formulas: TGStat's definitions where the field has agreed on them (average reach, ERR, ER by views, daily reach),
Popsters' and LiveDune's for rates by subscribers, dstat's virality; each named by its denominator, because "ER" alone
means three different things on the market.
"""

from collections.abc import Sequence

from analytics.metrics import channel, details, posts
from analytics.metrics.kinds import Aggregation, Cadence, Metric, Unit
from mtproto.records import Source

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        *posts.SUMS,
        *posts.REACH,
        *posts.ENGAGEMENT,
        *channel.AUDIENCE,
        *channel.GAINED,
        *channel.DAYS,
        *channel.CURVES,
        *details.POSTS,
        *details.GROUPS,
        *details.NETWORK,
    )
}


def rank_sql(name: str, column: str) -> str:
    """SQL for the rank of a source in the declared order of a metric: 1 is the best, null for one that has no say."""
    words = ", ".join(f"'{source.value}'" for source in METRICS[name].sources)
    return f"array_position(ARRAY[{words}]::text[], {column}::text)"


def sources_of(name: str, among: Sequence[Source]) -> list[str]:
    """The sources of a metric that are also `among` those, in the declared order."""
    return [source.value for source in METRICS[name].sources if source in among]


__all__ = ["METRICS", "Aggregation", "Cadence", "Metric", "Source", "Unit", "rank_sql", "sources_of"]
