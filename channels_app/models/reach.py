"""What views at 12, 24 and 48 hours are told by, kept beside posts that are past all of these ages."""

from django.db import models

from channels_app.models.channel import Channel, SourceChoice
from channels_app.models.post import Post


class PostReach(models.Model):
    """The exact readings on both sides of each age of a post; null: there is none.

    Written by `channels_app.reach` for posts past all ages, those that nothing is known of included; taken away when a
    reading that counts comes in late. Holds only while the post has the same `published_at`.
    """

    # Not checked by the database: who removes a post removes this too, and what were left would be found by nobody.
    post = models.OneToOneField(
        Post, on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    published_at = models.DateTimeField()
    before_at_12 = models.DateTimeField(null=True)
    before_12 = models.BigIntegerField(null=True)
    after_at_12 = models.DateTimeField(null=True)
    after_12 = models.BigIntegerField(null=True)
    source_12 = models.CharField(max_length=8, choices=SourceChoice, null=True)
    before_at_24 = models.DateTimeField(null=True)
    before_24 = models.BigIntegerField(null=True)
    after_at_24 = models.DateTimeField(null=True)
    after_24 = models.BigIntegerField(null=True)
    source_24 = models.CharField(max_length=8, choices=SourceChoice, null=True)
    before_at_48 = models.DateTimeField(null=True)
    before_48 = models.BigIntegerField(null=True)
    after_at_48 = models.DateTimeField(null=True)
    after_48 = models.BigIntegerField(null=True)
    source_48 = models.CharField(max_length=8, choices=SourceChoice, null=True)

    def __str__(self) -> str:
        return f"reach of post {self.post_id}"


class ReachMark(models.Model):
    """How far the posts of a channel were gone through, by publication, in the pass that is under way."""

    channel = models.OneToOneField(
        Channel, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    # When the pass began, and the oldest post there was then; null: no pass yet.
    begun_at = models.DateTimeField(null=True)
    oldest = models.DateTimeField(null=True)
    # Posts published before this have been gone through.
    until = models.DateTimeField(null=True)
    due_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Whose posts are gone through next.
            models.Index(fields=["due_at"], name="reach_mark_due"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} until {self.until}"
