"""Questions that name several channels: `channels=@a,b,123`."""

import re
from collections.abc import Sequence

from django.db.models import Q
from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput, NotFound
from analytics.questions.asking import Asked, ChannelHead, Reader
from channels_app.models import Relation, TrackedChannel
from channels_app.querysets import MAX_ID_DIGITS

MAX_CHANNELS = 10
# Of a workspace that tracks more than this, a question about all of them looks at those it added first.
MAX_TRACKED = 200
# As much of a name as an error repeats.
_NAME_SHOWN = 64
_USERNAME = re.compile(r"[a-z0-9_]{1,32}")


def channels_asked(asked: Asked, *, least: int = 1) -> tuple[ChannelHead, ...]:
    """The channels of the parameter `channels`, in its order: one read.

    InvalidInput for fewer than `least`, more than `MAX_CHANNELS`, or one named twice; NotFound naming the first that
    the workspace does not track.
    """
    names = [part.strip() for part in (asked.parameters.text("channels") or "").split(",") if part.strip()]
    if not least <= len(names) <= MAX_CHANNELS:
        raise InvalidInput(
            _("`channels` must name %(least)s to %(most)s channels, separated by commas.")
            % {"least": least, "most": MAX_CHANNELS},
            field="channels",
        )
    known = _known(asked.reader, names)
    heads = []
    for name in names:
        head, shown = known.get(_key(name)), name[:_NAME_SHOWN]
        if head is None:
            raise NotFound(_("This workspace tracks no channel %(name)s.") % {"name": shown}, field="channels")
        if head in heads:
            raise InvalidInput(_("The channel %(name)s is named twice.") % {"name": shown}, field="channels")
        heads.append(head)
    return tuple(heads)


def channel_asked(asked: Asked) -> ChannelHead | None:
    """The channel of the parameter `channel`, None without one; NotFound if the workspace does not track it."""
    name = (asked.parameters.text("channel") or "").strip()
    if not name:
        return None
    head = _known(asked.reader, [name]).get(_key(name))
    if head is None:
        raise NotFound(_("This workspace tracks no channel %(name)s.") % {"name": name[:_NAME_SHOWN]}, field="channel")
    return head


def all_tracked(reader: Reader) -> tuple[ChannelHead, ...]:
    """The channels of the workspace, as they were added, at most `MAX_TRACKED`: one read."""
    return _heads(reader, Q())


def _key(name: str) -> str | int:
    """A username in lower case, or a bare id."""
    is_id = name.isascii() and name.isdigit() and len(name) <= MAX_ID_DIGITS
    return int(name) if is_id else name.removeprefix("@").lower()


def _known(reader: Reader, names: Sequence[str]) -> dict[str | int, ChannelHead]:
    keys = {_key(name) for name in names}
    ids = [key for key in keys if isinstance(key, int)]
    usernames = [key for key in keys if isinstance(key, str) and _USERNAME.fullmatch(key)]
    heads = _heads(reader, Q(channel__tg_id__in=ids) | Q(channel__username__in=usernames))
    return {key: head for head in heads for key in (head.tg_id, head.username) if key is not None}


def _heads(reader: Reader, condition: Q) -> tuple[ChannelHead, ...]:
    rows = (
        TrackedChannel.objects.for_workspace(reader.workspace_id)
        .filter(condition)
        .order_by("pk")
        .values_list(
            "channel_id", "channel__tg_id", "channel__username", "channel__title", "channel__version", "relation"
        )[:MAX_TRACKED]
    )
    return tuple(
        ChannelHead(pk, tg_id, username, title, version, owned=relation == Relation.OWNED)
        for pk, tg_id, username, title, version, relation in rows
    )
