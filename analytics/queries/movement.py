"""Who joined and who left on days, as SQL: of each day the best source's word, by the registry's order."""

from analytics.metrics import rank_sql


def _best(column: str, value: str) -> str:
    rank = rank_sql(column, "c.source")
    return f'(array_agg({value} ORDER BY {rank}) FILTER (WHERE c."{column}" IS NOT NULL AND {rank} > 0))[1]'


def movement_sql(*, first: str, end: str, told: str) -> str:
    """Subselect of one row (joined, left, net, days, told_at, source) over the days from `first` to before `end`.

    All arguments are SQL; `told` is whether the reader may know. `net` is over the days of which both are known, `days`
    how many have a word on either, `source` who had it most often.
    """
    return f"""
    SELECT sum(d.joined) AS joined, sum(d."left") AS "left", sum(d.joined - d."left") AS net,
           count(d.source) AS days, max(d.told_at) AS told_at, mode() WITHIN GROUP (ORDER BY d.source) AS source
    FROM (
        SELECT {_best("joined", "c.joined")} AS joined, {_best("left", "c.left")} AS "left",
               coalesce({_best("joined", "c.source")}, {_best("left", "c.source")}) AS source,
               max(c.observed_at) FILTER (WHERE c.joined IS NOT NULL OR c."left" IS NOT NULL) AS told_at
        FROM channels_app_dailyfact c
        WHERE {told} AND c.channel_id = %(channel)s AND c.day >= {first} AND c.day < {end}
        GROUP BY c.day
    ) d"""
