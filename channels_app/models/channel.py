"""Channels of Telegram, who tracks them, and their facts over time."""

from django.db import models
from django.db.models import Q

from channels_app.querysets import ChannelQuerySet, TrackedChannelQuerySet


class SourceChoice(models.TextChoices):
    """The words of `mtproto.records.Source`, as a column."""

    OFFICIAL = "official"
    BOT = "bot"
    MTPROTO = "mtproto"
    IMPORT = "import"
    PREVIEW = "preview"


class Hold(models.TextChoices):
    """What the operator has decided about a channel; the empty word is nothing."""

    PAUSED = "paused"  # nothing is asked of Telegram about it; what is stored is shown
    BLOCKED = "blocked"  # nor can any workspace see or add it


class Channel(models.Model):
    """A channel of Telegram: one row however many workspaces follow it, collected once."""

    # Bare Telegram id; null until the reference was resolved, or for an import that names no id.
    tg_id = models.BigIntegerField(null=True, unique=True)
    username = models.CharField(max_length=32, null=True)
    invite_hash = models.CharField(max_length=64, null=True, unique=True)
    title = models.CharField(max_length=255, blank=True, default="")
    about = models.TextField(blank=True, default="")
    is_verified = models.BooleanField(default=False)
    is_scam = models.BooleanField(default=False)
    telegram_created_at = models.DateTimeField(null=True)
    linked_chat_tg_id = models.BigIntegerField(null=True)
    subscribers = models.BigIntegerField(null=True)
    subscribers_at = models.DateTimeField(null=True)
    subscribers_source = models.CharField(max_length=8, choices=SourceChoice, null=True)
    subscribers_approximate = models.BooleanField(default=False)
    # When title, username and about were last told: an older telling never overwrites a newer one.
    facts_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    # Rises with each ingest that changed something a reader can see; ETags are made of it.
    version = models.BigIntegerField(default=0)
    hold = models.CharField(max_length=7, choices=Hold, blank=True, default="", db_default="")
    held_at = models.DateTimeField(null=True)
    held_for = models.CharField(max_length=300, blank=True, default="", db_default="")

    objects = ChannelQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(tg_id__isnull=False) | Q(username__isnull=False) | Q(invite_hash__isnull=False),
                name="channel_is_named_somehow",
            ),
            models.CheckConstraint(condition=Q(tg_id__isnull=True) | Q(tg_id__gt=0), name="channel_id_is_bare"),
            # Usernames move between channels: only the present holder carries one. Stored in lower case.
            models.UniqueConstraint(fields=["username"], name="channel_username_once"),
            models.CheckConstraint(condition=Q(hold__in=["", *Hold.values]), name="channel_hold_known"),
            models.CheckConstraint(
                condition=Q(hold="", held_at__isnull=True) | (~Q(hold="") & Q(held_at__isnull=False)),
                name="channel_hold_has_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"@{self.username}" if self.username else self.title or str(self.tg_id)


class Relation(models.TextChoices):
    """How a workspace stands to a channel."""

    OWNED = "owned"
    WATCHED = "watched"


class TrackedChannel(models.Model):
    """Ties a channel to a workspace: *owned* (admin right proven) or *watched* (public)."""

    # Indexed by tracked_once.
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, db_index=False, related_name="tracked_channels"
    )
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="trackings")
    relation = models.CharField(max_length=8, choices=Relation, default=Relation.WATCHED)
    added_by = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    # The invite link by which the workspace named the channel, if it did: whoever holds it may read the channel.
    invite_hash = models.CharField(max_length=64, null=True)
    created_at = models.DateTimeField()

    objects = TrackedChannelQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "channel"], name="tracked_once")]

    def __str__(self) -> str:
        return f"{self.channel_id} by workspace {self.workspace_id} ({self.relation})"


class ChannelFactChange(models.Model):
    """A change of title, username, about or another fact, as it was seen."""

    # Indexed by fact_change_once.
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="fact_changes")
    field = models.CharField(max_length=30)
    old = models.TextField(null=True)
    new = models.TextField(null=True)
    observed_at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=SourceChoice)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "field", "observed_at"], name="fact_change_once"),
        ]

    def __str__(self) -> str:
        return f"{self.field} of {self.channel_id}"


class SubscriberSample(models.Model):
    """The number of subscribers at a moment, by source. Written on change, and at least once a day."""

    # Indexed by subscriber_sample_once.
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="subscriber_samples")
    observed_at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=SourceChoice)
    count = models.BigIntegerField()
    approximate = models.BooleanField(default=False)

    class Meta:
        constraints = [
            # Also serves the curve of a channel over a period.
            models.UniqueConstraint(fields=["channel", "observed_at", "source"], name="subscriber_sample_once"),
            models.CheckConstraint(condition=Q(count__gte=0), name="subscribers_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.count} at {self.observed_at}"
