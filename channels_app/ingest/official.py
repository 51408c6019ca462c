"""Official statistics in: raw graphs as loaded, daily facts, graphs and public forwards of posts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

import orjson
from django.db import transaction
from django.db.models import F

from channels_app.ingest.results import DailyValues, OfficialResult
from channels_app.ingest.store import fetch, lock_channel
from channels_app.ingest.validation import MAX_MESSAGE_ID, check_moment, clean
from channels_app.models import Channel, OfficialGraph, OfficialSummary, Post
from channels_app.moved import Moved, tell_moved
from mtproto.records import Graph, PublicForward

Parse = Callable[[Mapping[str, Any]], Mapping[date, DailyValues]]

FIGURES = (
    "subscribers", "joined", "left", "muted", "unmuted", "notified", "notified_of", "views", "shares", "reactions",
)  # fmt: skip
# Under this name `Parse` finds the summary of a load among its graphs.
SUMMARY = "summary"
MAX_FIGURE = 2**63 - 1
DIGEST_BYTES = 32
_NUL = "\\u0000"


def ingest_official(
    channel_id: int,
    *,
    graphs: Mapping[str, Graph],
    daily: Mapping[date, DailyValues],
    observed_at: datetime,
    summary: Mapping[str, Any] | None = None,
) -> OfficialResult:
    """Keep graphs raw (once per content) and write the days they tell of; the `summary` of the load is kept as it is.

    A later load wins figure by figure; unknown never erases known. Graphs that are still tokens are passed over.
    Raises ChannelGone.
    """
    check_moment(observed_at)
    with transaction.atomic():
        lock_channel(channel_id)
        stored = _store_graphs(channel_id, graphs, observed_at=observed_at)
        if summary is not None:
            fetch(_SUMMARY, [channel_id, observed_at, orjson.dumps(summary).decode().replace(_NUL, "")])
        changed = _write_days(channel_id, daily, observed_at=observed_at)
        if stored or changed:
            _bump(channel_id)
    return OfficialResult(stored, changed)


_SUMMARY = """
INSERT INTO channels_app_officialsummary (channel_id, loaded_at, raw) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""


def reparse_official(channel_id: int, *, parse: Parse) -> int:
    """Write daily facts anew from all that was stored raw, oldest load first; returns the days changed.

    `parse` takes {graph name: raw JSON value} of one load, and its summary as `SUMMARY`.
    """
    with transaction.atomic():
        lock_channel(channel_id)
        fetch("DELETE FROM channels_app_dailyfact WHERE channel_id = %s AND source = 'official'", [channel_id])
        loads: dict[datetime, dict[str, Any]] = {}
        rows = OfficialGraph.objects.filter(channel_id=channel_id, raw__isnull=False).order_by("loaded_at")
        for graph, loaded_at, raw in rows.values_list("graph", "loaded_at", "raw").iterator():
            loads.setdefault(loaded_at, {})[graph] = raw
        summaries = OfficialSummary.objects.filter(channel_id=channel_id)
        for loaded_at, raw in summaries.values_list("loaded_at", "raw").iterator():
            loads.setdefault(loaded_at, {})[SUMMARY] = raw
        changed = sum(_write_days(channel_id, parse(loads[at]), observed_at=at) for at in sorted(loads))
        _bump(channel_id)
    return changed


def _bump(channel_id: int) -> None:
    Channel.objects.filter(pk=channel_id).update(version=F("version") + 1)
    tell_moved(channel_id, [Moved.SYNC])


def _raw(graph: Graph) -> tuple[str | None, str | None, str] | None:
    """(JSON text, error, digest) of a loaded graph; None while it is a token only."""
    text, error = graph.json, graph.error
    if text is not None:
        try:
            orjson.loads(text)
        except orjson.JSONDecodeError as problem:
            text, error = None, f"Telegram's answer is not JSON: {problem}"
        else:
            text = text.replace(_NUL, "")
    if text is None and error is None:
        return None
    digest = blake2b((text or error or "").encode("utf-8", "replace"), digest_size=DIGEST_BYTES).hexdigest()
    return text, clean(error), digest


_GRAPHS = """
INSERT INTO channels_app_officialgraph (channel_id, graph, loaded_at, raw, error, digest)
SELECT %s, n.graph, %s, n.raw, n.error, n.digest
FROM unnest(%s::text[], %s::jsonb[], %s::text[], %s::text[]) AS n(graph, raw, error, digest)
WHERE n.digest IS DISTINCT FROM (
  SELECT g.digest FROM channels_app_officialgraph g WHERE g.channel_id = %s AND g.graph = n.graph
  ORDER BY g.loaded_at DESC LIMIT 1)
ON CONFLICT DO NOTHING RETURNING 1
"""


def _store_graphs(channel_id: int, graphs: Mapping[str, Graph], *, observed_at: datetime) -> int:
    rows = [(name, *raw) for name, graph in graphs.items() if (raw := _raw(graph))]
    if not rows:
        return 0
    columns = [list(column) for column in zip(*rows, strict=True)]
    return len(fetch(_GRAPHS, [channel_id, observed_at, *columns, channel_id]))


# The newer load wins figure by figure; an older one fills what is unknown. The same values change nothing.
_DAYS = f"""
INSERT INTO channels_app_dailyfact AS d (channel_id, day, source, observed_at, {
    ", ".join(f'"{f}"' for f in FIGURES)
}, detail)
SELECT %s, n.day, 'official', %s, {", ".join(f'n."{f}"' for f in FIGURES)}, n.detail
FROM jsonb_to_recordset(%s::jsonb) AS n(day date, {", ".join(f'"{f}" bigint' for f in FIGURES)}, detail jsonb)
ON CONFLICT (channel_id, day, source) DO UPDATE SET
  observed_at = greatest(d.observed_at, excluded.observed_at),
  {
    ", ".join(
        f'''"{f}" = CASE WHEN excluded.observed_at >= d.observed_at THEN coalesce(excluded."{f}", d."{f}")
    ELSE coalesce(d."{f}", excluded."{f}") END'''
        for f in FIGURES
    )
},
  detail = CASE WHEN excluded.observed_at >= d.observed_at THEN d.detail || excluded.detail
    ELSE excluded.detail || d.detail END
RETURNING 1
"""
_KNOWN_DAYS = f"""
SELECT day, detail, {", ".join(f'"{f}"' for f in FIGURES)} FROM channels_app_dailyfact
WHERE channel_id = %s AND source = 'official' AND day = ANY(%s)
"""


def _write_days(channel_id: int, daily: Mapping[date, DailyValues], *, observed_at: datetime) -> int:
    """Returns the number of days whose values changed."""
    if not daily:
        return 0
    before = _days(channel_id, daily)
    values = [{"day": day, **_figures(values)} for day, values in daily.items()]
    fetch(_DAYS, [channel_id, observed_at, orjson.dumps(values).decode().replace(_NUL, "")])
    after = _days(channel_id, daily)
    return sum(after[day] != before.get(day) for day in after)


def _days(channel_id: int, days: Iterable[date]) -> dict[date, tuple[Any, ...]]:
    return {row[0]: row[1:] for row in fetch(_KNOWN_DAYS, [channel_id, list(days)])}


def _figures(values: DailyValues) -> dict[str, Any]:
    figures = clean(asdict(values))
    for name in FIGURES:
        figure = figures[name]
        if figure is not None and not -MAX_FIGURE <= figure <= MAX_FIGURE:
            figures[name] = None
    if figures["left"] is not None and figures["left"] < 0:
        figures["left"] = None
    if figures["notified"] is None or not figures["notified_of"]:
        figures["notified"] = figures["notified_of"] = None
    return figures  # type: ignore[no-any-return]


_POST_GRAPHS = """
INSERT INTO channels_app_postofficialgraph (post_id, graph, loaded_at, raw, error)
SELECT %s, n.graph, %s, n.raw, n.error FROM unnest(%s::text[], %s::jsonb[], %s::text[]) AS n(graph, raw, error)
WHERE NOT EXISTS (
  SELECT 1 FROM (SELECT g.raw, g.error FROM channels_app_postofficialgraph g WHERE g.post_id = %s AND g.graph = n.graph
                 ORDER BY g.loaded_at DESC LIMIT 1) last
  WHERE last.raw IS NOT DISTINCT FROM n.raw AND last.error IS NOT DISTINCT FROM n.error)
ON CONFLICT DO NOTHING RETURNING 1
"""


def ingest_post_graphs(channel_id: int, message_id: int, *, graphs: Mapping[str, Graph], observed_at: datetime) -> int:
    """Keep the raw graphs of a post; returns how many were new. 0 when the post is unknown."""
    check_moment(observed_at)
    rows = [(name, *raw[:2]) for name, graph in graphs.items() if (raw := _raw(graph))]
    with transaction.atomic():
        post_id = _post_of(channel_id, message_id)
        if post_id is None or not rows:
            return 0
        columns = [list(column) for column in zip(*rows, strict=True)]
        written = len(fetch(_POST_GRAPHS, [post_id, observed_at, *columns, post_id]))
        if written:
            _bump(channel_id)
        return written


_FORWARDS = """
INSERT INTO channels_app_publicforwardseen AS f (post_id, channel_tg_id, channel_username, channel_title, message_id,
  published_at, views, first_seen_at, last_seen_at)
SELECT %(post)s, n.channel_tg_id, n.channel_username, n.channel_title, n.message_id, n.date, n.views, %(at)s, %(at)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS n(channel_tg_id bigint, channel_username text, channel_title text,
  message_id int, date timestamptz, views bigint)
ON CONFLICT (post_id, channel_tg_id, message_id) DO UPDATE SET
  channel_username = coalesce(excluded.channel_username, f.channel_username),
  channel_title = coalesce(excluded.channel_title, f.channel_title),
  published_at = coalesce(excluded.published_at, f.published_at),
  views = coalesce(excluded.views, f.views), last_seen_at = excluded.last_seen_at
  WHERE excluded.last_seen_at >= f.last_seen_at
RETURNING (xmax = 0)
"""


def ingest_public_forwards(
    channel_id: int, message_id: int, forwards: Iterable[PublicForward], *, observed_at: datetime
) -> int:
    """Keep who reposted a post; returns how many reposts were new. 0 when the post is unknown."""
    check_moment(observed_at)
    found = {
        (one.channel_tg_id, one.message_id): clean(one) for one in forwards if 0 < one.message_id <= MAX_MESSAGE_ID
    }
    with transaction.atomic():
        post_id = _post_of(channel_id, message_id)
        if post_id is None or not found:
            return 0
        rows = orjson.dumps([asdict(one) for one in found.values()]).decode()
        written = fetch(_FORWARDS, {"post": post_id, "at": observed_at, "rows": rows})
        new = sum(int(row[0]) for row in written)
        if new:
            _bump(channel_id)
    return new


def _post_of(channel_id: int, message_id: int) -> int | None:
    """The post that carries this message id, locked: also one of an album's items."""
    named = Post.objects.select_for_update(no_key=True).filter(channel_id=channel_id)
    return (
        named.filter(message_id=message_id).values_list("pk", flat=True).first()
        or named.filter(item_ids__contains=[message_id], grouped_id__isnull=False).values_list("pk", flat=True).first()
    )
