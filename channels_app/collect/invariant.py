"""The nightly check over all channels: cells plus baselines equal the sum of the latest counters."""

import logging

from channels_app import metrics
from channels_app.cells import check_invariant
from channels_app.models import Channel

logger = logging.getLogger(__name__)

# Enough of a broken channel's differences to see what is wrong; a repair computes all anew.
SHOWN = 5


def check_all_cells() -> int:
    """Check every channel; returns how many do not add up."""
    broken = 0
    for channel_id in Channel.objects.order_by("pk").values_list("pk", flat=True):
        differences = check_invariant(channel_id)
        if differences:
            broken += 1
            logger.error(
                "channel=%s does not add up: %s differences, first %s",
                channel_id,
                len(differences),
                differences[:SHOWN],
            )
    metrics.BROKEN_CHANNELS.set(broken)
    return broken
