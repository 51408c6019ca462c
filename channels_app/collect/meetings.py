"""Forgetting how channels are addressed where that may be wrong, so that they are met anew."""

from datetime import datetime

from channels_app.models import Channel
from mtproto.models import PeerAccess, TelegramAccount


def has_name(channel: Channel) -> bool:
    """Whether the channel can be found again without an access hash; one that is known by its id only cannot."""
    return bool(channel.username or channel.invite_hash)


def forget_stale(account: TelegramAccount, channel: Channel, *, before: datetime) -> bool:
    """Drop what the account learnt of the channel before this moment; True if there was something."""
    if channel.tg_id is None or not has_name(channel):
        return False
    known = PeerAccess.objects.filter(account=account, channel_tg_id=channel.tg_id, resolved_at__lt=before)
    return bool(known.delete()[0])


def forget_everywhere(channel: Channel) -> None:
    """Drop what all accounts learnt of the channel."""
    if channel.tg_id is not None and has_name(channel):
        PeerAccess.objects.filter(channel_tg_id=channel.tg_id).delete()
