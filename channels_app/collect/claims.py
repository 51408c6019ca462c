"""Who does which due work: an account takes the tasks of channels that it can reach and that somebody tracks."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Now

from analyticbot.core.work import DueQuerySet
from channels_app.ingest.store import lock_channel
from channels_app.models import CollectKind, CollectTask, TrackedChannel
from mtproto.models import PeerAccess, TelegramAccount

# A slice of work lasts 20 s at most and renews its claim with each batch; a dead holder's work is free after this.
CLAIM_LEASE = timedelta(seconds=30)


class ClaimLost(Exception):
    """Another process has taken the task over (our lease ran out): roll back and leave it."""


def tasks_for(account: TelegramAccount) -> DueQuerySet:
    """Tasks that this account may carry out.

    An account of a workspace serves that workspace's channels (its admin rights then prove ownership), a shared
    account those that no workspace's own account serves. A channel stays with the accounts that have already met it,
    because meeting it (resolving a username) is what Telegram limits most.
    """
    tracked = TrackedChannel.objects.live().filter(channel=OuterRef("channel_id"))
    served = Exists(TelegramAccount.objects.usable().filter(workspace_id=OuterRef("workspace_id")))
    met = PeerAccess.objects.filter(channel_tg_id=OuterRef("channel__tg_id"))
    mine = met.filter(account=account)
    if account.workspace_id is None:
        mine_to_serve = Q(Exists(tracked)) & ~Q(Exists(tracked.filter(served)))
        serving = Q(account__workspace_id__isnull=True)
    else:
        mine_to_serve = Q(Exists(tracked.filter(workspace_id=account.workspace_id)))
        trackers = TrackedChannel.objects.live().filter(channel=OuterRef(OuterRef("channel_id")))
        serving = Q(account__workspace_id__in=trackers.values("workspace_id"))
    others = met.filter(serving, account__in=TelegramAccount.objects.usable())
    reachable = Q(Exists(mine)) | ~Q(Exists(others))
    official = Q(Exists(mine.filter(can_view_stats=True)))
    tasks: DueQuerySet = CollectTask.objects.filter(
        mine_to_serve,
        Q(channel__hold=""),
        ~Q(kind=CollectKind.STATS) & reachable | Q(kind=CollectKind.STATS) & official,
    )
    return tasks


def claim_tasks(account: TelegramAccount, *, kinds: Sequence[str], limit: int, owner: str) -> list[CollectTask]:
    """Claim up to `limit` due tasks, longest due first; rows that others are just claiming are passed over."""
    with transaction.atomic():
        ids = list(
            tasks_for(account)
            .due()
            .filter(kind__in=kinds)
            .order_by("due_at", "pk")
            .select_for_update(skip_locked=True, of=("self",))
            .values_list("pk", flat=True)[:limit]
        )
        if not ids:
            return []
        # A name of its own for each claim: `held()` then tells this claim from any other of the same process.
        name = f"{account.public_id.hex}/{owner}"[:67] + f"/{uuid.uuid4().hex[:12]}"
        CollectTask.objects.filter(pk__in=ids).update(
            leased_by=name, leased_until=Now() + CLAIM_LEASE, fence=F("fence") + 1
        )
    return list(CollectTask.objects.filter(leased_by=name).select_related("channel").order_by("due_at", "pk"))


def hold(task: CollectTask, *, durable: bool = True) -> None:
    """Renew the claim inside the transaction of an effect; raises ClaimLost when it is not ours any more.

    The row stays locked until the commit, so nobody can take the task over between this check and the commit. The
    channel is locked before it: two tasks of a channel that also touch each other's rows would otherwise deadlock.
    Without `durable` the commit does not wait for the disk.
    """
    lock_channel(task.channel_id, durable=durable)
    if not task.extend(lease=CLAIM_LEASE):
        raise ClaimLost(str(task))


def begin_if_idle(channel_id: int, kind: str, *, at: datetime) -> None:
    """Make a task due at `at` that is not due at all; one that has its time keeps it."""
    CollectTask.objects.filter(channel_id=channel_id, kind=kind, due_at__isnull=True, parked_at__isnull=True).update(
        due_at=at
    )
    CollectTask.objects.bulk_create([CollectTask(channel_id=channel_id, kind=kind, due_at=at)], ignore_conflicts=True)


def make_due(channel_id: int, kind: str, *, at: datetime) -> None:
    """Make a task due at `at`, if it is not due before; never wakes a parked one. A missing row is made."""
    changed = CollectTask.objects.filter(channel_id=channel_id, kind=kind, parked_at__isnull=True).filter(
        Q(due_at__isnull=True) | Q(due_at__gt=at)
    )
    if not changed.update(due_at=at):
        CollectTask.objects.bulk_create(
            [CollectTask(channel_id=channel_id, kind=kind, due_at=at)], ignore_conflicts=True
        )
