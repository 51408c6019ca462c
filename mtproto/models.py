"""Telegram accounts that collect, their leases, flood waits, and how each account addresses a channel."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from analyticbot.core.secrets import SealedTextField
from mtproto.servers import present_server


class AccountState(models.TextChoices):
    """Whether an account can be used."""

    ACTIVE = "active"
    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"
    BANNED = "banned"
    DISABLED = "disabled"


class AccountQuerySet(models.QuerySet["TelegramAccount"]):
    """Words for accounts."""

    def usable(self) -> "AccountQuerySet":
        """Accounts of the configured Telegram that are signed in and in order."""
        return self.filter(state=AccountState.ACTIVE, server=present_server())

    def free(self) -> "AccountQuerySet":
        """Usable accounts that no live process holds (by the database's clock)."""
        return self.usable().filter(Q(leased_until__isnull=True) | Q(leased_until__lte=Now()))

    def for_workspace(self, workspace_id: int) -> "AccountQuerySet":
        """Accounts that a workspace may collect with: its own and the shared ones."""
        return self.filter(Q(workspace_id=workspace_id) | Q(workspace_id__isnull=True))


class TelegramAccount(models.Model):
    """A Telegram user account that collects. Its session string is a full key to it: sealed at rest."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # The workspace whose account it is (its admin rights then prove ownership); null: the operator's, shared.
    workspace_id = models.BigIntegerField(null=True)
    # The Telegram that knows this account: see present_server.
    server = models.CharField(max_length=32, default=present_server)
    tg_id = models.BigIntegerField()
    phone = SealedTextField(null=True)
    session = SealedTextField(null=True)
    label = models.CharField(max_length=120)
    state = models.CharField(max_length=12, choices=AccountState, default=AccountState.ACTIVE)
    state_reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    leased_by = models.CharField(max_length=80, blank=True, default="")
    leased_until = models.DateTimeField(null=True)
    fence = models.PositiveIntegerField(default=0)
    # Share of calls that went well lately, 0..1 as a score; None before the first call.
    health = models.FloatField(null=True)
    last_used_at = models.DateTimeField(null=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["server", "tg_id"], name="account_once_per_server"),
            models.CheckConstraint(
                condition=Q(health__isnull=True) | Q(health__gte=0, health__lte=1),
                name="account_health_is_a_score",
            ),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(session__isnull=False), name="account_active_has_session"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class FloodWaitRow(models.Model):
    """Telegram asked this account not to call this method before `until`. Honoured across restarts."""

    account = models.ForeignKey(TelegramAccount, on_delete=models.CASCADE, related_name="flood_waits")
    method = models.CharField(max_length=80)
    until = models.DateTimeField()
    seconds = models.PositiveIntegerField()
    noted_at = models.DateTimeField()

    class Meta:
        db_table = "mtproto_floodwait"
        constraints = [
            models.UniqueConstraint(fields=["account", "method"], name="flood_wait_once"),
            models.CheckConstraint(condition=Q(until__gte=F("noted_at")), name="flood_wait_ahead"),
        ]

    def __str__(self) -> str:
        return f"{self.method} until {self.until:%Y-%m-%d %H:%M:%S}"


class PeerAccess(models.Model):
    """How one account addresses one channel: access hashes differ by account. Also its place in the update stream."""

    account = models.ForeignKey(TelegramAccount, on_delete=models.CASCADE, related_name="peers")
    channel_tg_id = models.BigIntegerField()
    access_hash = models.BigIntegerField()
    username = models.CharField(max_length=32, null=True)
    resolved_at = models.DateTimeField()
    is_member = models.BooleanField(default=False)
    is_admin = models.BooleanField(default=False)
    can_view_stats = models.BooleanField(default=False)
    stats_dc = models.PositiveSmallIntegerField(null=True)
    pts = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "channel_tg_id"], name="peer_once_per_account")]
        indexes = [
            # Which accounts can reach this channel.
            models.Index(fields=["channel_tg_id"], name="peer_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_tg_id} by account {self.account_id}"
