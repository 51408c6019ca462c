"""The edge of every management command: a database or a Redis that is away is one sentence, not a stack trace."""

import sys
from collections.abc import Iterator, Sequence

from django.core.management import execute_from_command_line
from django.db import InterfaceError, OperationalError

# Of the errors that a server tells by number (SQLSTATE), those that mean that it cannot be used at all: connection
# lost (08), wrong name or password (28), no such database (3D), too many sessions, and shutting down or starting up.
_AWAY_CLASSES = frozenset({"08", "28", "3D"})
_AWAY_STATES = frozenset({"53300", "57P01", "57P02", "57P03", "57P05"})


def run_command_line(argv: Sequence[str]) -> None:
    """Django's command line; exits with 1 and one sentence when a server that it needs is away.

    With `--traceback` the error is raised as it came.
    """
    try:
        execute_from_command_line(list(argv))
    except Exception as error:  # the edge of the process: what is no absence is raised again
        told = explain_absence(error)
        if told is None or "--traceback" in argv:
            raise
        sys.stderr.write(f"CommandError: {told}\n")
        sys.exit(1)


def explain_absence(error: BaseException) -> str | None:
    """One sentence that names the variable to look at; None when the error is not that a server is away."""
    # Imported when something went wrong, not at each start.
    from kombu.exceptions import OperationalError as BrokerAway
    from redis.exceptions import ConnectionError as RedisAway
    from redis.exceptions import TimeoutError as RedisSilent

    for cause in _causes(error):
        if is_database_away(cause):
            return f"The database cannot be used: {_first_line(cause)}. Look at DATABASE_URL."
        if isinstance(cause, BrokerAway | RedisAway | RedisSilent):
            return f"Redis cannot be used: {_first_line(cause)}. Look at REDIS_URL."
    return None


def is_database_away(error: BaseException) -> bool:
    """Whether the error says that the database is away, not that it refused one statement."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    # A connection that failed or broke tells no number.
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state[:2] in _AWAY_CLASSES or state in _AWAY_STATES


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and those that it was raised from."""
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).strip().rstrip(".:")
