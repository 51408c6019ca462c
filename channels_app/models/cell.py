"""Additive cells: what was gained in each hour and day (UTC). Deltas are signed: counters may fall."""

from django.db import models

from channels_app.models.channel import Channel


class Cell(models.Model):
    """Columns of both kinds of cell. The channel is not checked by the database: the posts they are made of are."""

    # Number of posts published in the cell's span, deleted ones included.
    posts = models.IntegerField(default=0)
    # Gained in the span, over all posts of the channel; baselines are not in it.
    views = models.BigIntegerField(default=0)
    forwards = models.BigIntegerField(default=0)
    replies = models.BigIntegerField(default=0)
    reactions = models.BigIntegerField(default=0)
    # A late row fell into this span: recompute just this cell.
    dirty = models.BooleanField(default=False)

    class Meta:
        abstract = True


class ChannelHour(Cell):
    """What a channel gained in one hour."""

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="hours"
    )
    hour = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "hour"], name="hour_once")]
        indexes = [
            # The sweep that recomputes late cells.
            models.Index(fields=["channel"], name="hour_dirty", condition=models.Q(dirty=True)),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.hour}"


class ChannelDay(Cell):
    """What a channel gained in one UTC day."""

    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="days"
    )
    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["channel", "day"], name="day_once")]
        indexes = [
            # The sweep that recomputes late cells.
            models.Index(fields=["channel"], name="day_dirty", condition=models.Q(dirty=True)),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day}"


class CellCheck(models.Model):
    """What the last check of a channel's numbers found: cells plus baselines equal its latest counters, or not."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="cellcheck")
    checked_at = models.DateTimeField()
    differences = models.PositiveIntegerField()
    # The first of them, in words.
    first = models.TextField(blank=True, default="")

    class Meta:
        indexes = [
            # What does not add up; the metric.
            models.Index(fields=["channel"], name="cell_check_broken", condition=models.Q(differences__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} at {self.checked_at}: {self.differences}"
