"""Records on their way in: checked, hashed, and if wanted made into rows, before anything is locked or asked. Pure."""

import logging
from collections.abc import Sequence
from datetime import datetime

from channels_app.ingest.content import Content, content_of
from channels_app.ingest.fresh import FreshRows
from channels_app.ingest.results import RecordRefused
from channels_app.ingest.validation import check_moment, counter_refusal, latest_of_each, refusal, without_impossible
from mtproto.records import AnyMessage, EmptyRecord, MessageRecord, ServiceRecord, Source

_log = logging.getLogger(__name__)


class Prepared:
    """What one look told of a channel's messages. `add` page by page; of several records with one id the last counts.

    With `rows`, each message is made into the rows of a new post at once: for whoever expects that most are new, and
    has the time now and not under the lock.
    """

    def __init__(self, channel_id: int, *, source: Source, observed_at: datetime, rows: bool = False) -> None:
        check_moment(observed_at)
        self.channel_id = channel_id
        self.source = Source(source)
        self.observed_at = observed_at
        # Why records were dropped, and why counters are unknown.
        self.refused: list[str] = []
        self.uncounted: list[str] = []
        self._rows = FreshRows(channel_id, source=self.source, observed_at=observed_at) if rows else None
        self._taken: dict[int, Content | EmptyRecord | ServiceRecord] = {}

    def add(self, records: Sequence[AnyMessage]) -> None:
        """Check and hash records. Raises RecordRefused for an impossible one of an import."""
        for record in latest_of_each(records):
            reason = refusal(record, source=self.source, observed_at=self.observed_at)
            if reason is None:
                try:
                    self._taken[record.message_id] = (
                        self._content(record) if isinstance(record, MessageRecord) else record
                    )
                except RecordRefused as error:
                    reason = error.message
            if reason is not None:
                if self.source is Source.IMPORT:
                    raise RecordRefused(reason, message_id=record.message_id)
                self.refused.append(reason)

    def _content(self, record: MessageRecord) -> Content:
        odd = counter_refusal(record)
        if odd is not None:
            if self.source is Source.IMPORT:
                raise RecordRefused(odd, message_id=record.message_id)
            record = without_impossible(record)
            self.uncounted.append(odd)
        content = content_of(record)
        if self._rows is not None and record.grouped_id is None:
            return Content(*content[:3], self._rows.single(content))
        return content

    def sorted_out(self) -> tuple[list[Content], list[int], int]:
        """(content messages, ids that are empty, number of service messages)."""
        seen = [one for one in self._taken.values() if type(one) is Content]
        empty = [one.message_id for one in self._taken.values() if type(one) is EmptyRecord]
        return seen, empty, len(self._taken) - len(seen) - len(empty)

    def log_refused(self) -> None:
        """Tell what was left out."""
        if self.refused:
            _log.warning(
                "Channel %s: dropped %s impossible records; first: %s",
                self.channel_id,
                len(self.refused),
                self.refused[0],
            )
        if self.uncounted:
            _log.warning(
                "Channel %s: impossible counters of %s posts are unknown; first: %s",
                self.channel_id,
                len(self.uncounted),
                self.uncounted[0],
            )
