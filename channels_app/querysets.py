"""Words for channels; the tenant's rule lives here."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import models

from accounts.models import open_workspace

if TYPE_CHECKING:
    from channels_app.models import Channel, Post, TrackedChannel  # noqa: F401 - names in quoted types

MAX_ID_DIGITS = 18  # stays below 2**63


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Channels as a workspace may see them."""

    def for_workspace(self, workspace: Any) -> "ChannelQuerySet":
        """Channels that this workspace tracks."""
        return self.filter(trackings__workspace=workspace).exclude(hold="blocked")

    def named(self, name: str) -> "ChannelQuerySet":
        """By the API's way of naming: ``@username`` or the bare Telegram id. Nothing for anything else."""
        condition = _naming(name, prefix="")
        return self.none() if condition is None else self.filter(condition)


class TrackedChannelQuerySet(models.QuerySet["TrackedChannel"]):
    """Trackings as a workspace may see them."""

    def for_workspace(self, workspace: Any) -> "TrackedChannelQuerySet":
        """Trackings of this workspace; a channel that the operator has blocked is as if it were not there."""
        return self.filter(workspace=workspace).exclude(channel__hold="blocked")

    def live(self) -> "TrackedChannelQuerySet":
        """Trackings of workspaces that work: what is collected, is collected for these."""
        return self.filter(open_workspace("workspace__"))

    def named(self, name: str) -> "TrackedChannelQuerySet":
        """Trackings of the channel of that name, as `ChannelQuerySet.named` reads it."""
        condition = _naming(name, prefix="channel__")
        return self.none() if condition is None else self.filter(condition)


def column_named(name: str) -> tuple[str, str | int] | None:
    """The column of a channel that the API's way of naming means, and its value; None if it means no channel."""
    if name.startswith("@"):
        return "username", name[1:].lower()
    if name.isascii() and name.isdigit() and len(name) <= MAX_ID_DIGITS:
        return "tg_id", int(name)
    return None


def _naming(name: str, *, prefix: str) -> models.Q | None:
    found = column_named(name)
    return None if found is None else models.Q(**{f"{prefix}{found[0]}": found[1]})


# Posts are polled until they are 30 days old; one that a long outage left open is still found in this span.
_OPEN_SPAN = timedelta(days=60)


class PostQuerySet(models.QuerySet["Post"]):
    """Posts as the collector asks for them."""

    def due_for_poll(self, *, channel_id: int, now: datetime) -> "PostQuerySet":
        """Posts of a channel whose next poll is due, longest due first; found by the index on the publication date."""
        return self.filter(channel_id=channel_id, published_at__gt=now - _OPEN_SPAN, next_poll_at__lte=now).order_by(
            "next_poll_at", "message_id"
        )
