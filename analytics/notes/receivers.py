"""What other rooms tell that notes listen to."""

from typing import Any

from analytics.notes.work import move_notes
from channels_app.signals import channels_merging


def follow_merging(*, pending_id: int, into_id: int, **_more: Any) -> None:
    """Two rows of channels turned out to be one."""
    move_notes(pending_id, into_id=into_id)


channels_merging.connect(follow_merging, dispatch_uid="notes")
