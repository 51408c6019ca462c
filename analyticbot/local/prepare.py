"""What needs Django before people come: `python -m analyticbot.local.prepare base|demo`.

Importing Django and the apps costs seconds, so the steps of one word share one process. `base` (migrations, static
files) runs while the sandbox gets ready, `demo` needs the sandbox and runs while the web server starts.
Each step reports itself as a JSON line on standard output: `{"stage", "text", "done"}`.
"""

import hashlib
import json
import sys
import traceback
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def main(what: str) -> int:
    """Run the steps of one word in order; the exit code is that of the process."""
    django.setup()
    for step in {"base": (migrate, collect_static), "demo": (prepare_demo,)}[what]:
        step()
    return 0


def report(stage: str, text: str, *, done: bool = True) -> None:
    """One line to the process that started us."""
    sys.stdout.write(json.dumps({"stage": stage, "text": text, "done": done}) + "\n")
    sys.stdout.flush()


def migrate() -> None:
    """Bring the database's tables up to date; nothing is run when nothing is open."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not plan:
        report("migrations", "up to date")
        return
    counter = _Lines("Applying", lambda n: report("migrations", f"{n} of {len(plan)}", done=False))
    call_command("migrate", interactive=False, verbosity=1, no_color=True, stdout=counter)
    report("migrations", f"{len(plan)} applied")


class _Lines(StringIO):
    """A stream that counts the lines holding a word, and tells the count."""

    def __init__(self, word: str, tell: Callable[[int], None]) -> None:
        super().__init__()
        self._word = word
        self._tell = tell
        self._count = 0

    def write(self, text: str) -> int:
        if self._word in text:
            self._count += 1
            self._tell(self._count)
        return super().write(text)


def collect_static() -> None:
    """Collect and compress static files, if any of them changed since the last time."""
    target = Path(settings.STATIC_ROOT)
    stamp = target / ".collected"
    fingerprint = _static_fingerprint()
    try:
        unchanged = stamp.read_text() == fingerprint
    except OSError:
        unchanged = False
    if unchanged:
        report("static files", "up to date")
        return
    output = StringIO()
    call_command("collectstatic", interactive=False, verbosity=0, clear=True, stdout=output)
    stamp.write_text(fingerprint)
    report("static files", f"{sum(1 for path in target.rglob('*') if path.is_file())} files")


def _static_fingerprint() -> str:
    """A digest over name, size and time of change of every static file, and of how they are stored."""
    digest = hashlib.sha256(str(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name} {status.st_size} {status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def prepare_demo() -> None:
    """Make the demo user and workspace and have its channels collected, where the command exists."""
    if "prepare_demo" not in get_commands():
        return
    output = StringIO()
    try:
        call_command("prepare_demo", stdout=output)
    except Exception as error:  # noqa: BLE001  # the product is whole without its demo: tell, and go on
        traceback.print_exc()
        report("demo failed", f"{type(error).__name__}: {error}")
        return
    lines = output.getvalue().strip().splitlines()
    report("demo", lines[-1] if lines else "ready")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
