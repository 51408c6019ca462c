"""Factors that allauth does not keep: codes that are sent, and who wants them by Telegram at each sign-in."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class TelegramFactor(models.Model):
    """A person who is asked for a code sent by Telegram when they sign in."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="telegram_factor")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"codes by Telegram for {self.user_id}"


class SentCode(models.Model):
    """The code that was last sent to a person and not yet used; only a keyed digest of it is kept."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sent_code")
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Wrong codes since it was sent; after a few it is worth nothing.
    wrong = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=models.F("sent_at")), name="sent_code_expires_later"),
        ]

    def __str__(self) -> str:
        return f"code sent to {self.user_id} at {self.sent_at:%Y-%m-%d %H:%M}"
