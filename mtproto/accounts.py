"""Accounts at work: leases by the database's clock, health, states, and the way to an open gateway."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, NotAllowed
from mtproto.errors import AccountUnusable
from mtproto.floods import DatabaseRunner, FloodGuard, mark_unusable, run_in_thread, utc_now
from mtproto.gateway import TelegramGateway
from mtproto.models import AccountState, TelegramAccount
from mtproto.servers import present_server

__all__ = [
    "disable_account",
    "enable_account",
    "free_account",
    "lease_account",
    "mark_unusable",
    "open_gateway",
    "release_lease",
    "renew_lease",
]


def lease_account(
    *, owner: str, lease: timedelta, account: TelegramAccount | None = None, workspace_id: int | None = None
) -> TelegramAccount | None:
    """Take an account for one process: `account` itself, or the healthiest free one; None when there is none.

    `owner` names the process and task (host, pid, purpose). With `workspace_id` only that workspace's accounts and
    the shared ones are taken, its own first. The lease ends by the database's clock unless it is renewed; `fence`
    of the returned row rises with each lease. Rows that another process is just taking are passed over.
    """
    free = TelegramAccount.objects.free()
    if account is not None:
        free = free.filter(pk=account.pk)
    if workspace_id is not None:
        free = free.for_workspace(workspace_id)
    with transaction.atomic():
        chosen = (
            free.order_by(
                F("workspace_id").asc(nulls_last=True),
                F("health").desc(nulls_first=True),
                "last_used_at",
                "pk",
            )
            .select_for_update(skip_locked=True)
            .first()
        )
        if chosen is None:
            return None
        TelegramAccount.objects.filter(pk=chosen.pk).update(
            leased_by=owner, leased_until=Now() + lease, fence=F("fence") + 1, last_used_at=Now()
        )
    chosen.refresh_from_db()
    return chosen


def renew_lease(account: TelegramAccount, *, lease: timedelta) -> bool:
    """Hold on for `lease` more from now (database clock); False when another has taken the account over."""
    return bool(_held(account).update(leased_until=Now() + lease, last_used_at=Now()))


def release_lease(account: TelegramAccount) -> bool:
    """Give the account back; False when the lease was lost before."""
    return bool(_held(account).update(leased_by="", leased_until=None))


def _held(account: TelegramAccount) -> QuerySet[TelegramAccount]:
    return TelegramAccount.objects.filter(pk=account.pk, leased_by=account.leased_by, fence=account.fence)


def open_gateway(
    account: TelegramAccount,
    *,
    receive_updates: bool,
    clock: Callable[[], datetime] = utc_now,
    database: DatabaseRunner = run_in_thread,
) -> TelegramGateway:
    """The gateway of a leased account, ready for `await gateway.connect()`. Touches neither network nor database.

    It honours stored flood waits and stores new ones, writes the account's health, and sets its state when Telegram
    does not accept it any more. `database` runs our synchronous functions from coroutines. Raises
    ImproperlyConfigured when TELEGRAM_API_ID, TELEGRAM_API_HASH or cryptg are missing, and AccountUnusable when the
    account has no session; NotAllowed for an account of another server: this one would be shown its key.
    """
    from mtproto.telethon_adapter.config import telegram_config  # Telethon takes half a second to import
    from mtproto.telethon_adapter.gateway import TelethonGateway

    if account.session is not None and account.server != present_server():
        raise NotAllowed("This account belongs to another Telegram server than the one that is configured.")
    config = telegram_config()
    if account.session is None:
        raise AccountUnusable(f"{account} is not signed in", code="SIGNED_OUT")
    return TelethonGateway(
        config,
        str(account.session),
        receive_updates=receive_updates,
        guard=FloodGuard(account, clock=clock, database=database),
    )


@transaction.atomic
def disable_account(account: TelegramAccount, *, reason: str, actor: Actor, now: datetime) -> TelegramAccount:
    """Take an account out of use, keeping its session. Whoever works with it loses its lease, within seconds."""
    before = account.state
    account.state, account.state_reason = AccountState.DISABLED, reason
    account.leased_by, account.leased_until = "", None
    account.save(update_fields=["state", "state_reason", "leased_by", "leased_until"])
    record_audit(
        AuditAction.ACCOUNT_DISABLED,
        account,
        actor=actor,
        now=now,
        workspace_id=account.workspace_id,
        before={"state": before},
        after={"state": account.state, "reason": reason},
    )
    return account


@transaction.atomic
def enable_account(account: TelegramAccount, *, actor: Actor, now: datetime) -> TelegramAccount:
    """Use an account again that was taken out of use. Conflict for one that is not, or has no session any more."""
    row = TelegramAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    if row.state != AccountState.DISABLED or row.session is None:
        raise Conflict(_("Only an account that was taken out of use, and is signed in, can be taken up again."))
    row.state, row.state_reason = AccountState.ACTIVE, ""
    row.save(update_fields=["state", "state_reason"])
    record_audit(
        AuditAction.ACCOUNT_ENABLED,
        row,
        actor=actor,
        now=now,
        workspace_id=row.workspace_id,
        before={"state": AccountState.DISABLED},
        after={"state": row.state},
    )
    return row


@transaction.atomic
def free_account(account: TelegramAccount, *, actor: Actor, now: datetime) -> TelegramAccount:
    """Take the lease from whoever holds the account; another process may take it at once. Conflict if nobody does."""
    row = TelegramAccount.objects.select_for_update(no_key=True).get(pk=account.pk)
    if not row.leased_by:
        raise Conflict(_("Nobody holds this account."))
    before = {"leased_by": row.leased_by}
    row.leased_by, row.leased_until = "", None
    row.save(update_fields=["leased_by", "leased_until"])
    record_audit(AuditAction.ACCOUNT_RELEASED, row, actor=actor, now=now, workspace_id=row.workspace_id, before=before)
    return row
