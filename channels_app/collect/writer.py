"""A second process of the collector that writes batches of history, so that fetching has a processor of its own.

Parsing what Telegram sends and working out rows are both Python: in one process they take turns, on two processors
they go side by side. The process is forked before anything else runs, shares the parent's memory until it writes to
it, and ends when the parent's end of the pipe is gone, however the parent ended. A batch is still one transaction
guarded by the task's fence, whoever writes it.
"""

import asyncio
import copyreg
import io
import logging
import os
import pickle
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from datetime import datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from operator import attrgetter
from typing import Any

from django.db import connections

from channels_app.collect.claims import ClaimLost
from channels_app.collect.database import with_connection
from channels_app.collect.history import Batch, commit_batch
from channels_app.models import CollectTask
from mtproto.records import (
    Counters,
    EmptyRecord,
    Entity,
    ForwardHeader,
    MessageRecord,
    PollRecord,
    Reference,
    ServiceRecord,
)

logger = logging.getLogger(__name__)

_WRITTEN, _LOST, _BROKEN = b"written", b"lost", b"broken "


class BatchBroken(Exception):
    """The batch was not written; the task is tried again from its cursor."""


def _reducer(kind: type[Any]) -> Any:
    """How to pickle a frozen record: as a call with its fields. A quarter of the time of the dataclass's own way."""
    names = [field.name for field in fields(kind)]
    if len(names) == 1:
        return lambda record: (kind, (getattr(record, names[0]),))
    values = attrgetter(*names)
    return lambda record: (kind, values(record))


_REDUCERS: dict[type, Any] = {
    kind: _reducer(kind)
    for kind in (
        *(MessageRecord, Counters, Entity, Reference, ForwardHeader),
        *(PollRecord, ServiceRecord, EmptyRecord),
    )
}


class Writer:
    """The parent's side. Make it before there are threads, an event loop or database connections."""

    def __init__(self) -> None:
        connections.close_all()
        ours, theirs = Pipe()
        self._pid = os.fork()
        if self._pid == 0:
            ours.close()
            _serve(theirs)
            os._exit(0)
        theirs.close()
        self._pipe = ours
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="writer")
        self.alive = True

    async def commit(self, task: CollectTask, batch: Batch, *, now: datetime) -> None:
        """Have the batch written. ClaimLost, or BatchBroken when it was not written or nobody can tell."""
        frame = pack(task, batch, now=now)
        async with self._turn:
            answer = await asyncio.get_running_loop().run_in_executor(self._thread, self._exchange, frame)
        if answer == _LOST:
            raise ClaimLost(str(task))
        if answer != _WRITTEN:
            raise BatchBroken(answer.removeprefix(_BROKEN).decode(errors="replace"))

    def _exchange(self, frame: bytes) -> bytes:
        try:
            self._pipe.send_bytes(frame)
            return self._pipe.recv_bytes()
        except (EOFError, OSError) as error:
            self.alive = False
            return _BROKEN + f"the writing process is gone: {error}".encode()

    def close(self) -> None:
        """Let it finish what it writes, and end it."""
        self._thread.shutdown(wait=True)
        self._pipe.close()
        os.waitpid(self._pid, 0)


def pack(task: CollectTask, batch: Batch, *, now: datetime) -> bytes:
    """A batch and the claim that guards it, as bytes."""
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = copyreg.dispatch_table | _REDUCERS
    pickler.dump((task.pk, task.channel_id, task.leased_by, task.fence, batch, now))
    return buffer.getvalue()


def unpack(frame: bytes) -> tuple[CollectTask, Batch, datetime]:
    """The reverse of `pack`."""
    pk, channel_id, leased_by, fence, batch, now = pickle.loads(frame)  # noqa: S301 - from our own parent, by a pipe
    return CollectTask(pk=pk, channel_id=channel_id, leased_by=leased_by, fence=fence), batch, now


def _serve(pipe: Connection) -> None:
    """The child: writes one batch after another until the pipe ends. Signals are the parent's to obey."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        try:
            frame = pipe.recv_bytes()
        except (EOFError, OSError):
            return
        try:
            pipe.send_bytes(_write(frame))
        except OSError:
            return


def _write(frame: bytes) -> bytes:
    task, batch, now = unpack(frame)
    try:
        with_connection(commit_batch, (task, batch), {"now": now})
    except ClaimLost:
        return _LOST
    except Exception as error:  # the edge of a process: what went wrong is told to the one who asked
        logger.exception("a batch of channel %s could not be written", task.channel_id)
        return _BROKEN + f"{type(error).__name__}: {error}"[:500].encode()
    return _WRITTEN
