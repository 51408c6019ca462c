"""Put tags on channels and take them off, rename one everywhere. One verb, one transaction, audit rows."""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, InvalidInput, NotFound
from analytics.tags.models import MOST_LETTERS, ChannelTag
from channels_app.models import TrackedChannel

MOST_PER_CHANNEL = 10
COLOURS = 5
_SPACES = re.compile(r"\s+")
_SHOWN = {"L", "M", "N", "P", "S", "Z"}


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """A word as it is written, and what makes spellings the same."""

    key: str
    word: str

    @property
    def colour(self) -> int:
        """1 to 5, the same for a word wherever it stands."""
        return zlib.crc32(self.key.encode()) % COLOURS + 1


def clean_word(text: str) -> str:
    """A word of 1 to 32 visible characters without # before and comma within; InvalidInput otherwise."""
    word = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip().lstrip("#").strip()
    if not word or len(word) > MOST_LETTERS or not key_of(word) or len(key_of(word)) > 2 * MOST_LETTERS:
        raise InvalidInput(_("A tag has 1 to %(most)s characters.") % {"most": MOST_LETTERS}, field="tag")
    if "," in word or any(unicodedata.category(letter)[0] not in _SHOWN for letter in word):
        raise InvalidInput(_("A tag holds letters, figures and signs, but no comma."), field="tag")
    return word


def key_of(text: str) -> str:
    """What makes two spellings one tag: neither capitals nor forms of letters count."""
    plain = unicodedata.normalize("NFKC", text.replace("\x00", "")).casefold()  # which no column can hold
    return _SPACES.sub(" ", plain).strip().lstrip("#").strip()


def tags_of(workspace: Workspace) -> dict[int, tuple[Tag, ...]]:
    """The tags of each tracking (by its row id), by name: one statement."""
    rows = ChannelTag.objects.filter(tracked__workspace=workspace).values_list("tracked_id", "key", "word")
    found: dict[int, list[Tag]] = {}
    for tracked_id, key, word in rows.order_by("key"):
        found.setdefault(tracked_id, []).append(Tag(key, word))
    return {tracked_id: tuple(tags) for tracked_id, tags in found.items()}


def counted(tags: Mapping[int, Sequence[Tag]]) -> list[tuple[Tag, int]]:
    """Every tag of the workspace by name, with the number of its channels."""
    counts: dict[str, int] = {}
    words: dict[str, Tag] = {}
    for several in tags.values():
        for tag in several:
            words.setdefault(tag.key, tag)
            counts[tag.key] = counts.get(tag.key, 0) + 1
    return [(words[key], counts[key]) for key in sorted(words)]


@transaction.atomic
def put_tag(
    workspace: Workspace, tracked_ids: Iterable[int], *, text: str, actor: Actor, now: datetime
) -> tuple[Tag, int]:
    """Put a word on channels of the workspace; the tag, and on how many channels it is new.

    A word that the workspace has keeps its spelling. InvalidInput (tag); Conflict for a channel with ten already;
    ids of others are passed over.
    """
    word = clean_word(text)
    _lock(workspace)
    known = ChannelTag.objects.filter(tracked__workspace=workspace, key=key_of(word)).values_list("word", flat=True)
    tag = Tag(key_of(word), known.first() or word)
    new = 0
    for tracked, before in _tagged(workspace, tracked_ids):
        if tag.key in before:
            continue
        if len(before) >= MOST_PER_CHANNEL:
            raise Conflict(
                _("%(channel)s has %(most)s tags already.") % {"channel": tracked.channel, "most": MOST_PER_CHANNEL}
            )
        ChannelTag.objects.create(tracked=tracked, key=tag.key, word=tag.word)
        _tell(tracked, before, {**before, tag.key: tag.word}, actor=actor, now=now)
        new += 1
    return tag, new


@transaction.atomic
def take_tag(workspace: Workspace, tracked_ids: Iterable[int], *, text: str, actor: Actor, now: datetime) -> int:
    """Take a word off channels of the workspace; off how many."""
    key = key_of(text)
    _lock(workspace)
    gone = 0
    for tracked, before in _tagged(workspace, tracked_ids):
        if key in before:
            ChannelTag.objects.filter(tracked=tracked, key=key).delete()
            left = {other: word for other, word in before.items() if other != key}
            _tell(tracked, before, left, actor=actor, now=now)
            gone += 1
    return gone


@transaction.atomic
def rename_tag(workspace: Workspace, *, key: str, text: str, actor: Actor, now: datetime) -> Tag:
    """Write a tag otherwise everywhere; if there is one that is written so, the two become one.

    InvalidInput (tag); NotFound for a tag that no channel has.
    """
    word = clean_word(text)
    _lock(workspace)
    ours = ChannelTag.objects.filter(tracked__workspace=workspace)
    rows = ours.filter(key=key)
    before = rows.values_list("word", flat=True).first()
    if before is None:
        raise NotFound(_("No channel has this tag."))
    renamed = Tag(key_of(word), word)
    if renamed.key != key:
        # Channels that have both keep one.
        rows.filter(tracked__in=ours.filter(key=renamed.key).values("tracked")).delete()
    ours.filter(key__in=[key, renamed.key]).update(key=renamed.key, word=word)
    record_audit(
        AuditAction.TAG_RENAMED,
        workspace,
        actor=actor,
        now=now,
        workspace_id=workspace.pk,
        before={"tag": before},
        after={"tag": word},
    )
    return renamed


@transaction.atomic
def remove_tag(workspace: Workspace, *, key: str, actor: Actor, now: datetime) -> int:
    """Take a tag off every channel; off how many."""
    _lock(workspace)
    rows = ChannelTag.objects.filter(tracked__workspace=workspace, key=key)
    word = rows.values_list("word", flat=True).first()
    if word is None:
        return 0
    gone, _models = rows.delete()
    record_audit(
        AuditAction.TAG_RENAMED,
        workspace,
        actor=actor,
        now=now,
        workspace_id=workspace.pk,
        before={"tag": word, "channels": gone},
        after={"tag": None},
    )
    return gone


def _lock(workspace: Workspace) -> None:
    """One at a time: limits and spellings hold for all channels of the workspace."""
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)


def _tagged(workspace: Workspace, tracked_ids: Iterable[int]) -> list[tuple[TrackedChannel, dict[str, str]]]:
    rows = TrackedChannel.objects.filter(workspace=workspace, pk__in=list(tracked_ids)).select_related("channel")
    words: dict[int, dict[str, str]] = {}
    for tracked_id, key, word in ChannelTag.objects.filter(tracked__in=rows).values_list("tracked_id", "key", "word"):
        words.setdefault(tracked_id, {})[key] = word
    return [(row, words.get(row.pk, {})) for row in rows.order_by("pk")]


def _tell(
    tracked: TrackedChannel, before: Mapping[str, str], after: Mapping[str, str], *, actor: Actor, now: datetime
) -> None:
    record_audit(
        AuditAction.CHANNEL_TAGGED,
        tracked,
        actor=actor,
        now=now,
        workspace_id=tracked.workspace_id,
        before={"tags": sorted(before.values())},
        after={"tags": sorted(after.values())},
    )
