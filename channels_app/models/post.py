"""Posts, their counters over time, and the ledgers of edits."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from channels_app.models.channel import Channel, SourceChoice
from channels_app.querysets import PostQuerySet


class Post(models.Model):
    """One post; an album is one post, named by its smallest message id, its counters the maximum of its items."""

    # Indexed by post_once, which begins with it.
    # Without a key in the database: checking it for each row of a history costs as much as the row's indexes. The
    # only writer, ingest, holds the channel's row while it writes, and a channel with posts is not deleted.
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="posts"
    )
    message_id = models.PositiveIntegerField()
    grouped_id = models.BigIntegerField(null=True)
    # All message ids of an album, ascending; empty for a single message.
    item_ids = ArrayField(models.PositiveIntegerField(), default=list)
    published_at = models.DateTimeField()
    text = models.TextField(blank=True, default="")
    # blake2b-128 of the text: an edit is a changed text, not a changed edit_date.
    text_hash = models.BinaryField(max_length=16)
    # [[kind, offset, length, url or null], …]; offsets in UTF-16 code units, as Telegram counts.
    entities = models.JSONField(default=list)
    # blake2b-64 of all content beside the text (entities, media, poll, …): a poll sees at once that nothing changed.
    content_hash = models.BinaryField(max_length=8, default=bytes)
    # Who told the content (a preview page never overwrites Telegram's own words), from when this text is known to
    # have stood, and when the post was last seen at all.
    content_source = models.CharField(max_length=8, choices=SourceChoice, default=SourceChoice.MTPROTO)
    text_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    hashtags = ArrayField(models.TextField(), default=list)
    media_kind = models.CharField(max_length=12)
    post_author = models.TextField(null=True)
    edited_at = models.DateTimeField(null=True)
    reply_to_message_id = models.PositiveIntegerField(null=True)
    silent = models.BooleanField(default=False)
    pinned = models.BooleanField(default=False)
    poll = models.JSONField(null=True)

    is_forward = models.BooleanField(default=False)
    forward_from_tg_id = models.BigIntegerField(null=True)
    forward_from_name = models.TextField(null=True)
    forward_message_id = models.PositiveIntegerField(null=True)
    forward_date = models.DateTimeField(null=True)

    # Latest counters; null is unknown.
    views = models.BigIntegerField(null=True)
    forwards = models.BigIntegerField(null=True)
    replies = models.BigIntegerField(null=True)
    reactions = models.JSONField(null=True)
    reactions_total = models.BigIntegerField(null=True)
    counters_at = models.DateTimeField(null=True)
    counters_source = models.CharField(max_length=8, choices=SourceChoice, null=True)
    counters_approximate = models.BooleanField(default=False)
    # Bits 1, 2, 4, 8: views, forwards, replies, reactions were told exactly; an abbreviated number never replaces them.
    exact_known = models.PositiveSmallIntegerField(default=0)

    # What the post already had when it was first seen: credited to no hour.
    baseline_views = models.BigIntegerField(default=0)
    baseline_forwards = models.BigIntegerField(default=0)
    baseline_replies = models.BigIntegerField(default=0)
    baseline_reactions = models.BigIntegerField(default=0)

    first_seen_at = models.DateTimeField()
    first_source = models.CharField(max_length=8, choices=SourceChoice)
    deleted_at = models.DateTimeField(null=True)
    next_poll_at = models.DateTimeField(null=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "message_id"], name="post_once"),
            models.UniqueConstraint(
                fields=["channel", "grouped_id"], name="album_once", condition=Q(grouped_id__isnull=False)
            ),
        ]
        indexes = [
            # Posts of a period; also which posts are due for a poll (`due_for_poll`). No index may name a column
            # that a poll writes: updates then stay on the row's page and touch no index (HOT).
            models.Index(fields=["channel", "published_at"], name="post_channel_published"),
            # Who forwarded a channel in a period.
            models.Index(
                fields=["forward_from_tg_id", "published_at"],
                name="post_forward_origin",
                condition=Q(forward_from_tg_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.message_id}"


class AlbumItem(models.Model):
    """One message of an album, with its own latest counters, so that the album's maximum can be kept true."""

    # Not checked by the database: the post it belongs to is.
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    message_id = models.PositiveIntegerField()
    grouped_id = models.BigIntegerField()
    text = models.TextField(blank=True, default="")
    media_kind = models.CharField(max_length=12)
    views = models.BigIntegerField(null=True)
    forwards = models.BigIntegerField(null=True)
    replies = models.BigIntegerField(null=True)
    reactions = models.JSONField(null=True)
    counters_at = models.DateTimeField(null=True)
    exact_known = models.PositiveSmallIntegerField(default=0)
    # The item's own content (entities, references, …), kept where it has a text: it may become the caption.
    content = models.JSONField(null=True)
    seen_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "message_id"], name="album_item_once")]
        indexes = [
            # The items of one album.
            models.Index(fields=["channel", "grouped_id"], name="album_items"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id}/{self.message_id}"


class PostSnapshot(models.Model):
    """Counters of a post at a moment; written on change. Table partitioned by month of `observed_at`."""

    pk = models.CompositePrimaryKey("post_id", "observed_at")
    post = models.ForeignKey(Post, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    observed_at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=SourceChoice)
    approximate = models.BooleanField(default=False)
    views = models.BigIntegerField(null=True)
    forwards = models.BigIntegerField(null=True)
    replies = models.BigIntegerField(null=True)
    reactions = models.JSONField(null=True)

    class Meta:
        # Made by hand in the migration: Django cannot declare PARTITION BY.
        managed = False
        db_table = "channels_app_postsnapshot"

    def __str__(self) -> str:
        return f"post {self.post_id} at {self.observed_at}"


class PostRevision(models.Model):
    """The text a post had before an edit that we saw."""

    # Indexed by revision_once.
    post = models.ForeignKey(Post, on_delete=models.CASCADE, db_index=False, related_name="revisions")
    text = models.TextField()
    text_hash = models.BinaryField(max_length=16)
    # From when this text is known to have stood, and when it was seen replaced.
    seen_at = models.DateTimeField()
    replaced_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "replaced_at"], name="revision_once")]

    def __str__(self) -> str:
        return f"post {self.post_id} until {self.replaced_at}"


class PostReference(models.Model):
    """A mention, link or hidden link of a post."""

    # Written with its post in one transaction: see `Post.channel`.
    post = models.ForeignKey(Post, on_delete=models.CASCADE, db_constraint=False, related_name="references")
    # Kept beside the post so that "who points at us" needs no join; not checked by the database: the post is.
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, db_constraint=False, related_name="+")
    kind = models.CharField(max_length=12)
    url = models.TextField(null=True)
    username = models.CharField(max_length=32, null=True)
    target_message_id = models.PositiveIntegerField(null=True)
    # The post's, kept here so that who pointed at us lately is found without reading all who ever did.
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(url__isnull=False) | Q(username__isnull=False), name="reference_points_somewhere"
            )
        ]
        indexes = [
            # Who mentioned this username in a period.
            models.Index(
                fields=["username", "published_at"], name="reference_username", condition=Q(username__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.url or f"@{self.username}"
