"""Taking an account for this process: one process at a time makes all its calls."""

import os
import socket
import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from channels_app.collect.claims import tasks_for
from channels_app.models import CollectTask
from mtproto.accounts import lease_account
from mtproto.models import TelegramAccount

# Short, and renewed every few seconds: an account whose holder was killed is free again this soon.
ACCOUNT_LEASE = timedelta(seconds=12)
RENEW_SECONDS = 3.0


def owner_name(purpose: str) -> str:
    """A name for one holder: purpose, host, process, and a mark that the process's successor does not share."""
    return f"{purpose}@{socket.gethostname()[:30]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"


def claim_prefix(account: TelegramAccount) -> str:
    """How claims of tasks made through this account begin."""
    return f"{account.public_id.hex}"


@transaction.atomic
def take_account(account: TelegramAccount, *, purpose: str) -> TelegramAccount | None:
    """Lease `account` if it is free; None when another process holds it.

    Whoever held it before is gone or stale, so its claims of tasks are void: they are free at once, not only when
    they run out.
    """
    leased = lease_account(owner=owner_name(purpose), lease=ACCOUNT_LEASE, account=account)
    if leased is None:
        return None
    CollectTask.objects.filter(leased_by__startswith=claim_prefix(leased)).update(leased_by="", leased_until=None)
    return leased


def drop_claims(account: TelegramAccount) -> None:
    """Give back every task that was claimed through this account (at an orderly end)."""
    CollectTask.objects.filter(leased_by__startswith=claim_prefix(account)).update(leased_by="", leased_until=None)


def accounts_with_work(*, kinds: list[str]) -> list[TelegramAccount]:
    """Free accounts for which something of these kinds is due."""
    return [account for account in free_accounts() if tasks_for(account).due().filter(kind__in=kinds).exists()]


def free_accounts(*, account_id: int | None = None) -> list[TelegramAccount]:
    """Usable accounts that nobody holds; with `account_id` that one alone."""
    only = Q() if account_id is None else Q(pk=account_id)
    return list(TelegramAccount.objects.free().filter(only).order_by("last_used_at", "pk"))
