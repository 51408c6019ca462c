"""Where the state of a local run lives, and as which user its database runs.

Normally everything is in `.local/` of the project (or ANALYTICBOT_HOME). Two cases need another place for the
database: we are root (PostgreSQL refuses root, and the user it then runs as may not be able to reach a project that
lies below a private folder), or the file system cannot keep private permissions. The place is chosen once and
written to `.local/where`.
"""

import hashlib
import json
import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from analyticbot.local.environment import home_folder, write_private
from analyticbot.local.problems import StartError
from analyticbot.local.processes import Account

_SHARED_FOLDERS = (Path("/var/lib/analyticbot"), Path("/var/tmp/analyticbot"))  # noqa: S108  # made 0755 by root
_SERVER_USERS = ("analyticbot", "postgres", "nobody")  # the first that exists; never root
_WHERE = "where"


@dataclass(frozen=True)
class Places:
    """Folders of one local run."""

    project: Path
    home: Path
    database: Path
    shared: Path
    account: Account | None

    @property
    def logs(self) -> Path:
        """One log file per process."""
        return self.home / "logs"


def find_places(project: Path, *, own_database: bool = True) -> Places:
    """Choose (the first time) or read (later) where things are; makes the folders. Raises StartError.

    Without a database of our own nothing is made or chosen outside the state folder.
    """
    home = home_folder(project)
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        (home / "logs").mkdir(exist_ok=True, mode=0o700)
        _close_to_others(home)
        tempfile.TemporaryFile(dir=home).close()
    except OSError as error:
        raise StartError(
            f"The folder {home} cannot be written: {error.strerror}.\n"
            "Set ANALYTICBOT_HOME to a folder of your own: ANALYTICBOT_HOME=~/analyticbot make run"
        ) from error
    if not own_database:
        return Places(project=project, home=home, database=home, shared=home, account=None)
    account = server_account() if os.geteuid() == 0 else None
    shared = shared_folder() if account else home
    database = _recorded(home) or _choose_database(home, account, shared)
    database.mkdir(parents=True, exist_ok=True)
    write_private(home / _WHERE, json.dumps({"home": str(home), "database": str(database)}) + "\n")
    return Places(project=project, home=home, database=database, shared=shared, account=account)


def _close_to_others(home: Path) -> None:
    """What an earlier version, or another hand, made readable for all: it holds keys, sign-in links and names."""
    for path, mode in ((home, 0o700), *((log, 0o600) for log in (home / "logs").glob("*.log*"))):
        status = path.stat()
        # A folder for everybody (/tmp) stays one, whoever named it as the state folder.
        if status.st_uid == os.geteuid() and not status.st_mode & stat.S_ISVTX:
            path.chmod(mode)


def server_account() -> Account:
    """The unprivileged user that servers run as when we are root. Raises StartError if there is none."""
    for name in _SERVER_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise StartError(
        "PostgreSQL does not run as root, and there is no user `nobody` to run it as.\n"
        "Add one (useradd --system analyticbot), run as another user, or set DATABASE_URL."
    )


def open_to_all(folder: Path) -> bool:
    """True if every user may pass through `folder` and all folders above it."""
    folder = folder.resolve()
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


def shared_folder() -> Path:
    """A folder every user can reach, for what root prepares for the database's user."""
    for folder in _SHARED_FOLDERS:
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o755)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        if folder.stat().st_uid == 0:
            folder.chmod(0o755)
            return folder
    tried = " and ".join(map(str, _SHARED_FOLDERS))
    raise StartError(f"The database needs a folder outside this one, but {tried} cannot be written. Set DATABASE_URL.")


def _recorded(home: Path) -> Path | None:
    """The database's folder as chosen earlier; None if it was never chosen, or for another copy of the project."""
    try:
        record = json.loads((home / _WHERE).read_text())
        recorded_home, database = Path(record["home"]), Path(record["database"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if recorded_home != home:
        if database == recorded_home / "postgres":
            return home / "postgres"  # the project was moved or copied, and the data went with it
        if recorded_home.exists():
            return None  # copied, and the original still uses that data
    return database


def _choose_database(home: Path, account: Account | None, shared: Path) -> Path:
    if account is None:
        return home / "postgres" if _keeps_permissions(home) else _new_folder(_user_folder(), home)
    return _new_folder(shared, home)


def _keeps_permissions(folder: Path) -> bool:
    """False on file systems without private permissions (some mounts of other systems): PostgreSQL refuses those."""
    with tempfile.TemporaryDirectory(dir=folder) as probe:
        Path(probe).chmod(0o700)
        return Path(probe).stat().st_mode & 0o777 == 0o700


def _user_folder() -> Path:
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "analyticbot"


def _new_folder(base: Path, home: Path) -> Path:
    """A folder below `base` named after `home`; not one that an earlier project at the same path left behind."""
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    base.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        folder = base / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir(mode=0o755)
        except FileExistsError:
            number += 1
            continue
        return folder
