"""What stops a start, in words a person can act on."""

import errno
from pathlib import Path


class StartError(Exception):
    """The start cannot go on; the text says what is wrong and what to do. Shown without a stack trace."""


def last_lines(log: Path, *, since: int = 0, count: int = 6) -> str:
    """The last `count` lines that were written to `log` after byte `since`; empty when it cannot be read."""
    try:
        with log.open("rb") as handle:
            handle.seek(max(since, log.stat().st_size - 200_000))
            text = handle.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(text.strip().splitlines()[-count:])


def explain_os_error(error: OSError) -> str:
    """One sentence for an operating-system error that a person can do something about."""
    where = f" ({error.filename})" if error.filename else ""
    known = {
        "ENOSPC": "The disk is full. Free some space and start again.",
        "EDQUOT": "The disk quota is used up. Free some space and start again.",
        "EROFS": "The file system is read-only. Set ANALYTICBOT_HOME to a folder that can be written.",
        "EACCES": "Permission denied. Set ANALYTICBOT_HOME to a folder of your own.",
        "EPERM": "The operation is not permitted. Set ANALYTICBOT_HOME to a folder of your own.",
        "EMFILE": "Too many open files. Raise the limit (ulimit -n 4096) and start again.",
    }
    text = known.get(_name_of(error), f"The system says: {error.strerror or error}.")
    return f"{text}{where}"


def _name_of(error: OSError) -> str:
    return errno.errorcode.get(error.errno or 0, "")
