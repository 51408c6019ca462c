"""Closed posts' snapshots packed into one row each, and how far that has come in each month."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from analyticbot.core.work import DueWork
from channels_app.models.channel import Channel
from channels_app.models.post import Post


class PackedCurve(models.Model):
    """All readings of a post from `first_at` to `last_at`, both inclusive, as arrays of equal length.

    Snapshots of the post up to `last_at` are superseded by it, whether they are still there or not; later ones add to
    it. Read both through the database's function `channels_app_readings(post_id)`. Written by `channels_app.packing`.
    """

    # The key in the database deletes the curve with its post (see the migration).
    post = models.OneToOneField(
        Post, on_delete=models.DO_NOTHING, primary_key=True, db_constraint=False, related_name="+"
    )
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    # observed_at − first_at: whole seconds, and microseconds above them (null: all 0).
    seconds = ArrayField(models.IntegerField())
    micros = ArrayField(models.IntegerField(), null=True)
    # Null: unknown in every reading.
    views = ArrayField(models.IntegerField(null=True), null=True)
    forwards = ArrayField(models.IntegerField(null=True), null=True)
    replies = ArrayField(models.IntegerField(null=True), null=True)
    # One element when all readings have the same.
    sources = ArrayField(models.TextField())
    # Null: none is.
    approximate = ArrayField(models.BooleanField(), null=True)
    # The kinds of reaction there are, and the counts of each kind for each reading, one reading after the other.
    reaction_kinds = ArrayField(models.TextField(), null=True)
    reaction_counts = ArrayField(models.IntegerField(null=True), null=True)
    # Numbers (from 1) of the readings that told that there are no reactions, which is not the same as not telling.
    without_reactions = ArrayField(models.IntegerField(), null=True)
    # When the readings but the last were dropped, because no plan of a follower keeps them that long; null: never.
    dropped_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"post {self.post_id} from {self.first_at} to {self.last_at}"


class SnapshotMonth(DueWork):
    """One monthly partition of the snapshots: its posts are packed when all are closed, then it is dropped."""

    # The first day of the month (UTC).
    month = models.DateField(unique=True)
    # Posts of the partition up to this id were gone through in the pass that is under way.
    cursor = models.BigIntegerField(default=0)
    # When a pass found every snapshot of the month packed.
    packed_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    packed_posts = models.PositiveIntegerField(default=0)
    # Posts of the last pass that could not be packed yet: still polled, or beyond what a packed curve can count.
    open_posts = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            # What is due next.
            models.Index(
                fields=["due_at"],
                name="snapshot_month_due",
                condition=models.Q(due_at__isnull=False, parked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"snapshots of {self.month:%Y-%m}"


class CurveKeeping(models.Model):
    """How long a channel's curves are kept, and how far they were gone through, by publication.

    What was observed before `frozen_before` cannot be computed anew from readings: some of them are gone.
    """

    channel = models.OneToOneField(
        Channel, on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    # Days after publication; null: for ever.
    days = models.PositiveIntegerField(null=True)
    # Since when the plans would have them kept for a shorter time than `days`; null: they would not.
    shorter_since = models.DateTimeField(null=True)
    frozen_before = models.DateTimeField(null=True)
    # The pass that is under way: when it began, and posts published before `until` have been gone through.
    begun_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    due_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Whose curves are gone through next.
            models.Index(fields=["due_at"], name="curve_keeping_due"),
        ]

    def __str__(self) -> str:
        return f"curves of {self.channel_id} for {self.days} days"
