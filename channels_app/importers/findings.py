"""What a reader came across: counts, spans, unknowns, and everything that was not taken as it stood."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from channels_app.importers.refusal import ImportRefused
from mtproto.records import MessageRecord, ServiceRecord

# Each repeated id is remembered (about 100 bytes); a channel's file has few or none.
MAX_DUPLICATES = 500_000
# Ids of a channel are dense: one page of bits holds this many of them.
_PAGE = 4096


class Format(StrEnum):
    """The forms of file that are read."""

    DESKTOP = "desktop"
    CSV = "csv"
    TELETHON = "telethon"


class Note(StrEnum):
    """Something a reader of the report should know; the number beside it counts the records it concerns."""

    LOCAL_DATES = "local_dates"
    ALBUMS_UNKNOWN = "albums_unknown"
    MEDIA_UNKNOWN = "media_unknown"
    CUSTOM_REACTIONS_UNNAMED = "custom_reactions_unnamed"
    REACTION_TOTALS_DROPPED = "reaction_totals_dropped"
    POLL_VOTES_UNKNOWN = "poll_votes_unknown"
    COUNTERS_IMPOSSIBLE = "counters_impossible"
    COUNTERS_ABBREVIATED = "counters_abbreviated"
    DETAILS_IMPOSSIBLE = "details_impossible"
    TEXT_REPAIRED = "text_repaired"
    NO_FINAL_LINE_BREAK = "no_final_line_break"
    ENCODING_GUESSED = "encoding_guessed"
    EMPTY_SKIPPED = "empty_skipped"
    UNSUPPORTED = "unsupported"
    COLUMNS_IGNORED = "columns_ignored"


@dataclass(frozen=True, slots=True)
class FileFacts:
    """What a file says about its channel. None: it does not say."""

    format: Format
    tg_id: int | None = None
    username: str | None = None
    title: str | None = None


class IdSet:
    """A set of message ids as pages of bits: a million dense ids take about 130 KB."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, number: int) -> bool:
        """Add `number`; False when it was there already."""
        page_no, bit = divmod(number, _PAGE)
        page = self._pages.get(page_no)
        if page is None:
            page = self._pages[page_no] = bytearray(_PAGE // 8)
        byte, mask = bit >> 3, 1 << (bit & 7)
        if page[byte] & mask:
            return False
        page[byte] |= mask
        return True


@dataclass(slots=True)
class Findings:
    """Counts of one reading. A message that comes twice counts twice in `messages`; `duplicates` tells by id."""

    messages: int = 0
    service_messages: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None
    # The newest moment that the file knows of, edits included: its counters cannot be older.
    latest_moment: datetime | None = None
    lowest_id: int | None = None
    highest_id: int | None = None
    album_items: int = 0
    unknown: Counter[str] = field(default_factory=Counter)
    media: Counter[str] = field(default_factory=Counter)
    notes: Counter[Note] = field(default_factory=Counter)
    # How often an id came, for ids that came more than once.
    duplicates: dict[int, int] = field(default_factory=dict)
    title: str | None = None
    _seen: IdSet = field(default_factory=IdSet)
    _title_id: int = 0

    @property
    def distinct(self) -> int:
        """Number of records (messages and service messages) with ids of their own."""
        return self.messages + self.service_messages - sum(self.duplicates.values()) + len(self.duplicates)

    def offer_title(self, title: str, *, message_id: int) -> None:
        """Remember the channel's title as the latest service message tells it."""
        if title and message_id > self._title_id:
            self.title, self._title_id = title, message_id

    def take(self, record: MessageRecord | ServiceRecord) -> None:
        """Count `record`. Raises ImportRefused when too many ids repeat."""
        self._take_id(record.message_id)
        if self.first_at is None or record.date < self.first_at:
            self.first_at = record.date
        if self.last_at is None or record.date > self.last_at:
            self.last_at = record.date
        self._take_moment(record.date)
        if isinstance(record, ServiceRecord):
            self.service_messages += 1
            return
        self.messages += 1
        self.media[record.media_kind] += 1
        self.album_items += record.grouped_id is not None
        if record.edit_date:
            self._take_moment(record.edit_date)
        counters = record.counters
        self.notes[Note.COUNTERS_ABBREVIATED] += counters.approximate
        for name in ("views", "forwards", "replies", "reactions"):
            if getattr(counters, name) is None:
                self.unknown[name] += 1

    def _take_moment(self, moment: datetime) -> None:
        if self.latest_moment is None or moment > self.latest_moment:
            self.latest_moment = moment

    def _take_id(self, number: int) -> None:
        if self.lowest_id is None or number < self.lowest_id:
            self.lowest_id = number
        if self.highest_id is None or number > self.highest_id:
            self.highest_id = number
        if self._seen.add(number):
            return
        self.duplicates[number] = self.duplicates.get(number, 1) + 1
        if len(self.duplicates) > MAX_DUPLICATES:
            raise ImportRefused(
                f"More than {MAX_DUPLICATES} message ids come more than once: this is not one channel's file."
            )
