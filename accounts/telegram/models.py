"""Whose Telegram account is connected to which of ours."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class TelegramIdentity(models.Model):
    """A Telegram account that its owner has connected: it signs them in, and messages can be sent to it."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="telegram")
    telegram_id = models.BigIntegerField(unique=True)
    # As Telegram told them last; both can change there at any time.
    username = models.CharField(max_length=64, blank=True, default="")
    name = models.CharField(max_length=200, blank=True, default="")
    # Whether our bot may write to them, as Telegram told last.
    may_write = models.BooleanField(default=False)
    connected_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(telegram_id__gt=0), name="telegram_identity_is_a_person"),
        ]

    def __str__(self) -> str:
        return f"Telegram {self.telegram_id} of {self.user_id}"
