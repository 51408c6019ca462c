"""Daily facts by source, and official statistics as they were loaded."""

from django.db import models
from django.db.models import Q

from channels_app.models.channel import Channel, SourceChoice
from channels_app.models.post import Post


class DailyFact(models.Model):
    """What one source says of one day. Both official and counted rows are kept, so they can be reconciled.

    Official rows are for workspaces that own the channel only.
    """

    # Indexed by daily_fact_once.
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="daily_facts")
    day = models.DateField()
    source = models.CharField(max_length=8, choices=SourceChoice)
    observed_at = models.DateTimeField()
    subscribers = models.BigIntegerField(null=True)
    joined = models.BigIntegerField(null=True)
    # Number of leavers, not negative.
    left = models.BigIntegerField(null=True)
    muted = models.BigIntegerField(null=True)
    unmuted = models.BigIntegerField(null=True)
    # Subscribers with notifications on, and the number they were counted among: both known, or neither.
    notified = models.BigIntegerField(null=True)
    notified_of = models.BigIntegerField(null=True)
    views = models.BigIntegerField(null=True)
    shares = models.BigIntegerField(null=True)
    reactions = models.BigIntegerField(null=True)
    # {graph: {label: value}} of graphs with one series per label: views by source, languages, hours, …
    detail = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "day", "source"], name="daily_fact_once"),
            models.CheckConstraint(
                condition=(Q(left__isnull=True) | Q(left__gte=0)), name="daily_fact_left_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day} {self.source}"


class OfficialGraph(models.Model):
    """The raw JSON of an official graph as loaded; reparse is always possible."""

    # Indexed by official_graph_once.
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="official_graphs")
    graph = models.CharField(max_length=50)
    loaded_at = models.DateTimeField()
    raw = models.JSONField(null=True)
    # Telegram's own word why there is no graph ("Not enough data to display.").
    error = models.TextField(null=True)
    digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "graph", "loaded_at"], name="official_graph_once"),
            models.CheckConstraint(
                condition=Q(raw__isnull=False) | Q(error__isnull=False), name="official_graph_says_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.graph} of {self.channel_id} at {self.loaded_at}"


class OfficialSummary(models.Model):
    """What official statistics tell beside their graphs, raw as loaded: figures, and the share with notifications."""

    # Indexed by official_summary_once.
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_index=False, related_name="official_summaries")
    loaded_at = models.DateTimeField()
    raw = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "loaded_at"], name="official_summary_once"),
        ]

    def __str__(self) -> str:
        return f"summary of {self.channel_id} at {self.loaded_at}"


class PostOfficialGraph(models.Model):
    """The raw JSON of an official graph of one post (views, reactions by emotion)."""

    # Indexed by post_official_graph_once.
    post = models.ForeignKey(Post, on_delete=models.CASCADE, db_index=False, related_name="official_graphs")
    graph = models.CharField(max_length=50)
    loaded_at = models.DateTimeField()
    raw = models.JSONField(null=True)
    error = models.TextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "graph", "loaded_at"], name="post_official_graph_once"),
        ]

    def __str__(self) -> str:
        return f"{self.graph} of post {self.post_id}"


class PublicForwardSeen(models.Model):
    """A public repost of one of our posts, as official statistics list it."""

    # Indexed by public_forward_once.
    post = models.ForeignKey(Post, on_delete=models.CASCADE, db_index=False, related_name="public_forwards")
    channel_tg_id = models.BigIntegerField()
    channel_username = models.CharField(max_length=32, null=True)
    channel_title = models.TextField(null=True)
    message_id = models.PositiveIntegerField()
    published_at = models.DateTimeField(null=True)
    views = models.BigIntegerField(null=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "channel_tg_id", "message_id"], name="public_forward_once"),
        ]

    def __str__(self) -> str:
        return f"post {self.post_id} in {self.channel_tg_id}/{self.message_id}"
