"""How far collecting has come: state of each channel, due work, gaps."""

from django.db import models
from django.db.models import F, Q

from analyticbot.core.work import DueWork
from channels_app.models.channel import Channel


class SyncState(models.TextChoices):
    """What the history of a channel is at."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"


class ChannelSync(models.Model):
    """Progress of the two-way history sync. All ids in [oldest_id, newest_id] have been asked for."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="sync")
    state = models.CharField(max_length=8, choices=SyncState, default=SyncState.PENDING)
    newest_id = models.PositiveIntegerField(null=True)
    oldest_id = models.PositiveIntegerField(null=True)
    # The beginning of the channel was reached.
    reached_start = models.BooleanField(default=False)
    # While paging forward over more than one page, from the top down: all ids in [forward_low_id, forward_from_id] have
    # been asked for; those between newest_id and forward_low_id are still to be. Both null: no such pass is under way.
    forward_from_id = models.PositiveIntegerField(null=True)
    forward_low_id = models.PositiveIntegerField(null=True)
    total_messages = models.PositiveIntegerField(null=True)
    service_messages = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True, default="")
    error = models.TextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(oldest_id__isnull=True, newest_id__isnull=True) | Q(oldest_id__lte=F("newest_id")),
                name="sync_range_in_order",
            ),
            models.CheckConstraint(
                condition=~Q(state="complete") | Q(reached_start=True), name="sync_complete_reached_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.state}"


class CollectKind(models.TextChoices):
    """The work that a channel may need."""

    HISTORY = "history"  # resolve if needed, page forward, page backward
    POLL = "poll"  # counters of young posts
    FACTS = "facts"  # subscribers, title, rights
    STATS = "stats"  # official statistics


class CollectTask(DueWork):
    """One kind of work of one channel; it says itself when it is due."""

    # Indexed by collect_task_once.
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="tasks")
    kind = models.CharField(max_length=8, choices=CollectKind)
    # How far work of several slices has come, where no other row tells (statistics: graphs to try again, posts done).
    progress = models.JSONField(default=dict, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "kind"], name="collect_task_once")]
        indexes = [
            # What is due next.
            models.Index(
                fields=["due_at"], name="collect_due", condition=Q(due_at__isnull=False, parked_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.channel_id}"


class CollectionGap(models.Model):
    """A span of time in which something was not observed. Charts hatch it; it is never drawn as zero."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="gaps")
    # What was missing: "updates" (live posts came later), "counters" (no polls), "subscribers", "stats".
    kind = models.CharField(max_length=12)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "kind"], name="gap_open_once", condition=Q(ended_at__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="gap_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.channel_id} from {self.started_at}"


class EarlyDeletion(models.Model):
    """Telegram told that a message was deleted before we had it: a page of history that is on its way may bring it.

    Whoever writes a page that was asked for earlier than `seen_at` deletes it again. Kept for a day.
    """

    # Indexed by early_deletion_once.
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="+")
    message_id = models.PositiveIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "message_id"], name="early_deletion_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.message_id} gone at {self.seen_at}"
