"""The id of the request or unit of work in progress, carried into log lines and audit rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_request_id: ContextVar[str] = ContextVar("request_id", default="")


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
