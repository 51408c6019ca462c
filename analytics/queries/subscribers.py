"""What is known of a channel's subscribers at a moment, as SQL: one rule for the headline and for the curve.

Counts come from samples (any source) and from days that a file or, for owners, official statistics tell. The last
count before the moment holds; an approximate one ("12.3K") gives way to an exact one up to a week older. Counts of the
24 hours before the last one are of the same day: of these the best source's word is taken, by the order that the
registry declares, and of its words the last. A day's figure stands for its last second, or for the time it was told,
whichever came first.
"""

from analytics.metrics import rank_sql

_SAMPLE = "SELECT count, observed_at, source, approximate FROM channels_app_subscribersample"
_DAY_END = "least((day + 1)::timestamp AT TIME ZONE 'UTC' - interval '1 second', observed_at)"
_DAY = f"""SELECT subscribers AS count, {_DAY_END} AS observed_at, source, false AS approximate
FROM channels_app_dailyfact"""
_RANK = rank_sql("followers", "c.source")


def last_known(*, before: str, channel: str = "%(channel)s", owned: str = "%(owned)s::boolean") -> str:
    """Subselect of what holds before an SQL moment, at most one row.

    Columns: count, observed_at, source, approximate, counted_at. All arguments are SQL; official days count only where
    `owned` is true. `counted_at` is when subscribers were last counted at all, by whomever: `observed_at`, or later
    where a better word of before holds.
    """
    sample = f"{_SAMPLE} WHERE channel_id = {channel} AND observed_at < {before}"
    day = f"""{_DAY} WHERE channel_id = {channel} AND (source <> 'official' OR {owned}) AND subscribers IS NOT NULL
         AND day <= ({before} AT TIME ZONE 'UTC')::date AND {_DAY_END} < {before}"""
    return f"""
    SELECT c.count, c.observed_at, c.source, c.approximate, last.counted_at FROM (
        SELECT n.observed_at AS counted_at, coalesce(e.observed_at, n.observed_at) AS at,
               n.approximate AND e.observed_at IS NULL AS approximate
        FROM (
            ({sample} ORDER BY observed_at DESC LIMIT 1) UNION ALL ({day} ORDER BY day DESC LIMIT 1)
            ORDER BY observed_at DESC LIMIT 1
        ) n
        -- Looked for only where the last count is approximate, and no farther back than it would win.
        LEFT JOIN LATERAL (
            ({sample} AND NOT approximate AND n.approximate AND observed_at > n.observed_at - interval '7 days'
             ORDER BY observed_at DESC LIMIT 1)
            UNION ALL
            ({day} AND n.approximate AND {_DAY_END} > n.observed_at - interval '7 days' ORDER BY day DESC LIMIT 1)
            ORDER BY observed_at DESC LIMIT 1
        ) e ON true
    ) last
    CROSS JOIN LATERAL (
        {sample} AND observed_at <= last.at AND observed_at > last.at - interval '24 hours'
        UNION ALL
        {day} AND day >= (last.at AT TIME ZONE 'UTC')::date - 2
              AND {_DAY_END} <= last.at AND {_DAY_END} > last.at - interval '24 hours'
    ) c
    WHERE c.approximate = last.approximate ORDER BY {_RANK}, c.observed_at DESC LIMIT 1"""


def last_counted(*, before: str, channel: str, owned: str) -> str:
    """Two SQL moments, NULL for none: the last count and the last official day before an SQL moment.

    The later one is the `counted_at` of `last_known`, and no count lies between it and the moment.
    """
    return f"""(SELECT observed_at FROM channels_app_subscribersample WHERE channel_id = {channel}
      AND observed_at < {before} ORDER BY observed_at DESC LIMIT 1),
    (SELECT {_DAY_END} FROM channels_app_dailyfact WHERE channel_id = {channel}
      AND (source <> 'official' OR {owned}) AND subscribers IS NOT NULL
      AND day <= ({before} AT TIME ZONE 'UTC')::date AND {_DAY_END} < {before} ORDER BY day DESC LIMIT 1)"""


def first_known(*, since: str, channel: str = "%(channel)s", owned: str = "%(owned)s::boolean") -> str:
    """Subselect of the first count at or after an SQL moment, at most one row."""
    return f"""
    SELECT known.*, known.observed_at AS counted_at FROM (
        ({_SAMPLE} WHERE channel_id = {channel} AND observed_at >= {since} ORDER BY observed_at LIMIT 1)
        UNION ALL
        ({_DAY} WHERE channel_id = {channel} AND (source <> 'official' OR {owned}) AND subscribers IS NOT NULL
         AND {_DAY_END} >= {since} ORDER BY day LIMIT 1)
    ) known ORDER BY observed_at LIMIT 1"""
