"""Views at an exact age, of many posts at once: the rule of `between` as SQL.

Readings are those up to the last one that is near any of the ages, and the latest counter after them. Of posts past all
ages they are kept beside the post; the others' are looked for.
"""

from typing import Any

from analytics.queries.between import NEAR
from analytics.queries.question import StatsQuery
from analytics.queries.reading import read_cursor
from analytics.queries.rows import rows_as_dicts
from analytics.queries.segments import post_conditions, segment_parameters
from analytics.queries.sums import AGES_HOURS, Aged
from channels_app.reach import sides_sql
from channels_app.sides import KEPT_COLUMNS, kept_sides_sql

# Minutes to each side, per hour of age.
TOLERANCE_MINUTES = round(60 * NEAR)

_OWN = "o.n, o.published_at, o.views, o.counters_at, o.counters_source"
_AGED = f"""
, own AS MATERIALIZED (
  SELECT w.n, p.* FROM span w
  CROSS JOIN LATERAL (
    SELECT p.id, p.published_at, CASE WHEN NOT p.counters_approximate THEN p.views END AS views, p.counters_at,
           p.counters_source, k.post_id IS NOT NULL AS is_kept, {", ".join(f"k.{name}" for name in KEPT_COLUMNS)}
    FROM channels_app_post p
    -- By its key for each post, whatever the planner thinks how many there are.
    LEFT JOIN LATERAL (
      SELECT * FROM channels_app_postreach k WHERE k.post_id = p.id AND k.published_at = p.published_at LIMIT 1
    ) k ON true
    WHERE p.channel_id = w.channel AND p.deleted_at IS NULL AND NOT p.is_forward
      AND p.published_at >= w.first AND p.published_at < w.last
      AND p.published_at + make_interval(hours => {min(AGES_HOURS)}) <= %(now)s {{segment}}
  ) p
), found AS (
  SELECT {_OWN}, x.* FROM own o CROSS JOIN LATERAL ({kept_sides_sql("o")}) x WHERE o.is_kept
  UNION ALL
  SELECT {_OWN}, x.* FROM own o CROSS JOIN LATERAL ({sides_sql("o.id", "o.published_at")}) x WHERE NOT o.is_kept
), sides AS (
  SELECT n, hours, age, at, tolerance, before_at AS t0, before AS v0,
         coalesce(after_at, CASE WHEN views IS NOT NULL AND counters_at >= at THEN counters_at END) AS t1,
         coalesce(after, views) AS v1, coalesce(source, counters_source) AS source
  FROM (
    SELECT *, make_interval(hours => hours) AS age, published_at + make_interval(hours => hours) AS at,
           make_interval(mins => hours * {TOLERANCE_MINUTES}) AS tolerance
    FROM found
  ) a
  WHERE at <= %(now)s
), known AS (
  SELECT n, hours, source, greatest(t0, t1) AS observed_at,
    CASE WHEN t1 = at THEN v1
         WHEN v0 = v1 AND t1 IS NOT NULL THEN v0
         WHEN at - t0 <= tolerance AND t1 - at <= tolerance
           THEN v0 + (v1 - v0) * extract(epoch FROM at - t0) / extract(epoch FROM t1 - t0) END AS y,
    extract(epoch FROM age + CASE WHEN at - t0 <= t1 - at THEN t0 - at ELSE t1 - at END) / 3600 AS true_age
  FROM sides
), tallied AS (
  SELECT n, hours, source, count(*) AS posts, count(y) AS known, sum(y) AS y, max(observed_at) AS observed_at,
         sum(true_age) FILTER (WHERE y IS NOT NULL) AS true_age
  FROM known GROUP BY n, hours, source
)
SELECT n, hours, sum(posts)::bigint AS old_enough, sum(known)::bigint AS known, sum(y) / nullif(sum(known), 0) AS y,
       max(observed_at) AS observed_at, sum(true_age) / nullif(sum(known), 0) AS true_age,
       (array_agg(source ORDER BY known DESC, source) FILTER (WHERE known > 0 AND source IS NOT NULL))[1] AS source
FROM tallied GROUP BY n, hours
"""


def aged_of(query: StatsQuery, spans_sql: str, parameters: dict[str, Any]) -> dict[tuple[int, int], Aged]:
    """Mean views at 12, 24 and 48 hours of the own posts of spans, by (number of the span, hours): one statement.

    `spans_sql` is the CTE `span` (n, channel, first, last) with its parameters.
    """
    sql = f"WITH {spans_sql}{_AGED.format(segment=post_conditions(query))}"
    more = {"now": query.now} | segment_parameters(query)
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
