"""Due work: a row says itself that it needs work, so that no ring, worker or broker can lose it.

Life of a row: `due_at` is set by a service in its own transaction → a worker claims it (`claim`, SKIP LOCKED,
lease by the database's clock) → effect and `complete` commit together, or `postpone`/`fail` write the next `due_at`.
A worker that dies leaves a lease that runs out. After `MAX_ATTEMPTS` failures the row is parked until replayed.
"""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

MAX_ATTEMPTS = 8
# What the column holds.
ATTEMPTS_CAP = 32_767
# First retry after half a minute, doubling; the last of eight comes about an hour later.
RETRY_BASE = timedelta(seconds=30)
RETRY_CAP = timedelta(hours=1)


class LeaseLost(Exception):
    """Another process has taken the work over."""


class DueQuerySet(models.QuerySet[Any]):
    """Words for rows that carry work."""

    def due(self) -> Self:
        """Rows to be worked on now: due, not parked, held by nobody (by the database's clock)."""
        return self.filter(
            Q(leased_until__isnull=True) | Q(leased_until__lte=Now()), due_at__lte=Now(), parked_at__isnull=True
        )

    def one_by_one(self, *, lease: timedelta, limit: int) -> Iterator[Any]:
        """Up to `limit` due rows, each leased when its turn comes, under a claim of its own. Safe beside others."""
        for _turn in range(limit):
            rows = self.claim(owner=f"worker:{uuid.uuid4()}", lease=lease)
            if not rows:
                return
            yield rows[0]

    def claim(self, *, owner: str, lease: timedelta, limit: int = 1) -> list[Any]:
        """Lease up to `limit` due rows; rows locked by others are passed over.

        `owner` must be a name of its own for each claim, so that `held` tells this claim from any other.
        """
        with transaction.atomic(using=self.db):
            # Not as a subquery of the update: the planner may run that once for each row, and `limit` with it.
            due = self.due().order_by("due_at", "pk").select_for_update(skip_locked=True)
            ids = list(due.values_list("pk", flat=True)[:limit])
            claimed = self.model._default_manager.filter(pk__in=ids).update(
                leased_by=owner, leased_until=Now() + lease, fence=F("fence") + 1
            )
        if not claimed:
            return []
        mine = self.model._default_manager.filter(leased_by=owner, leased_until__gt=Now())
        return list(mine.order_by("due_at", "pk"))


class DueWork(models.Model):
    """Columns of a row that carries its own work. `due_at` null: nothing to do."""

    due_at = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=80, blank=True, default="")
    leased_until = models.DateTimeField(null=True, blank=True)
    # Rises with each claim; a holder whose fence is stale may not commit.
    fence = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")
    finished_at = models.DateTimeField(null=True, blank=True)
    parked_at = models.DateTimeField(null=True, blank=True)

    objects = DueQuerySet.as_manager()

    class Meta:
        abstract = True

    def held(self) -> models.QuerySet[Any]:
        """This row while our claim still stands; empty when another has taken it over."""
        return type(self)._default_manager.filter(pk=self.pk, leased_by=self.leased_by, fence=self.fence)

    def complete(self, *, now: datetime, due_at: datetime | None = None) -> bool:
        """Write success and the next due time (None: done). False: the lease was lost, roll back."""
        return self._release(
            due_at=due_at, finished_at=now, attempts=0, last_error="", leased_by="", leased_until=None, parked_at=None
        )

    def progressed(self) -> None:
        """Something was committed: failures before it do not count any more. Call it in that transaction."""
        if self.attempts:
            self.held().update(attempts=0)
            self.attempts = 0

    def postpone(self, *, until: datetime, reason: str) -> bool:
        """Give the row back until `until` without counting an attempt (flood wait, no account, switched off)."""
        return self._release(due_at=until, last_error=reason, leased_by="", leased_until=None)

    def fail(self, *, now: datetime, error: str, permanent: bool = False, again_after: timedelta | None = None) -> bool:
        """Count a failed attempt; retry later with doubling waits, or park after the last (or at once if `permanent`).

        With `again_after` nothing that may heal is parked: after the last of those waits it is tried again this often.
        """
        attempts = min(self.attempts + 1, ATTEMPTS_CAP)
        if not permanent and again_after is not None and attempts >= MAX_ATTEMPTS:
            due_at = now + again_after
            return self._release(due_at=due_at, attempts=attempts, last_error=error, leased_by="", leased_until=None)
        if permanent or attempts >= MAX_ATTEMPTS:
            return self._release(
                due_at=None, attempts=attempts, last_error=error, parked_at=now, leased_by="", leased_until=None
            )
        wait = min(RETRY_BASE * 2 ** (attempts - 1), RETRY_CAP)
        return self._release(due_at=now + wait, attempts=attempts, last_error=error, leased_by="", leased_until=None)

    def extend(self, *, lease: timedelta) -> bool:
        """Hold on for `lease` more from now (database clock); False when the claim is lost."""
        return bool(self.held().update(leased_until=Now() + lease))

    def _release(self, **values: Any) -> bool:
        changed = self.held().update(**values)
        for name, value in values.items():
            setattr(self, name, value)
        return bool(changed)
