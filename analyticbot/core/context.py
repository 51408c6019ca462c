"""The request or unit of work in progress: its id, carried into log lines and audit rows, and where it comes from."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.http import HttpRequest  # this module is read while settings are

_request_id: ContextVar[str] = ContextVar("request_id", default="")
_request: ContextVar["HttpRequest | None"] = ContextVar("request", default=None)


def current_request_id() -> str:
    """Id of the request or work in progress; empty outside both."""
    return _request_id.get()


def set_request_id(value: str) -> None:
    """Name the request or work that starts now (of this thread or task)."""
    _request_id.set(value)


@contextmanager
def request_id_scope(value: str) -> Iterator[None]:
    """Name the request or work inside the block; what was before stands again after it, also after an error."""
    token = _request_id.set(value)
    try:
        yield
    finally:
        _request_id.reset(token)


def current_request() -> "HttpRequest | None":
    """The request in progress; None outside of one."""
    return _request.get()


@contextmanager
def request_scope(request: "HttpRequest") -> Iterator[None]:
    """Make it the request in progress inside the block; for what is written down about where a change came from."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)
