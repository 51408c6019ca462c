"""From a channel's row to the peer that one account can call: resolved once, kept with that account's access hash."""

from datetime import datetime

from django.db import transaction

from channels_app.collect.proof import drop_unproven, is_private, refuse_shared
from channels_app.collect.schedule import restart_channel
from channels_app.collect.session import Session
from channels_app.ingest import ChannelMismatch, ingest_channel
from channels_app.models import Channel
from mtproto.errors import PeerNotChannel, PeerNotFound, PeerUnaddressed
from mtproto.models import PeerAccess, TelegramAccount
from mtproto.peers import peer_for, remember_peer
from mtproto.records import ChannelRecord, Peer, PeerKind, Source
from mtproto.references import PeerReference


class ChannelMerged(Exception):
    """The reference led to a channel that another row already is: all moved there, the work goes on there."""


async def address(session: Session, channel: Channel) -> Peer:
    """The peer of `channel` for the session's account, resolved if this account has not met it. PeerRefused."""
    # One at a time for each channel: several tasks of a new channel must not resolve its name several times.
    async with session.addressing[channel.pk]:
        return await _address(session, channel)


async def _address(session: Session, channel: Channel) -> Peer:
    if channel.tg_id is None:
        await session.database(channel.refresh_from_db, fields=["tg_id"])
    if channel.tg_id is not None:
        known = await session.database(peer_for, session.account, channel.tg_id)
        if known is not None:
            return known
    record = await session.gateway.resolve(reference_of(channel))
    if record.kind is not PeerKind.CHANNEL:
        raise PeerNotChannel(f"{channel} is a {record.kind.value}", kind=record.kind)
    if record.access_hash is None:
        raise PeerNotFound(f"{channel} cannot be addressed by this account")
    refuse_shared(session.account, channel, record)
    survivor = await session.database(adopt, session.account, channel, record, now=session.clock())
    if survivor != channel.pk:
        raise ChannelMerged(f"{channel} is channel {survivor}")
    channel.tg_id = record.tg_id
    return Peer(tg_id=record.tg_id, access_hash=record.access_hash)


def reference_of(channel: Channel) -> PeerReference:
    """How to ask for a channel that this account has not met."""
    if channel.username:
        return PeerReference(username=channel.username)
    if channel.invite_hash:
        return PeerReference(invite_hash=channel.invite_hash)
    return PeerReference(tg_id=channel.tg_id)


@transaction.atomic
def adopt(account: TelegramAccount, channel: Channel, record: ChannelRecord, *, now: datetime) -> int:
    """Keep what Telegram told of a channel: the access hash and rights of this account, and the public facts.

    A private channel is let go of for workspaces that have not shown that they may read it.
    Returns the channel's row: another than the one given when the reference led to a channel that we already have.
    """
    # The channel's row is locked first, everywhere: live updates lock it before the account's place in the stream.
    try:
        result = ingest_channel(channel.pk, record, source=Source.MTPROTO, observed_at=now)
    except ChannelMismatch as error:
        # Usernames move: what we follow is the channel, and this account cannot reach it by its old name.
        raise PeerUnaddressed(error.message) from error
    remember_peer(account, record, now=now)
    if is_private(record):
        drop_unproven(result.channel_id, tg_id=record.tg_id, now=now)
    if result.channel_id != channel.pk:
        restart_channel(Channel.objects.get(pk=result.channel_id), now=now)
    return result.channel_id


def access_of(account: TelegramAccount, channel: Channel) -> PeerAccess | None:
    """The account's rights in the channel and its place in the update stream."""
    if channel.tg_id is None:
        return None
    return PeerAccess.objects.filter(account=account, channel_tg_id=channel.tg_id).first()
