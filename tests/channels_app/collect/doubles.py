"""Other Telegrams behind the port: the adapter over the sandbox, with what other servers do put in its place."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from channels_app.collect.claims import claim_tasks
from channels_app.collect.database import Database
from channels_app.collect.runner import run_task
from channels_app.collect.session import Outcome, Session
from channels_app.models import CollectTask
from mtproto.accounts import open_gateway
from mtproto.gateway import PAGE_LIMIT, TelegramGateway
from mtproto.models import TelegramAccount
from mtproto.records import HistoryPage, Peer


class Passing:
    """A gateway that passes everything on to another one."""

    def __init__(self, real: TelegramGateway) -> None:
        self.real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


class ShortPages(Passing):
    """A server whose pages are shorter than asked for, and not newest first."""

    limit = 37

    async def history(
        self, peer: Peer, *, before_id: int = 0, after_id: int = 0, limit: int = PAGE_LIMIT
    ) -> HistoryPage:
        page = await self.real.history(peer, before_id=before_id, after_id=after_id, limit=min(limit, self.limit))
        return HistoryPage(tuple(sorted(page.messages, key=lambda m: (m.message_id % 7, m.message_id))), page.total)


@asynccontextmanager
async def open_session(
    account: TelegramAccount, double: Callable[[TelegramGateway], Any] = Passing
) -> AsyncIterator[Session]:
    """A session of the account with a double as its gateway."""
    database = Database(threads=2)
    gateway = open_gateway(account, receive_updates=False, database=database)
    await gateway.connect()
    try:
        yield Session(account, double(gateway), database, owner="test")
    finally:
        await gateway.disconnect()
        database.close()


async def work_on(
    session: Session, kinds: Sequence[str], *, seconds: float = 6.0, times: int = 50
) -> list[Outcome | None]:
    """Claim and carry out due tasks of these kinds, one after the other, until none is due; their outcomes."""
    outcomes: list[Outcome | None] = []
    for _ in range(times):
        tasks: list[CollectTask] = await session.database(
            claim_tasks, session.account, kinds=kinds, limit=1, owner=session.owner
        )
        if not tasks:
            break
        outcomes.append(await run_task(session, tasks[0], seconds=seconds))
    return outcomes
