"""One leased account of the collector: its connection, its lease, its work and its live updates."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError

from analyticbot.core import heartbeat, runtime
from analyticbot.core.models import Heartbeat
from analyticbot.core.work import LeaseLost
from channels_app.collect.database import Database
from channels_app.collect.gaps import open_updates_gap
from channels_app.collect.leases import ACCOUNT_LEASE, RENEW_SECONDS, drop_claims
from channels_app.collect.live import Follower, followed_rows
from channels_app.collect.schedule import enabled_kinds
from channels_app.collect.session import Session, utc_now
from channels_app.collect.work import carry_out
from mtproto.accounts import open_gateway, release_lease, renew_lease
from mtproto.errors import AccountUnusable, FloodWait, GatewayError, Unreachable
from mtproto.gateway import TelegramGateway
from mtproto.models import TelegramAccount

logger = logging.getLogger(__name__)

RECONNECT_FIRST, RECONNECT_CAP = 1.0, 60.0  # seconds between attempts, doubling
FLOOD_CAP = 600.0  # a flood wait is looked at again this soon; nothing is sent before it is over
# A connection that lived this long was a good one: its loss is a new trouble, not the old one again.
LIVED_SECONDS = 30.0
# Telegram's own servers answer bursts with flood waits: about 3,000 messages in 30 s is what they let pass.
REAL_PAGE_PAUSE = 1.0
STOP_SECONDS = 8.0
# How often a connection looks whether live updates are still wanted.
SWITCH_SECONDS = 1.0


def page_pause() -> float:
    """Seconds between two pages of history: none where the server is not Telegram's own."""
    return 0.0 if settings.SANDBOX or settings.TELEGRAM_SERVER else REAL_PAGE_PAUSE


class Connection:
    """Serves one account until told to stop, reconnecting as often as needed."""

    def __init__(self, account: TelegramAccount, *, stopping: asyncio.Event, once: bool = False) -> None:
        self.account = account
        self.connected = False
        self._stopping = stopping
        self._once = once
        self._database = Database(threads=4)
        self._follower: Follower | None = None
        # Monotonic seconds; None while there is no connection.
        self._connected_at: float | None = None
        self._name = f"account:{account.public_id}"

    @property
    def following(self) -> int:
        """How many channels are followed live."""
        return self._follower.size if self._follower else 0

    async def serve(self) -> None:
        """Connect, work and follow; on a lost connection again. Returns when stopped, or the account is lost."""
        pause = RECONNECT_FIRST
        keeping: asyncio.Task[None] | None = None
        try:
            # Before the first sign of life overwrites the last one.
            await self._note_absence()
            keeping = asyncio.create_task(self._keep_lease())
            while not self._stopping.is_set() and not keeping.done():
                self._connected_at = None
                try:
                    await self._one_connection(keeping)
                    if self._once:
                        return
                    pause = RECONNECT_FIRST
                except FloodWait as error:
                    # Told to the second: neither shortened, nor a trouble of the line that grows.
                    await self._wait_to_reconnect(error, min(float(error.seconds), FLOOD_CAP), spread=(1.0, 1.1))
                except Unreachable as error:
                    if self._connected_at is not None and time.monotonic() - self._connected_at > LIVED_SECONDS:
                        pause = RECONNECT_FIRST
                    await self._wait_to_reconnect(error, pause, spread=(0.8, 1.2))
                    pause = min(pause * 2, RECONNECT_CAP)
                except AccountUnusable as error:
                    logger.error("account %s is out of use: %s", self.account.pk, error.message)  # noqa: TRY400
                    await self._open_gap("account out of use")
                    return
        finally:
            if keeping is not None:
                keeping.cancel()
            await self._let_go()

    async def _wait_to_reconnect(self, error: GatewayError, seconds: float, *, spread: tuple[float, float]) -> None:
        logger.warning("account %s: %s; again in %.0f s", self.account.pk, error.message, seconds)
        await self._open_gap("connection lost")
        await self._pause(seconds * random.uniform(*spread))  # noqa: S311 - spreads reconnects

    async def _one_connection(self, keeping: "asyncio.Task[None]") -> None:
        follows = self._follows
        gateway = open_gateway(self.account, receive_updates=follows, database=self._database)
        session = Session(
            self.account,
            gateway,
            self._database,
            owner=self.account.leased_by,
            stopping=self._stopping,
            page_pause=page_pause(),
        )
        try:
            await gateway.connect()
            self.connected, self._connected_at = True, time.monotonic()
            logger.info("account %s is connected", self.account.pk)
            await self._work_and_follow(session, keeping, follows=follows)
        finally:
            self.connected = False
            await _quietly(gateway)

    @property
    def _follows(self) -> bool:
        return runtime.UPDATES.now()

    async def _work_and_follow(self, session: Session, keeping: "asyncio.Task[None]", *, follows: bool) -> None:
        jobs: list[asyncio.Task[object]] = []
        if follows:
            self._follower = Follower(session)
            jobs.append(asyncio.create_task(self._until_ending(session, self._follower.run())))
        work = asyncio.create_task(carry_out(session, kinds=enabled_kinds, until_idle=self._once))
        switching = asyncio.create_task(self._until_switched(follows=follows))
        try:
            watched: set[asyncio.Task[object]] = {work, *jobs, keeping, switching}
            done, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            if self._once and self._follower and not session.ending and work in done:
                await self._catch_up_once(session)
            for job in done:
                job.result()
        finally:
            session.lost.set()
            switching.cancel()
            await _settle([work, *jobs])
            self._follower = None

    async def _until_switched(self, *, follows: bool) -> None:
        """Return when the operator switches live updates on or off: the connection is then made anew, the other way."""
        while self._follows == follows:
            if self._stopping.is_set():
                return
            await self._pause(SWITCH_SECONDS)
        logger.info("account %s: live updates are switched %s", self.account.pk, "off" if follows else "on")
        if follows:
            await self._database(_open_gap_now, self.account, "switched off")

    async def _catch_up_once(self, session: Session) -> None:
        """With --once: one difference of each channel after the due work, then the work that it made due."""
        follower = Follower(session)
        await follower.refresh()
        await follower.catch_up_once()
        await carry_out(session, kinds=enabled_kinds, until_idle=True)

    async def _until_ending(self, session: Session, running: Awaitable[None]) -> None:
        """Follow until the session ends."""
        job = asyncio.ensure_future(running)
        stop = asyncio.create_task(_ending(session))
        try:
            await asyncio.wait({job, stop}, return_when=asyncio.FIRST_COMPLETED)
            if job.done():
                job.result()
        finally:
            stop.cancel()
            job.cancel()
            await asyncio.gather(job, return_exceptions=True)

    async def _keep_lease(self) -> None:
        """Renew the lease and give a sign of life; raises LeaseLost when another process holds the account."""
        while True:
            try:
                if not await self._database(renew_lease, self.account, lease=ACCOUNT_LEASE):
                    raise LeaseLost(f"account {self.account.pk} was taken over")
                detail = {"connected": self.connected, "following": self.following}
                await self._database(heartbeat.beat, self._name, heartbeat.ACCOUNT_KIND, utc_now(), detail)
            except DatabaseError:
                logger.warning("the lease of account %s could not be renewed: the database is away", self.account.pk)
            await asyncio.sleep(RENEW_SECONDS)

    async def _note_absence(self) -> None:
        """If nobody has followed this account's channels for a while, that is a gap in the ledger."""
        if self._follows:
            await self._database(_open_gap_since_last_seen, self.account, self._name)

    async def _open_gap(self, reason: str) -> None:
        if self._follows:
            try:
                await self._database(_open_gap_now, self.account, reason)
            except DatabaseError:
                logger.warning("no gap could be noted: the database is away")

    async def _let_go(self) -> None:
        await self._open_gap("collector stopped")
        try:
            await self._database(drop_claims, self.account)
            await self._database(release_lease, self.account)
        except DatabaseError:
            logger.warning("account %s stays leased until its lease runs out: the database is away", self.account.pk)
        await asyncio.get_running_loop().run_in_executor(None, self._database.close)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), timeout=seconds)
        except TimeoutError:
            return


async def _ending(session: Session) -> None:
    while not session.ending:
        await session.pause(3600)


async def _settle(jobs: "list[asyncio.Task[object]]") -> None:
    """Wait for what is in hand to reach a safe point, then end it."""
    _, late = await asyncio.wait(jobs, timeout=STOP_SECONDS)
    for job in late:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)


async def _quietly(gateway: TelegramGateway) -> None:
    """Disconnect; a connection that is broken already is no news."""
    try:
        await asyncio.wait_for(gateway.disconnect(), timeout=2)
    except (TimeoutError, Unreachable):
        logger.info("the connection was not closed in order")


def _open_gap_since_last_seen(account: TelegramAccount, name: str) -> None:
    seen = Heartbeat.objects.filter(name=name).values_list("seen_at", flat=True).first()
    if seen is not None and utc_now() - seen > timedelta(seconds=RENEW_SECONDS * 3):
        open_updates_gap([row.channel_id for row in followed_rows(account)], since=seen, reason="no collector")


def _open_gap_now(account: TelegramAccount, reason: str) -> None:
    open_updates_gap([row.channel_id for row in followed_rows(account)], since=utc_now(), reason=reason)
