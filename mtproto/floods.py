"""The guard of an account: stored flood waits, health, and what an error means for the account's state.

Telegram's waits belong to (account, method). They are kept in Postgres, read when a gateway connects, and honoured
before anything is sent, also after a restart; the clock is given from outside.
"""

import logging
import math
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection, transaction

from analyticbot.core.audit import SYSTEM, AuditAction, record_audit
from mtproto.errors import AccountUnusable, FloodWait, GatewayError, Unreachable
from mtproto.metrics import CALLS, FLOOD_WAIT_SECONDS
from mtproto.models import AccountState, FloodWaitRow, TelegramAccount

# Weight of one call in the health score: the score forgets half of what was within about 35 calls.
HEALTH_WEIGHT = 0.02
# How often the score is written while it moves.
HEALTH_EVERY = timedelta(seconds=30)
logger = logging.getLogger(__name__)

# SLOWMODE_WAIT is told of one chat, not of the method everywhere, so it is not stored.
_OF_ONE_CHAT = frozenset({"SLOWMODE_WAIT"})


class DatabaseRunner(Protocol):
    """Runs a synchronous function that uses the database, from a coroutine."""

    def __call__(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Awaitable[Any]:
        """The function's result."""


async def run_in_thread(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """The default runner: Django's own thread for synchronous code."""
    return await sync_to_async(function)(*args, **kwargs)


def utc_now() -> datetime:
    """The present, aware, in UTC."""
    return datetime.now(UTC)


class FloodGuard:
    """A `CallGuard` over the rows of one account."""

    def __init__(
        self,
        account: TelegramAccount,
        *,
        clock: Callable[[], datetime] = utc_now,
        database: DatabaseRunner = run_in_thread,
    ) -> None:
        self._account = account
        self._clock = clock
        self._database = database
        self._until: dict[str, datetime] = {}
        self._health = account.health
        self._health_written_at: datetime | None = None

    async def load(self) -> None:
        """Read the waits that are still in force."""
        self._until = await self._database(waits_in_force, self._account, now=self._clock())

    def check(self, method: str) -> None:
        """Raise FloodWait with the seconds that are left when the account may not call `method` now."""
        until = self._until.get(method)
        if until is None:
            return
        left = (until - self._clock()).total_seconds()
        if left > 0:
            raise FloodWait(method=method, seconds=math.ceil(left))
        del self._until[method]

    async def note(self, method: str, error: GatewayError | None) -> None:
        """Count the call, keep the score, store a wait, and take the account out of use when Telegram refuses it."""
        CALLS.labels(method, "ok" if error is None else error.code).inc()
        self._keep_score(error)
        if isinstance(error, FloodWait):
            FLOOD_WAIT_SECONDS.labels(method).inc(error.seconds)
            if error.code not in _OF_ONE_CHAT:
                now = self._clock()
                self._until[method] = now + timedelta(seconds=error.seconds)
                await self._write(store_wait, method=method, seconds=error.seconds, now=now)
        elif isinstance(error, AccountUnusable):
            await self._write(mark_unusable, code=error.code, reason=error.message, now=self._clock())
        now = self._clock()
        if self._health_written_at is None or now - self._health_written_at >= HEALTH_EVERY:
            await self._write_health(now)

    async def close(self) -> None:
        """Write the score."""
        if self._health is not None and self._health_written_at is not None:
            await self._write_health(self._clock())

    def _keep_score(self, error: GatewayError | None) -> None:
        """Waits, lost connections and refused sessions count against the account; a private channel does not."""
        went_well = 0.0 if isinstance(error, FloodWait | Unreachable | AccountUnusable) else 1.0
        before = went_well if self._health is None else self._health
        self._health = before + (went_well - before) * HEALTH_WEIGHT

    async def _write_health(self, now: datetime) -> None:
        self._health_written_at = now
        await self._write(store_health, health=self._health)

    async def _write(self, function: Callable[..., None], **values: Any) -> None:
        """Store something; a database that is away must not turn Telegram's answer into another error."""
        try:
            await self._database(function, self._account, **values)
        except DatabaseError as error:
            logger.warning("account %s: %s could not be stored: %s", self._account.pk, function.__name__, error)


def waits_in_force(account: TelegramAccount, *, now: datetime) -> dict[str, datetime]:
    """Methods that the account may not call yet, and until when."""
    rows = FloodWaitRow.objects.filter(account=account, until__gt=now)
    return dict(rows.values_list("method", "until"))


def store_wait(account: TelegramAccount, *, method: str, seconds: int, now: datetime) -> None:
    """Keep a wait; of two in force the later one stands."""
    until = now + timedelta(seconds=seconds)
    # One statement, so that two connections of the account cannot shorten each other's wait.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO mtproto_floodwait (account_id, method, until, seconds, noted_at) VALUES (%s, %s, %s, %s, %s)
            ON CONFLICT (account_id, method) DO UPDATE
            SET until = excluded.until, seconds = excluded.seconds, noted_at = excluded.noted_at
            WHERE mtproto_floodwait.until < excluded.until
            """,
            [account.pk, method, until, seconds, now],
        )


def store_health(account: TelegramAccount, *, health: float | None) -> None:
    """Write the score and the time of use."""
    TelegramAccount.objects.filter(pk=account.pk).update(health=health)
    account.health = health


@transaction.atomic
def mark_unusable(account: TelegramAccount, *, code: str, reason: str, now: datetime) -> None:
    """Telegram does not accept the account any more: banned or revoked, with Telegram's reason. The lease ends."""
    banned = code in {"USER_DEACTIVATED", "USER_DEACTIVATED_BAN", "PHONE_NUMBER_BANNED", "FROZEN_METHOD_INVALID"}
    state = AccountState.BANNED if banned else AccountState.REVOKED
    changed = TelegramAccount.objects.filter(pk=account.pk, state=AccountState.ACTIVE).update(
        state=state, state_reason=reason, leased_by="", leased_until=None
    )
    account.state, account.state_reason = state, reason
    if changed:
        record_audit(
            AuditAction.ACCOUNT_REFUSED,
            account,
            actor=SYSTEM,
            now=now,
            workspace_id=account.workspace_id,
            before={"state": AccountState.ACTIVE},
            after={"state": state, "reason": reason},
        )
