"""Measure all public channels by the same rates over the same days, to compare channels of one size."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics.network.bands import band_of
from analytics.network.models import ChannelStanding
from analytics.queries.benchmarks import measured_bands, rates_of
from channels_app.models import Channel

DAYS = 30
# Channels that are read together: few statements, and answers that fit into memory.
READ_AT_ONCE = 200


def compute_standings(*, now: datetime) -> dict[str, Any]:
    """Measure and replace the stored standings; call it in a transaction. Returns what the run notes.

    The days are the last 30 whole ones of UTC. Channels of unknown size stand nowhere.
    """
    until = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    since = until - timedelta(days=DAYS)
    ChannelStanding.objects.all().delete()
    measured = 0
    for channel_ids in _public_channels():
        rows = [
            ChannelStanding(
                channel_id=channel_id,
                band=band_of(subscribers),
                subscribers=subscribers,
                **{name: number.value for name, number in rates.items()},
            )
            for channel_id, (subscribers, rates) in zip(
                channel_ids, rates_of(channel_ids, since=since, until=until, now=now), strict=True
            )
            if subscribers is not None
        ]
        ChannelStanding.objects.bulk_create(rows)
        measured += len(rows)
    return {"since": since, "until": until, "channels": measured, "facts": {"bands": measured_bands()}}


def _public_channels() -> Iterator[list[int]]:
    """Ids of public channels that are collected, some at a time."""
    last = 0
    while True:
        found = Channel.objects.filter(pk__gt=last, username__isnull=False, sync__isnull=False).order_by("pk")
        ids = list(found.values_list("pk", flat=True)[:READ_AT_ONCE])
        if not ids:
            return
        yield ids
        last = ids[-1]
