"""Frozen records: everything that comes in from Telegram, an export, a CSV or a preview page takes these shapes.

Unknown is None, never 0. Times are aware UTC. Counters may fall and may be absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")


def _quick(record: type[T]) -> type[T]:
    """A frozen record that is made thousands of times: mypy alone keeps it frozen.

    Enforced at run time, each field is set by a call, and making a message takes three times as long.
    """
    twin = make_dataclass("Twin", [(f.name, Any, field(default=f.default)) for f in fields(record)])  # type: ignore[arg-type]
    record.__init__ = twin.__init__  # type: ignore[method-assign,misc]
    del record.__setattr__, record.__delattr__
    return record


class Source(StrEnum):
    """Where a fact was observed. The order of trust of each metric is declared in analytics."""

    OFFICIAL = "official"
    BOT = "bot"
    MTPROTO = "mtproto"
    IMPORT = "import"
    PREVIEW = "preview"


class MediaKind(StrEnum):
    """What a post carries beside its text."""

    NONE = "none"
    PHOTO = "photo"
    VIDEO = "video"
    ROUND_VIDEO = "round_video"
    VOICE = "voice"
    AUDIO = "audio"
    ANIMATION = "animation"
    STICKER = "sticker"
    DOCUMENT = "document"
    WEB_PAGE = "web_page"
    POLL = "poll"
    GEO = "geo"
    CONTACT = "contact"
    STORY = "story"
    GIVEAWAY = "giveaway"
    INVOICE = "invoice"
    GAME = "game"
    OTHER = "other"


class ReferenceKind(StrEnum):
    """How a post points at something else."""

    MENTION = "mention"  # @username of anyone, or a link to t.me/username
    LINK = "link"  # a link that can be read in the text
    HIDDEN_LINK = "hidden_link"  # a link behind other words


class PeerKind(StrEnum):
    """What stands behind a username or link."""

    CHANNEL = "channel"
    GROUP = "group"
    USER = "user"
    BOT = "bot"


@dataclass(frozen=True, slots=True)
class Peer:
    """A channel as one account addresses it: bare id and that account's own access hash."""

    tg_id: int
    access_hash: int


@_quick
@dataclass(frozen=True, slots=True)
class Reference:
    """A mention or link found in a post. `username` (lower case) and `message_id` when it leads into Telegram."""

    kind: ReferenceKind
    url: str | None = None
    username: str | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class ForwardHeader:
    """Where a forwarded post came from. `from_tg_id` is a channel's bare id when it is a public channel."""

    date: datetime | None = None
    from_tg_id: int | None = None
    from_name: str | None = None
    message_id: int | None = None
    post_author: str | None = None


@dataclass(frozen=True, slots=True)
class PollRecord:
    """A poll: options in order, votes None where Telegram does not tell them."""

    question: str
    options: tuple[tuple[str, int | None], ...]
    total_voters: int | None
    closed: bool


@_quick
@dataclass(frozen=True, slots=True)
class Entity:
    """Formatting of the text: Telegram's type name in snake case, offset and length in UTF-16 code units."""

    kind: str
    offset: int
    length: int
    url: str | None = None


@_quick
@dataclass(frozen=True, slots=True)
class Counters:
    """What was counted on one message at one moment. `reactions` by kind: emoji, ``custom:<id>`` or ``paid``."""

    views: int | None = None
    forwards: int | None = None
    replies: int | None = None
    reactions: Mapping[str, int] | None = None
    # True when the source abbreviates ("1.2K"): right to the written digits only.
    approximate: bool = False


@_quick
@dataclass(frozen=True, slots=True)
class MessageRecord:
    """A content message of a channel. An album's items come one by one, tied by `grouped_id`."""

    message_id: int
    date: datetime
    text: str = ""
    counters: Counters = Counters()
    entities: tuple[Entity, ...] = ()
    references: tuple[Reference, ...] = ()
    hashtags: tuple[str, ...] = ()
    media_kind: MediaKind = MediaKind.NONE
    grouped_id: int | None = None
    forward: ForwardHeader | None = None
    reply_to: int | None = None
    edit_date: datetime | None = None
    post_author: str | None = None
    silent: bool = False
    pinned: bool = False
    poll: PollRecord | None = None
    # Telegram hides the "edited" label: counters or reactions changed, or a silent edit. `edit_date` proves no edit.
    edit_hidden: bool = False


@dataclass(frozen=True, slots=True)
class ServiceRecord:
    """A service message (pin, title change, …). Not a post."""

    message_id: int
    date: datetime
    action: str


@dataclass(frozen=True, slots=True)
class EmptyRecord:
    """Telegram answered messageEmpty for this id: nothing is there (any more)."""

    message_id: int


AnyMessage = MessageRecord | ServiceRecord | EmptyRecord


@dataclass(frozen=True, slots=True)
class ChannelRecord:
    """A channel's facts as one account sees them. None: not told."""

    tg_id: int
    kind: PeerKind
    title: str
    access_hash: int | None = None
    username: str | None = None
    about: str | None = None
    subscribers: int | None = None
    created_at: datetime | None = None
    is_verified: bool = False
    is_scam: bool = False
    is_member: bool = False
    is_admin: bool = False
    can_view_stats: bool = False
    stats_dc: int | None = None
    linked_chat_tg_id: int | None = None
    photo_id: int | None = None
    pts: int | None = None
    # True when the facts come from channelFull; otherwise rights to statistics, about and subscribers are not told.
    is_full: bool = False


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """One answer of messages.getHistory, newest first. `total` is Telegram's count of messages, when told."""

    messages: tuple[AnyMessage, ...]
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """An official graph: exactly one of raw JSON text, a token to load it with, or Telegram's error text."""

    json: str | None = None
    token: str | None = None
    error: str | None = None
    zoom_token: str | None = None


@dataclass(frozen=True, slots=True)
class ValueAndPrevious:
    """An official figure with its value in the equal period before."""

    current: float
    previous: float


@dataclass(frozen=True, slots=True)
class BroadcastStats:
    """stats.broadcastStats: summary figures by Telegram's field name, and the graphs by theirs."""

    period_from: datetime
    period_to: datetime
    values: Mapping[str, ValueAndPrevious]
    enabled_notifications: tuple[float, float] | None
    graphs: Mapping[str, Graph]
    recent_posts: tuple[tuple[int, int, int, int], ...] = ()  # message id, views, forwards, reactions


@dataclass(frozen=True, slots=True)
class MessageStats:
    """stats.messageStats of one post."""

    message_id: int
    graphs: Mapping[str, Graph]


@dataclass(frozen=True, slots=True)
class PublicForward:
    """A public repost of one of our posts: where, and what it counts there."""

    channel_tg_id: int
    channel_username: str | None
    channel_title: str | None
    message_id: int
    date: datetime | None
    views: int | None


@dataclass(frozen=True, slots=True)
class PublicForwards:
    """A page of public reposts; `next_offset` None at the end."""

    count: int
    forwards: tuple[PublicForward, ...]
    next_offset: str | None


@dataclass(frozen=True, slots=True)
class NewMessages:
    """Update: messages were posted. `pts` is the channel's state after it, None when not told."""

    channel_tg_id: int
    messages: tuple[AnyMessage, ...]
    pts: int | None = None


@dataclass(frozen=True, slots=True)
class EditedMessages:
    """Update: messages were edited, or their counters or reactions changed."""

    channel_tg_id: int
    messages: tuple[AnyMessage, ...]
    pts: int | None = None


@dataclass(frozen=True, slots=True)
class DeletedMessages:
    """Update: Telegram says that these ids were deleted. This is proof."""

    channel_tg_id: int
    message_ids: tuple[int, ...]
    pts: int | None = None


@dataclass(frozen=True, slots=True)
class ChannelTooLong:
    """Update: too much happened; ask for the difference or page the history forward."""

    channel_tg_id: int
    pts: int | None = None


AnyUpdate = NewMessages | EditedMessages | DeletedMessages | ChannelTooLong


@dataclass(frozen=True, slots=True)
class ChannelDifference:
    """Answer of updates.getChannelDifference. `too_long`: page the history, then go on from `pts`."""

    updates: tuple[AnyUpdate, ...]
    pts: int
    final: bool
    too_long: bool
    timeout: int | None = None  # seconds to wait before asking again


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """Who is signed in."""

    tg_id: int
    phone: str | None
    username: str | None
    first_name: str
    is_premium: bool = False
    detail: Mapping[str, str] = field(default_factory=dict)
