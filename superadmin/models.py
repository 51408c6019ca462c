"""What the panel itself keeps: requests for a second approval, looks through other people's eyes, allowed networks."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# How long a request waits for a second person, and how long staff may look as somebody else.
APPROVAL_WAITS = timedelta(hours=24)
IMPERSONATION_LASTS = timedelta(minutes=30)


class Decision(models.TextChoices):
    """What became of a request."""

    OPEN = "open", _("Waits")
    APPROVED = "approved", _("Approved and done")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


class ApprovalRequest(models.Model):
    """An act that waits until another person agrees; then it is done, once, in the same transaction."""

    # One of superadmin.tiers.NEEDS_APPROVAL.
    act = models.CharField(max_length=40)
    # What it is done to: "user" or "workspace", its key, and how it was called when this was asked.
    subject_kind = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=200)
    # What else the act needs to know, for example the tier to grant.
    detail = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("approval")
        verbose_name_plural = _("approvals")
        constraints = [
            models.UniqueConstraint(
                fields=["act", "subject_kind", "subject_id"],
                condition=Q(decision="open"),
                name="approval_one_open",
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("asked_at")), name="approval_expires_later"),
            models.CheckConstraint(condition=Q(decision__in=Decision.values), name="approval_decision_known"),
            models.CheckConstraint(
                condition=Q(decision="open", decided_at__isnull=True)
                | (~Q(decision="open") & Q(decided_at__isnull=False)),
                name="approval_decided_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(decision="approved") | Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="approval_by_another_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.subject_label}"

    def is_open(self, *, now: datetime) -> bool:
        """Whether it can still be decided."""
        return self.decision == Decision.OPEN and self.expires_at > now


class Impersonation(models.Model):
    """Staff looked at the service as somebody else, to help them: who, why, and from when to when."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="impersonations")
    reason = models.CharField(max_length=200)
    ticket = models.CharField(max_length=80)
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("impersonation")
        verbose_name_plural = _("impersonations")
        constraints = [
            models.CheckConstraint(condition=~Q(staff=F("user")), name="impersonation_of_another"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("started_at")), name="impersonation_ends_later"),
            models.CheckConstraint(
                condition=Q(ends_at__lte=F("started_at") + IMPERSONATION_LASTS), name="impersonation_is_short"
            ),
            models.CheckConstraint(condition=~Q(reason="") & ~Q(ticket=""), name="impersonation_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.staff_id} as {self.user_id} for {self.ticket}"

    def is_running(self, *, now: datetime) -> bool:
        """Whether it lasts still."""
        return self.ended_at is None and self.ends_at > now


class AllowedNetwork(models.Model):
    """A network from which the panel may be opened. While there is none, it may be opened from everywhere."""

    # As `ipaddress` writes it: 203.0.113.0/24, 2001:db8::/32.
    network = models.CharField(max_length=49, unique=True)
    note = models.CharField(max_length=80, blank=True, default="")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        verbose_name = _("allowed network")
        verbose_name_plural = _("allowed networks")

    def __str__(self) -> str:
        return self.network


# Django looks for models here.
from superadmin.running.models import SystemSample  # noqa: E402, F401 - after those of this module
