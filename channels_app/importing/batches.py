"""The second pass: records in batches that ingest likes, each message id once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mtproto.records import MessageRecord, ServiceRecord

BATCH = 1000
# Characters of text in a batch: it is held several times over while it is written.
BATCH_TEXT = 2 * 2**20

Record = MessageRecord | ServiceRecord


@dataclass(slots=True)
class Batch:
    """Records to be written together."""

    records: list[Record] = field(default_factory=list)
    characters: int = 0

    def add(self, record: Record) -> bool:
        """Take `record`; True when the batch is full."""
        self.records.append(record)
        self.characters += len(record.text) if isinstance(record, MessageRecord) else 0
        return len(self.records) >= BATCH or self.characters >= BATCH_TEXT


def last_of_each(records: Iterable[Record], duplicates: dict[int, int]) -> Iterator[Record]:
    """Only the last record of each id. `duplicates`: how often an id comes, for ids that come more than once."""
    left = dict(duplicates)
    for record in records:
        remaining = left.get(record.message_id, 1) - 1
        if remaining:
            left[record.message_id] = remaining
        else:
            yield record


def in_batches(records: Iterable[Record], *, skip: int) -> Iterator[list[Record]]:
    """Batches of at most `BATCH` records, the first `skip` records left out."""
    batch = Batch()
    for number, record in enumerate(records):
        if number < skip:
            continue
        if batch.add(record):
            yield batch.records
            batch = Batch()
    if batch.records:
        yield batch.records
