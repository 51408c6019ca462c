"""What happened to somebody's account: kept for a year, shown to them, and mailed where they would want to know."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analyticbot.core.work import DueWork


class EventKind(models.TextChoices):
    """Everything that is worth a person's or an operator's attention; the words are what the person reads."""

    SIGNED_UP = "signed_up", _("Account created")
    SIGNED_IN = "signed_in", _("Signed in")
    NEW_PLACE = "new_place", _("Signed in from a new device or place")
    SIGNED_OUT = "signed_out", _("Signed out")
    SIGN_IN_REFUSED = "sign_in_refused", _("Wrong password")
    SIGN_IN_SLOWED = "sign_in_slowed", _("Too many attempts to sign in")
    SIGN_IN_FORGED = "sign_in_forged", _("Forged sign-in data refused")
    ADMITTED = "admitted", _("Sign-in from a new device held up")
    CONFIRMED = "confirmed", _("Identity confirmed")
    CONFIRM_REFUSED = "confirm_refused", _("Identity not confirmed")
    PASSWORD_CHANGED = "password_changed", _("Password changed")
    PASSWORD_RESET = "password_reset", _("Password reset")
    RESET_ASKED = "reset_asked", _("Password reset asked for")
    EMAIL_ADDED = "email_added", _("E-mail address added")
    EMAIL_CONFIRMED = "email_confirmed", _("E-mail address confirmed")
    EMAIL_CHANGED = "email_changed", _("E-mail address changed")
    EMAIL_REMOVED = "email_removed", _("E-mail address removed")
    FACTOR_ADDED = "factor_added", _("Second factor added")
    FACTOR_REMOVED = "factor_removed", _("Second factor removed")
    FACTOR_REFUSED = "factor_refused", _("Wrong code")
    RECOVERY_CODES_MADE = "recovery_codes_made", _("New recovery codes made")
    RECOVERY_CODE_USED = "recovery_code_used", _("Recovery code used")
    TELEGRAM_CONNECTED = "telegram_connected", _("Telegram connected")
    TELEGRAM_DISCONNECTED = "telegram_disconnected", _("Telegram disconnected")
    PROVIDER_CONNECTED = "provider_connected", _("Sign-in with another service connected")
    PROVIDER_DISCONNECTED = "provider_disconnected", _("Sign-in with another service disconnected")
    SESSION_ENDED = "session_ended", _("Session ended")
    SESSIONS_ENDED = "sessions_ended", _("Signed out everywhere")
    TOKEN_CREATED = "token_created", _("API token created")
    TOKEN_REVOKED = "token_revoked", _("API token revoked")
    TOKEN_REFUSED = "token_refused", _("API token refused")
    ROLE_CHANGED = "role_changed", _("Role changed")
    MEMBERSHIP_ENDED = "membership_ended", _("No longer a member of a workspace")
    OWNERSHIP_OFFERED = "ownership_offered", _("Workspace offered to you")
    OWNERSHIP_CHANGED = "ownership_changed", _("Workspace handed over")
    WORKSPACE_DELETED = "workspace_deleted", _("Workspace deleted")
    DATA_EXPORTED = "data_exported", _("Personal data exported")
    ERASURE_ASKED = "erasure_asked", _("Deletion of the account asked for")
    ERASURE_WITHDRAWN = "erasure_withdrawn", _("Deletion of the account withdrawn")
    SUSPENDED = "suspended", _("Account suspended")
    REACTIVATED = "reactivated", _("Account reactivated")
    UNLOCKED = "unlocked", _("Attempts to sign in forgiven by the staff")
    STAFF_TIER_CHANGED = "staff_tier_changed", _("Staff rights changed")
    IMPERSONATED = "impersonated", _("The staff looked at the account")
    ACCESS_DENIED = "access_denied", _("Not allowed")


class SecurityEvent(DueWork):
    """One thing that happened to one person's account. It is due while its mail has not been sent."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="security_events", db_index=False
    )
    # One of EventKind; no list in the database, so that a new kind needs no migration.
    kind = models.CharField(max_length=24)
    at = models.DateTimeField()
    # Never a whole address: 203.0.113.0/24, 2001:db8:7::/48; empty when nobody's request caused it.
    network = models.CharField(max_length=43, blank=True, default="")
    # "Firefox, Windows"; empty as above.
    device = models.CharField(max_length=60, blank=True, default="")
    # Small facts, never a secret.
    detail = models.JSONField(default=dict)
    # Where its mail goes when that is not the person's address; emptied when it has been sent.
    mail_to = models.EmailField(blank=True, default="")

    class Meta:
        indexes = [
            # A person's events, newest first.
            models.Index(fields=["user", "-at"], name="security_event_user_at"),
            # Mails that wait.
            models.Index(
                fields=["due_at"],
                name="security_event_due",
                condition=Q(due_at__isnull=False, parked_at__isnull=True),
            ),
            # What is old enough to be forgotten.
            models.Index(fields=["at"], name="security_event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind} of {self.user_id}"
