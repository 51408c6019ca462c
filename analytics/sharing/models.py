"""Links to a part of a channel's statistics, and how often they were looked at."""

import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# The sections that can be shared, in the order of their tabs.
SHAREABLE = ("overview", "growth", "posts", "timing", "content", "trending", "sources", "audience")
# Shown to those who proved to own the channel, and to others only where the creator says so.
OWNERS_SECTIONS = ("audience",)


class ShareTheme(models.TextChoices):
    """The colours a link begins with."""

    SYSTEM = "system", _("As the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class LinkState(models.TextChoices):
    """Whether a link works."""

    LIVE = "live", _("Works")
    EXPIRED = "expired", _("Expired")
    REVOKED = "revoked", _("Revoked")


class SharedLinkQuerySet(models.QuerySet["SharedLink"]):
    """Words of shared links."""

    def live(self, *, now: datetime) -> "SharedLinkQuerySet":
        """Those that work at `now`."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=now)


class SharedLink(models.Model):
    """A link: what it shows, over which time, to whom and until when. Of its address only a hash is kept."""

    # What addresses of members name it by; visitors never see it.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="+", db_index=False)
    tracked = models.ForeignKey("channels_app.TrackedChannel", on_delete=models.CASCADE, related_name="+")
    creator = models.ForeignKey("accounts.User", on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=80)
    # SHA-256 of the token in hexadecimal, and its first letters for people to tell links apart.
    digest = models.CharField(max_length=64, unique=True)
    prefix = models.CharField(max_length=8)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    # As Django's hashers write it; empty: none is asked for.
    password = models.CharField(max_length=128, blank=True, default="")
    # Either a preset of the picker, which moves with the days, or fixed days, both included.
    preset = models.CharField(max_length=12, blank=True, default="")
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    sections = ArrayField(models.CharField(max_length=12))
    # Whether visitors see what Telegram tells owners only.
    owner_facts = models.BooleanField(default=False)
    # Whether the period before stands beside the period.
    compares = models.BooleanField(default=False)
    exports = models.BooleanField(default=False)
    theme = models.CharField(max_length=6, choices=ShareTheme, default=ShareTheme.SYSTEM)
    # Origins (https://example.org) whose pages may embed it; empty: none may.
    frame_ancestors = ArrayField(models.CharField(max_length=200), default=list)

    objects: ClassVar[models.Manager["SharedLink"]] = SharedLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("created_at")), name="share_expires_later"),
            models.CheckConstraint(condition=Q(sections__len__gt=0), name="share_has_a_section"),
            models.CheckConstraint(condition=Q(theme__in=ShareTheme.values), name="share_theme_known"),
            models.CheckConstraint(
                condition=Q(preset="", first_day__isnull=False, last_day__gte=models.F("first_day"))
                | (~Q(preset="") & Q(first_day__isnull=True, last_day__isnull=True)),
                name="share_has_one_period",
            ),
        ]
        # The links of a workspace, newest first.
        indexes = [models.Index(fields=["workspace", "-id"], name="share_of_workspace")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def state(self, *, now: datetime) -> LinkState:
        """Whether it works at `now`."""
        if self.revoked_at is not None:
            return LinkState.REVOKED
        return LinkState.LIVE if self.expires_at > now else LinkState.EXPIRED


class SharedLinkViews(models.Model):
    """How often a link was looked at within an hour, by what is no personal data. One upsert for each view."""

    link = models.ForeignKey(SharedLink, on_delete=models.CASCADE, related_name="views", db_index=False)
    hour = models.DateTimeField()
    # Host of the page that led here; empty: none was told.
    referrer = models.CharField(max_length=100, blank=True, default="")
    browser = models.CharField(max_length=16)
    device = models.CharField(max_length=8)
    # First language of the visitor's browser, two or three letters; empty: not told.
    language = models.CharField(max_length=3, blank=True, default="")
    embedded = models.BooleanField(default=False)
    count = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["link", "hour", "referrer", "browser", "device", "language", "embedded"],
                name="share_views_once",
            ),
            models.CheckConstraint(condition=Q(count__gt=0), name="share_views_are_some"),
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.link_id} at {self.hour:%Y-%m-%d %H}"
