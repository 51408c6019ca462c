"""What is computed over all public channels at once, and when that was done."""

from django.db import models
from django.db.models import Q

from analyticbot.core.work import DueWork
from channels_app.models import Channel


class NetworkKind(models.TextChoices):
    """What is computed over all public channels."""

    CITATIONS = "citations"
    STANDINGS = "standings"


class NetworkRun(DueWork):
    """The last computation of one kind; the row says itself when the next one is due."""

    kind = models.CharField(max_length=9, choices=NetworkKind, primary_key=True)
    computed_at = models.DateTimeField(null=True)
    # The posts it stands on: published from here (null: whenever) to here.
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)
    channels = models.PositiveIntegerField(null=True)
    # Numbers that explain the result (edges, iterations, …).
    facts = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(computed_at__isnull=True) | Q(until__isnull=False), name="network_run_says_of_what"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} at {self.computed_at}"


class CitationRank(models.Model):
    """The citation index of one public channel, as the last run computed it."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="citation")
    # Probability: over all channels of the run these add up to 1.
    rank = models.FloatField()
    # 1 for the most cited; equal ranks share a place.
    place = models.PositiveIntegerField()
    # Channels that point at it, and their posts that do.
    citing_channels = models.PositiveIntegerField(default=0)
    citing_posts = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(rank__gt=0) & Q(rank__lte=1), name="citation_is_a_share")]
        indexes = [
            # The most cited first.
            models.Index(fields=["place"], name="citation_place"),
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.channel_id}"


class ChannelStanding(models.Model):
    """Rates of one public channel over the days of the last run, to compare others of its size with. Null: unknown."""

    channel = models.OneToOneField(Channel, on_delete=models.CASCADE, primary_key=True, related_name="standing")
    # Number of its size band, see `analytics.network.bands.BANDS`.
    band = models.PositiveSmallIntegerField()
    subscribers = models.BigIntegerField()
    err = models.FloatField(null=True)
    err24 = models.FloatField(null=True)
    er_views = models.FloatField(null=True)
    virality = models.FloatField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(subscribers__gte=0), name="standing_of_known_size")]
        indexes = [
            # All channels of a band.
            models.Index(fields=["band"], name="standing_band"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} in band {self.band}"
