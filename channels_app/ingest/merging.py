"""Two rows that turned out to be one channel become one."""

from django.db import transaction
from django.db.models import F

from channels_app.cells import repair_channel
from channels_app.ingest.results import ChannelGone
from channels_app.ingest.store import fetch
from channels_app.models import Channel, Relation, TrackedChannel
from channels_app.moved import Moved, tell_moved
from channels_app.reach import forget_channel
from channels_app.signals import channels_merging

# Tables whose rows move, and what must stay unique beside the channel; what the other row has already, stays with it.
_MOVING = (
    ("importfile", ()),
    ("channelfactchange", ("field", "observed_at")),
    ("subscribersample", ("observed_at", "source")),
    ("dailyfact", ("day", "source")),
    ("collecttask", ("kind",)),
    ("channelsync", ("",)),
)


def merge_channels(pending_id: int, *, into_id: int) -> None:
    """The row `pending_id` turned out to be the channel of `into_id`: all that hangs on it moves there, it goes.

    Posts that an import gave it move too, where the other does not have them; cells are then computed anew.
    Raises ChannelGone when one of the rows is not there.
    """
    with transaction.atomic():
        rows = Channel.objects.select_for_update().filter(pk__in=[pending_id, into_id]).order_by("pk")
        if len(rows) != 2:  # noqa: PLR2004 - the two rows
            raise ChannelGone(f"Channel {pending_id} or {into_id} is not there (any more).")
        _move_trackings(pending_id, into_id)
        for table, unique in _MOVING:
            _move(table, unique, pending_id, into_id)
        if _move_posts(pending_id, into_id):
            fetch(_FREEZE, {"pending": pending_id, "into": into_id})
            repair_channel(into_id)
        channels_merging.send(Channel, pending_id=pending_id, into_id=into_id)
        invites = {row.pk: row.invite_hash for row in rows}
        Channel.objects.filter(pk=pending_id).delete()
        # Accounts that have not met the channel reach a private one by its invite link only.
        invite_hash = invites[into_id] or invites[pending_id]
        Channel.objects.filter(pk=into_id).update(version=F("version") + 1, invite_hash=invite_hash)
        tell_moved(into_id, [Moved.SYNC])


def _move_trackings(pending_id: int, into_id: int) -> None:
    followed = dict(TrackedChannel.objects.filter(channel_id=into_id).values_list("workspace_id", "pk"))
    for tracking in TrackedChannel.objects.filter(channel_id=pending_id):
        known = followed.get(tracking.workspace_id)
        if known is None:
            TrackedChannel.objects.filter(pk=tracking.pk).update(channel_id=into_id)
            continue
        kept: dict[str, str] = {}
        if tracking.relation == Relation.OWNED:
            kept["relation"] = Relation.OWNED
        if tracking.invite_hash:
            kept["invite_hash"] = tracking.invite_hash
        if kept:
            TrackedChannel.objects.filter(pk=known).update(**kept)


def _move(table: str, unique: tuple[str, ...], pending_id: int, into_id: int) -> None:
    same = "".join(f" AND x.{column} = t.{column}" for column in unique if column)
    condition = (
        f" AND NOT EXISTS (SELECT 1 FROM channels_app_{table} x WHERE x.channel_id = %s{same})" if unique else ""
    )
    fetch(
        f"UPDATE channels_app_{table} t SET channel_id = %s WHERE t.channel_id = %s{condition}",
        [into_id, pending_id, *([into_id] if unique else [])],
    )


_POSTS = """
WITH moving AS (
  SELECT p.id, p.grouped_id, p.message_id FROM channels_app_post p
  WHERE p.channel_id = %(pending)s
    AND NOT EXISTS (SELECT 1 FROM channels_app_post x WHERE x.channel_id = %(into)s AND x.message_id = p.message_id)
    AND NOT EXISTS (SELECT 1 FROM channels_app_post x WHERE x.channel_id = %(into)s AND x.grouped_id = p.grouped_id)
    AND NOT EXISTS (SELECT 1 FROM channels_app_albumitem x
                    WHERE x.channel_id = %(into)s AND x.message_id = p.message_id)
), refs AS (
  UPDATE channels_app_postreference r SET channel_id = %(into)s FROM moving m WHERE r.post_id = m.id
), items AS (
  UPDATE channels_app_albumitem i SET channel_id = %(into)s FROM moving m
  WHERE i.channel_id = %(pending)s AND i.grouped_id = m.grouped_id
    AND NOT EXISTS (SELECT 1 FROM channels_app_albumitem x
                    WHERE x.channel_id = %(into)s AND x.message_id = i.message_id)
)
UPDATE channels_app_post p SET channel_id = %(into)s FROM moving m WHERE p.id = m.id RETURNING p.id
"""


# Curves that were dropped move too: hours they fell into cannot be computed anew there either.
_FREEZE = """
INSERT INTO channels_app_curvekeeping AS k (channel_id, frozen_before, due_at)
SELECT %(into)s, frozen_before, due_at FROM channels_app_curvekeeping
WHERE channel_id = %(pending)s AND frozen_before IS NOT NULL
ON CONFLICT (channel_id) DO UPDATE SET frozen_before = greatest(k.frozen_before, excluded.frozen_before)
"""


def _move_posts(pending_id: int, into_id: int) -> bool:
    forget_channel(pending_id)
    moved = fetch(_POSTS, {"pending": pending_id, "into": into_id})
    fetch(
        "DELETE FROM channels_app_postsnapshot WHERE post_id IN"
        " (SELECT id FROM channels_app_post WHERE channel_id = %s)",
        [pending_id],
    )
    return bool(moved)
