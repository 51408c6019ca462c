"""The whole table of a channel's snapshots as CSV through its address, against a bare COPY of the same rows."""

import statistics

from django.db import connection

from benchmarks.timing import timed
from benchmarks.visiting import Visitor
from channels_app.snapshots import readings_sql

ROUNDS = 7
_COPY = f"""
COPY (SELECT p.message_id, s.observed_at, s.views, s.forwards, s.replies, s.reactions, s.source, s.approximate
  FROM channels_app_post p CROSS JOIN LATERAL ({readings_sql("ARRAY[p.id]")}) s
  WHERE p.channel_id = %s ORDER BY p.message_id, s.observed_at) TO STDOUT WITH (FORMAT csv, HEADER)
"""


def _bare(channel_id: int) -> int:
    with connection.cursor() as cursor, cursor.copy(_COPY, [channel_id]) as blocks:
        return sum(bytes(block).count(b"\n") for block in blocks)


def measure(visitor: Visitor) -> float:
    """Prints and returns rows a second through the address over those of COPY, medians of turns."""
    ours, bare, rows = [], [], 0
    for turn in range(ROUNDS):
        name, channel_id = visitor.channels[turn % len(visitor.channels)]
        address = f"/api/v2/exports/channels/{name}/all-snapshots"
        seconds, rows = timed(lambda: visitor.lines(address))  # noqa: B023
        ours.append(rows / seconds)
        seconds, rows = timed(lambda: _bare(channel_id))  # noqa: B023
        bare.append(rows / seconds)
    ratio = statistics.median(ours) / statistics.median(bare)
    print(
        f"CSV of {rows:,} snapshots: {statistics.median(ours):,.0f} rows/s, COPY"
        f" {statistics.median(bare):,.0f}: {ratio:.2f}"
    )
    return ratio
