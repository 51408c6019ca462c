"""What is known of a channel's subscribers at a moment, as SQL: one rule for the headline and for the curve.

Counts come from samples (any source) and from days that a file or, for owners, official statistics tell. The last
count before the moment holds; an approximate one ("12.3K") gives way to an exact one up to a week older. A day's figure
stands for its last second, or for the time it was told, whichever came first.
"""

from analytics.queries.question import StatsQuery
from mtproto.records import Source

_SAMPLE = "SELECT count, observed_at, source, approximate FROM channels_app_subscribersample"
_DAY_END = "least((day + 1)::timestamp AT TIME ZONE 'UTC' - interval '1 second', observed_at)"
_DAY = f"""SELECT subscribers AS count, {_DAY_END} AS observed_at, source, false AS approximate
FROM channels_app_dailyfact"""


def daily_sources(query: StatsQuery) -> list[str]:
    """Sources of daily figures that this reader may see: official ones are for owners."""
    return [Source.IMPORT, *([Source.OFFICIAL] if query.owned else [])]


def last_known(*, before: str, since: str | None = None) -> str:
    """Subselect (count, observed_at, source, approximate) of the last count before an SQL moment, at most one row."""
    bound = f"AND observed_at >= {since}" if since else ""
    day_bound = f"AND {_DAY_END} >= {since} AND day >= ({since} AT TIME ZONE 'UTC')::date - 1" if since else ""
    return f"""
    SELECT * FROM (
        ({_SAMPLE} WHERE channel_id = %(channel)s AND NOT approximate AND observed_at < {before} {bound}
         ORDER BY observed_at DESC LIMIT 1)
        UNION ALL
        ({_SAMPLE} WHERE channel_id = %(channel)s AND approximate AND observed_at < {before} {bound}
         ORDER BY observed_at DESC LIMIT 1)
        UNION ALL
        ({_DAY} WHERE channel_id = %(channel)s AND source = ANY(%(daily)s) AND subscribers IS NOT NULL
         AND day <= ({before} AT TIME ZONE 'UTC')::date AND {_DAY_END} < {before} {day_bound}
         ORDER BY day DESC LIMIT 1)
    ) known
    ORDER BY observed_at - CASE WHEN approximate THEN interval '7 days' ELSE interval '0' END DESC LIMIT 1"""


def first_known(*, since: str) -> str:
    """Subselect of the first count at or after an SQL moment, at most one row."""
    return f"""
    SELECT * FROM (
        ({_SAMPLE} WHERE channel_id = %(channel)s AND observed_at >= {since} ORDER BY observed_at LIMIT 1)
        UNION ALL
        ({_DAY} WHERE channel_id = %(channel)s AND source = ANY(%(daily)s) AND subscribers IS NOT NULL
         AND {_DAY_END} >= {since} ORDER BY day LIMIT 1)
    ) known ORDER BY observed_at LIMIT 1"""
