"""Views at an exact age, of many posts at once: the rule of `between` as SQL.

Readings are those up to the last one that is near any of the ages, and the latest counter after them.
"""

from typing import Any

from analytics.queries.between import NEAR
from analytics.queries.question import StatsQuery
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from analytics.queries.segments import post_conditions, segment_parameters
from analytics.queries.sums import AGES_HOURS, Aged
from channels_app.snapshots import CLOCK_SKEW, readings_sql

# Minutes to each side, per hour of age.
TOLERANCE_MINUTES = round(60 * NEAR)

# Readings that may be needed for any of the ages, read once for each post.
_NEAR = readings_sql(
    "ARRAY[o.id]",
    since=f"o.published_at - interval '{CLOCK_SKEW.days} days'",
    until=f"o.published_at + make_interval(mins => {max(AGES_HOURS) * (60 + TOLERANCE_MINUTES)})",
)
_AGED = f"""
, own AS (
  SELECT w.n, p.* FROM span w
  CROSS JOIN LATERAL (
    SELECT p.id, p.published_at, CASE WHEN NOT p.counters_approximate THEN p.views END AS views, p.counters_at,
           p.counters_source FROM channels_app_post p
    WHERE p.channel_id = w.channel AND p.deleted_at IS NULL AND NOT p.is_forward
      AND p.published_at >= w.first AND p.published_at < w.last
      AND p.published_at + make_interval(hours => {min(AGES_HOURS)}) <= %(now)s {{segment}}
  ) p
), sides AS (
  SELECT o.n, x.* FROM own o
  CROSS JOIN LATERAL (
    WITH r AS MATERIALIZED (
      SELECT observed_at, views, source FROM ({_NEAR}) r WHERE NOT r.approximate AND r.views IS NOT NULL
    )
    SELECT a.hours, a.age, a.at, a.tolerance, b.observed_at AS t0, b.views AS v0,
           coalesce(f.observed_at, CASE WHEN o.views IS NOT NULL AND o.counters_at >= a.at THEN o.counters_at END)
             AS t1, coalesce(f.views, o.views) AS v1, coalesce(b.source, f.source, o.counters_source) AS source
    FROM (
      SELECT hours, make_interval(hours => hours) AS age, o.published_at + make_interval(hours => hours) AS at,
             make_interval(mins => hours * {TOLERANCE_MINUTES}) AS tolerance
      FROM unnest(%(ages)s::int[]) AS hours
    ) a
    LEFT JOIN LATERAL (
      SELECT * FROM r WHERE r.observed_at <= a.at ORDER BY r.observed_at DESC LIMIT 1
    ) b ON true
    LEFT JOIN LATERAL (
      SELECT * FROM r WHERE r.observed_at >= a.at ORDER BY r.observed_at LIMIT 1
    ) f ON true
    WHERE a.at <= %(now)s
  ) x
), known AS (
  SELECT n, hours, source, greatest(t0, t1) AS observed_at,
    CASE WHEN t1 = at THEN v1
         WHEN v0 = v1 AND t1 IS NOT NULL THEN v0
         WHEN at - t0 <= tolerance AND t1 - at <= tolerance
           THEN v0 + (v1 - v0) * extract(epoch FROM at - t0) / extract(epoch FROM t1 - t0) END AS y,
    extract(epoch FROM age + CASE WHEN at - t0 <= t1 - at THEN t0 - at ELSE t1 - at END) / 3600 AS true_age
  FROM sides
)
SELECT n, hours, count(*) AS old_enough, count(y) AS known, avg(y) AS y, max(observed_at) AS observed_at,
       mode() WITHIN GROUP (ORDER BY source) FILTER (WHERE y IS NOT NULL) AS source,
       avg(true_age) FILTER (WHERE y IS NOT NULL) AS true_age
FROM known GROUP BY n, hours
"""


def aged_of(query: StatsQuery, spans_sql: str, parameters: dict[str, Any]) -> dict[tuple[int, int], Aged]:
    """Mean views at 12, 24 and 48 hours of the own posts of spans, by (number of the span, hours): one statement.

    `spans_sql` is the CTE `span` (n, channel, first, last) with its parameters.
    """
    sql = f"WITH {spans_sql}{_AGED.format(segment=post_conditions(query))}"
    more = {"ages": list(AGES_HOURS), "now": query.now} | segment_parameters(query)
    with read_cursor() as cursor:
        cursor.execute(sql, parameters | more)
        return {
            (row["n"], row["hours"]): Aged(
                value=None if row["y"] is None else float(row["y"]),
                known=row["known"],
                old_enough=row["old_enough"],
                source=row["source"],
                observed_at=row["observed_at"],
                true_age=None if row["true_age"] is None else round(float(row["true_age"]), 4),
            )
            for row in rows_as_dicts(cursor)
        }
