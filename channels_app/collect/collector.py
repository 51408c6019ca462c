"""The collector: a long-lived process that holds accounts, follows live updates and carries out due work.

One process at a time leases an account and makes all its calls. The collector leases every free account (or the one
it is told), keeps one connection for each, and works on what its accounts can reach. When it is down, Celery workers
lease the accounts instead (`slices`): collecting goes on, only not live.
"""

import asyncio
import logging
import random
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from analyticbot.core import heartbeat, runtime
from analyticbot.core.edge import is_database_away
from channels_app.collect.connection import Connection
from channels_app.collect.database import Database
from channels_app.collect.leases import free_accounts, take_account
from channels_app.collect.schedule import enabled_kinds
from channels_app.collect.session import utc_now
from mtproto.models import TelegramAccount

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
BEAT_SECONDS = 5.0
MISCONFIGURED_SECONDS = 60.0


@dataclass(slots=True)
class Collector:
    """Leases accounts and serves each in a task of its own until told to stop."""

    account_id: int | None = None
    once: bool = False
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    started_at: datetime = field(default_factory=utc_now)
    _served: set[int] = field(default_factory=set)
    _serving: dict[int, asyncio.Task[None]] = field(default_factory=dict)
    _connections: dict[int, Connection] = field(default_factory=dict)

    async def run(self) -> None:
        """Run until `stopping` is set; with `once` until nothing is due any more."""
        database = Database(threads=1)
        name = heartbeat.process_name("collector")
        beating = asyncio.create_task(self._beat(database, name))
        try:
            await self._look_after_accounts(database)
        finally:
            self.stopping.set()
            if self._serving:
                await asyncio.wait(self._serving.values(), timeout=9)
            beating.cancel()
            database.close()
            logger.info("the collector has stopped")

    async def _look_after_accounts(self, database: Database) -> None:
        said = ""
        while not self.stopping.is_set():
            if not enabled_kinds() and not runtime.UPDATES.now():
                said = _say_once(said, "collecting is switched off (MTPROTO_HISTORY_ENABLED and the other flags)")
                if self.once:
                    return
            else:
                said = await self._take_free_accounts(database, said)
                if self.once and not self._serving:
                    return
            await self._pause(LOOK_SECONDS)

    async def _take_free_accounts(self, database: Database, said: str) -> str:
        self._serving = {pk: job for pk, job in self._serving.items() if not job.done()}
        try:
            free = await database(free_accounts, account_id=self.account_id)
            for account in free:
                if account.pk not in self._serving and not (self.once and account.pk in self._served):
                    leased = await database(take_account, account, purpose="collector")
                    if leased is not None:
                        self._served.add(leased.pk)
                        self._serving[leased.pk] = asyncio.create_task(self._serve(leased))
        except DatabaseError as error:
            if self.once:  # nobody waits for the database with a command that ends
                raise
            return _say_once(said, f"the database is away: {error}")
        if not self._serving and not self._served:
            return _say_once(said, "no Telegram account is free: add one, or wait until another process lets go of it")
        if not runtime.HISTORY.now():
            return _say_once(said, "history is switched off (MTPROTO_HISTORY_ENABLED): only live updates are collected")
        return ""

    async def _serve(self, account: TelegramAccount) -> None:
        connection = Connection(account, stopping=self.stopping, once=self.once)
        self._connections[account.pk] = connection
        try:
            await connection.serve()
        except ImproperlyConfigured as error:
            logger.error("account %s cannot be used: %s", account.pk, error)  # noqa: TRY400 - the message says it all
            await self._pause(MISCONFIGURED_SECONDS)
        except Exception as error:  # the edge of one account: the others go on, this one is taken up again
            if is_database_away(error):
                # Nothing is lost: what was not written is fetched again from the place that the rows tell.
                logger.warning("account %s is let go of, the database is away: %s", account.pk, error)
            else:
                logger.exception("serving account %s broke", account.pk)
            await self._pause(random.uniform(1, 3))  # noqa: S311 - spreads restarts
        finally:
            del self._connections[account.pk]

    async def _beat(self, database: Database, name: str) -> None:
        while True:
            detail = {
                "accounts": len(self._connections),
                "connected": sum(connection.connected for connection in self._connections.values()),
                "following": sum(connection.following for connection in self._connections.values()),
            }
            try:
                await database(heartbeat.beat, name, "collector", utc_now(), detail)
            except DatabaseError:
                logger.warning("no heartbeat: the database is away")
            await asyncio.sleep(BEAT_SECONDS)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self.stopping.wait(), timeout=seconds)
        except TimeoutError:
            return


def _say_once(before: str, text: str) -> str:
    if before != text:
        logger.warning("%s", text)
    return text
