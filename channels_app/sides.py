"""The row that keeps what tells the reach of a post (`channels_app.reach` writes it) as SQL: sides of ages, points."""

KEPT_HOURS = (12, 24, 48)
SIDES = ("before_at", "before", "after_at", "after", "source")
KEPT_COLUMNS = tuple(f"{side}_{hours}" for hours in KEPT_HOURS for side in SIDES)


def kept_sides_sql(kept: str) -> str:
    """Subselect (hours, before_at, before, after_at, after, source) of a row, the alias of `channels_app_postreach`.

    A row for each age; nothing is read for it.
    """
    rows = ", ".join(f"({hours}, {', '.join(f'{kept}.{side}_{hours}' for side in SIDES)})" for hours in KEPT_HOURS)
    return f"SELECT * FROM (VALUES {rows}) v(hours, before_at, before, after_at, after, source)"


def kept_points_sql(post: str, published_at: str) -> str:
    """Subselect (ages, views) of one post, two arrays as long as each other: the kept readings, ages in microseconds.

    Both arguments are SQL. Ascending, each reading once; a row of NULLs where nothing is kept or known. The row is read
    by its key, whatever the planner thinks how many there are.
    """
    points = ", ".join(f"(k.{at}_at_{hours}, k.{at}_{hours})" for hours in KEPT_HOURS for at in ("before", "after"))
    return f"""
    SELECT array_agg((extract(epoch FROM v.at - {published_at}) * 1000000)::bigint ORDER BY v.at) AS ages,
      array_agg(v.views ORDER BY v.at) AS views
    FROM (
      SELECT * FROM channels_app_postreach k WHERE k.post_id = {post} AND k.published_at = {published_at} LIMIT 1
    ) k CROSS JOIN LATERAL (SELECT DISTINCT * FROM (VALUES {points}) v(at, views) WHERE v.at IS NOT NULL) v"""
