"""How each account addresses each channel: access hashes, rights, and the place in the update stream."""

from datetime import datetime

from django.db.models import QuerySet

from mtproto.models import PeerAccess, TelegramAccount
from mtproto.records import ChannelRecord, Peer


def remember_peer(account: TelegramAccount, record: ChannelRecord, *, now: datetime) -> PeerAccess | None:
    """Keep what `account` learnt about a channel; None when the record carries no access hash.

    Called after `resolve` and `channel`. An unknown pts, username or statistics DC never wipes a known one.
    """
    if record.access_hash is None:
        return None
    seen: dict[str, object] = {
        "access_hash": record.access_hash,
        "resolved_at": now,
        "is_member": record.is_member,
        "is_admin": record.is_admin,
    }
    told = {"username": record.username, "stats_dc": record.stats_dc, "pts": record.pts}
    seen.update({name: value for name, value in told.items() if value is not None})
    if record.is_full:
        seen["can_view_stats"] = record.can_view_stats
    # A difference that is being paged holds an older pts than channelFull tells: the first one wins.
    kept = {name: value for name, value in seen.items() if name != "pts"}
    peer, created = PeerAccess.objects.update_or_create(
        account=account, channel_tg_id=record.tg_id, defaults=kept, create_defaults=seen
    )
    if not created and peer.pts is None and record.pts is not None:
        save_pts(account, record.tg_id, pts=record.pts)
        peer.pts = record.pts
    return peer


def peer_for(account: TelegramAccount, tg_id: int) -> Peer | None:
    """The channel as this account addresses it; None when it has not met the channel."""
    row = PeerAccess.objects.filter(account=account, channel_tg_id=tg_id).first()
    return None if row is None else Peer(tg_id=row.channel_tg_id, access_hash=row.access_hash)


def peer_by_username(account: TelegramAccount, username: str) -> PeerAccess | None:
    """What this account resolved this username to, if ever: resolving again costs days of flood waits."""
    rows = PeerAccess.objects.filter(account=account, username=username.lower())
    return rows.order_by("-resolved_at").first()


def accounts_knowing(tg_id: int) -> QuerySet[TelegramAccount]:
    """Usable accounts that can address the channel: admins with statistics first, then members."""
    return (
        TelegramAccount.objects.usable()
        .filter(peers__channel_tg_id=tg_id)
        .order_by("-peers__can_view_stats", "-peers__is_admin", "-peers__is_member", "pk")
    )


def forget_peer(account: TelegramAccount, tg_id: int) -> None:
    """Drop a stale access hash, so that the channel is resolved again."""
    PeerAccess.objects.filter(account=account, channel_tg_id=tg_id).delete()


def forget_peers(account: TelegramAccount) -> None:
    """Drop all access hashes of an account (it has a new session), so that each channel is resolved again."""
    PeerAccess.objects.filter(account=account).delete()


def save_pts(account: TelegramAccount, tg_id: int, *, pts: int) -> bool:
    """Keep the channel's place in this account's update stream; False when the account has not met the channel."""
    return bool(PeerAccess.objects.filter(account=account, channel_tg_id=tg_id).update(pts=pts))


def pts_of(account: TelegramAccount, tg_id: int) -> int | None:
    """The kept place in the update stream."""
    return PeerAccess.objects.filter(account=account, channel_tg_id=tg_id).values_list("pts", flat=True).first()
