"""Misbehaviour on order: errors, delays and refused connections."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import dataclass

from sandbox.errors import RpcFault

# A fault on "*" means the methods of the API; without these no client could even connect.
_NOT_BY_STAR = ("help.", "auth.", "ping", "updates.getState")


@dataclass
class Fault:
    """An error for a method (or ``*``). *times* counts down; None lasts until cleared."""

    method: str
    error: str
    times: int | None = 1
    channel: int | None = None
    phone: str | None = None
    hold: bool = False
    until: float | None = None
    code: int | None = None
    skip: int = 0


def same_method(pattern: str, name: str) -> bool:
    """Whether *name* (``messages.getHistory``) is what *pattern* means (also ``GetHistoryRequest``, ``getHistory``)."""
    if pattern == "*":
        return not name.startswith(_NOT_BY_STAR)
    wanted = pattern.removesuffix("Request").lower()
    return wanted in (name.lower(), name.lower().rpartition(".")[2])


class Faults:
    """What is to go wrong, and how often each method was called."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.delays: dict[str, float] = {}
        self.counts: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()
        self.refuse_until = 0.0

    def delay_of(self, name: str) -> float:
        """Seconds to wait before answering *name*."""
        return max((s for pattern, s in self.delays.items() if same_method(pattern, name)), default=0.0)

    def check(self, name: str, channel: int | None, phone: str | None) -> None:
        """Raise the first fault that applies to this call."""
        for fault in self.faults:
            if not same_method(fault.method, name):
                continue
            if fault.channel is not None and fault.channel != channel:
                continue
            if fault.phone is not None and fault.phone != phone:
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            self._fire(fault, name)

    def _fire(self, fault: Fault, name: str) -> None:
        error = fault.error
        wait = re.match(r"(.*_WAIT_)(\d+)$", error)
        if fault.hold and wait:
            # a real flood wait: it lasts its seconds whoever asks how often, and says what is left
            if fault.until is None:
                fault.until = time.time() + int(wait[2])
            left = fault.until - time.time()
            if left <= 0:
                self.faults.remove(fault)
                return
            error = f"{wait[1]}{max(1, round(left))}"
        elif fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self.faults.remove(fault)
        self.failures[name] += 1
        raise RpcFault(error, fault.code)
