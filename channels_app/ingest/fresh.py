"""A post as it is stored when it is seen for the first time: its rows, ready but for its primary key. Pure.

Rows are made before anything is known or locked: whether the post is new is decided when they are written. They are
kept as bytes, which hold a text with emoji in a quarter of the memory that it takes as characters.
"""

from datetime import datetime
from typing import NamedTuple

from channels_app.ingest import rows
from channels_app.ingest.content import Content
from channels_app.ingest.counters import HOUR_SECONDS, Known, Values, first_told, is_young, told
from channels_app.schedule import next_poll_at
from mtproto.records import Source

_NO_BASELINE = "0\t0\t0\t0"


class Fresh(NamedTuple):
    """What a new post adds. Each row goes behind the post's primary key."""

    post: bytes
    snapshot: bytes | None
    references: tuple[bytes, ...]
    # The hour of publication, counted from the epoch.
    hour: int
    # What it is credited with in the hour of this look; None: nothing.
    gain: tuple[int, ...] | None


class FreshRows:
    """Makes the rows of new posts of one channel, source and moment."""

    def __init__(self, channel_id: int, *, source: Source, observed_at: datetime) -> None:
        stamp = observed_at.isoformat()
        self._at = observed_at
        self._polls = source is Source.MTPROTO
        self._channel_id = channel_id
        self._channel = f"\t{channel_id}\t"
        self._look = f"{stamp}\t{source}"
        self._snapshot = {exact: f"\t{stamp}\t{source}\t{'f' if exact else 't'}\t".encode() for exact in (True, False)}
        self._end = f"\t{source}\t{stamp}\t{stamp}\t{stamp}\t{source}\n"

    def single(self, content: Content) -> Fresh:
        """The rows of a message that is a post by itself."""
        return self.of(content, item_ids=[], known=first_told(content.record.counters))

    def of(self, content: Content, *, item_ids: list[int], known: Known) -> Fresh:
        """The rows of a post; `item_ids` of an album, in order."""
        record = content.record
        published, counts, numbers = record.date, known.values, told(known.values)
        young, all_exact = is_young(published, self._at), known.exact == numbers
        counted = rows.counts(known)
        due = next_poll_at(published, now=self._at) if self._polls else None
        end = (
            f"{known.exact}\t{'f' if all_exact or not known.approximate else 't'}\t"
            f"{_NO_BASELINE if young else _baseline(counts)}\t{self._look if numbers else _NEVER}\t"
            f"{rows.NULL if due is None else due.isoformat()}{self._end}"
        )
        references = record.references
        return Fresh(
            rows.post_row(content, item_ids=item_ids, total=counts[3], counted=counted, start=self._channel, end=end),
            b"".join((self._snapshot[all_exact], counted, b"\n")) if numbers else None,
            rows.reference_rows(references, channel_id=self._channel_id, published_at=published) if references else (),
            int(published.timestamp()) // HOUR_SECONDS,
            tuple([value or 0 for value in counts]) if young and any(counts) else None,
        )


_NEVER = f"{rows.NULL}\t{rows.NULL}"


def _baseline(values: Values) -> str:
    """All that a post counts when it is first seen, unless it is young; unknown is 0 in sums."""
    views, forwards, replies, reactions = values
    return f"{views or 0}\t{forwards or 0}\t{replies or 0}\t{reactions or 0}"
