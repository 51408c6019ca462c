"""TCP ports on this machine: free ones, taken ones, and who holds them."""

import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
_LISTEN = "0A"  # state column of /proc/net/tcp


def free_port() -> int:
    """A port nobody uses now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """True if a server could listen on this loopback port now."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still closing (TIME_WAIT) is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def answers(port: int, *, timeout: float = 1.0) -> bool:
    """True if something accepts connections on this loopback port; `timeout` in seconds."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=timeout):
            return True
    except OSError:
        return False


def keep_or_choose(wanted: int | None, *, taken: frozenset[int] = frozenset()) -> int:
    """The wanted port if it is free, otherwise another one that is not in `taken`."""
    if wanted and wanted not in taken and is_free(wanted):
        return wanted
    port = free_port()
    while port in taken:
        port = free_port()
    return port


def holder_of(port: int) -> str | None:
    """`pid 123 (name)` of the process that listens on this port, where the system tells; otherwise None."""
    inodes = _listening_inodes(port)
    if not inodes:
        return None
    for process in Path("/proc").glob("[0-9]*"):
        try:
            links = {str(entry.readlink()) for entry in (process / "fd").iterdir()}
            if links & inodes:
                return f"pid {process.name} ({(process / 'comm').read_text().strip()})"
        except OSError:  # another user's process, or one that ended meanwhile
            continue
    return None


def _listening_inodes(port: int) -> set[str]:
    """The socket names (`socket:[inode]`) that listen on this port."""
    found: set[str] = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text().splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            columns = row.split()
            if columns[3] == _LISTEN and int(columns[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{columns[9]}]")
    return found
