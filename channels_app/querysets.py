"""Words for channels; the tenant's rule lives here."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from channels_app.models import Channel, TrackedChannel  # noqa: F401 - names in quoted types


class ChannelQuerySet(models.QuerySet["Channel"]):
    """Channels as a workspace may see them."""

    def for_workspace(self, workspace: Any) -> "ChannelQuerySet":
        """Channels that this workspace tracks."""
        return self.filter(trackings__workspace=workspace)

    def named(self, name: str) -> "ChannelQuerySet":
        """By the API's way of naming: ``@username`` or the bare Telegram id. Nothing for anything else."""
        if name.startswith("@"):
            return self.filter(username=name[1:].lower())
        if name.isascii() and name.isdigit() and len(name) <= 18:  # noqa: PLR2004 - below 2**63
            return self.filter(tg_id=int(name))
        return self.none()


class TrackedChannelQuerySet(models.QuerySet["TrackedChannel"]):
    """Trackings as a workspace may see them."""

    def for_workspace(self, workspace: Any) -> "TrackedChannelQuerySet":
        """Trackings of this workspace."""
        return self.filter(workspace=workspace)
