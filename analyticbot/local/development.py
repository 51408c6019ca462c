"""The tools behind `make test`, `make check`, `make fmt` and `make messages`; each says what it does in one line."""

import base64
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from analyticbot.local.catalogues import Catalogue, compare_catalogues, compile_catalogues
from analyticbot.local.console import say
from analyticbot.local.guards import broken_locks, kept_secrets, unsafe_calls

_PROJECT = Path(__file__).resolve().parent.parent.parent
_LANGUAGES = ("ru", "uz")
_APT_SECONDS = 300
# One more than there are cores: tests of processes and browsers wait much of their time. Each has a database.
_TEST_PROCESSES = min(os.cpu_count() or 2, 8) + 1
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_NOT_SOURCES = (".venv", ".local", "tests", "sandbox", "benchmarks", "node_modules")
# Enough for Django to start without any server; the keys open nothing.
_SETTINGS = {
    "ANALYTICBOT_ENV": "test",
    "SECRET_KEY": "only-for-checking-the-code-never-for-a-running-server",
    "ENC_KEYS": "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "DATABASE_URL": "postgres://nobody:nothing@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "DJANGO_SETTINGS_MODULE": "analyticbot.settings",
}
_PRODUCTION = _SETTINGS | {
    "ANALYTICBOT_ENV": "production",
    "SECRET_KEY": secrets.token_urlsafe(60),
    "ENC_KEYS": f"k1:{base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()}",
    "SITE_URL": "https://analyticbot.example",
    "EMAIL_URL": "smtp+tls://user:password@mail.analyticbot.example:587",
    "TELEGRAM_API_ID": "1",
    "TELEGRAM_API_HASH": "0123456789abcdef0123456789abcdef",
}


def test(arguments: list[str]) -> int:
    """Install what the tests need from the system where we may, then run pytest (it replaces this process)."""
    _have_program("chromium", programs=_BROWSERS, why="tests in a browser")
    _have_program("gettext", programs=("xgettext",), why="tests of the message catalogues")
    compile_catalogues(_PROJECT / "locale")
    say("tests", f"pytest, {_TEST_PROCESSES} processes, in random order")
    # Whoever is done takes work from the others: the longest tests are not waited for by idle processes.
    spread = ["-n", str(_TEST_PROCESSES), "--dist", "worksteal"]
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *spread, *arguments])  # noqa: S606  # our own Python


def check(_arguments: list[str]) -> int:
    """Run every check, also after one failed; 1 if any failed."""
    _have_program("gettext", programs=("xgettext",), why="the check of the message catalogues")
    failed = [name for name, run in _checks() if not _report(name, run())]
    say("check", f"failed: {', '.join(failed)}" if failed else "all clean")
    return 1 if failed else 0


def fmt(_arguments: list[str]) -> int:
    """Format code and templates, and repair what ruff can repair."""
    _run("ruff", "check", "--fix", "--quiet", ".")
    failure = _run("ruff", "format", ".")
    # It ends with 1 when it has changed something.
    _run("djlint", "--reformat", "--quiet", "templates")
    say("fmt", failure or "done")
    return 1 if failure else 0


def messages(_arguments: list[str]) -> int:
    """Bring the message catalogues up to date with the sources, and say what is not translated yet."""
    if not _have_program("gettext", programs=("xgettext",), why="collecting messages"):
        return 1
    failure = _make_messages(_PROJECT)
    if failure:
        say("messages", failure)
        return 1
    for language in _LANGUAGES:
        catalogue = Catalogue.read(_PROJECT / "locale", language)
        say("messages", f"{language}: {len(catalogue.messages)} texts, {len(catalogue.untranslated)} not translated")
    compile_catalogues(_PROJECT / "locale")
    return 0


def _checks() -> list[tuple[str, Callable[[], str]]]:
    """Each check: its name, and a function that returns what is wrong (nothing: the empty text)."""
    return [
        ("lint", lambda: _run("ruff", "check", ".")),
        ("format", lambda: _run("ruff", "format", "--check", ".")),
        ("types", lambda: _run("mypy", "--strict", ".", settings=_SETTINGS)),
        ("imports", lambda: _run_script("lint-imports")),
        ("templates", lambda: _run("djlint", "--check", "--lint", "--quiet", "templates")),
        ("migrations", lambda: _django("makemigrations", "--check", "--dry-run", settings=_SETTINGS)),
        ("deployment", lambda: _django("check", "--deploy", "--fail-level", "WARNING", settings=_PRODUCTION)),
        ("catalogues", _check_catalogues),
        ("unsafe calls", lambda: unsafe_calls(_PROJECT)),
        ("secrets", lambda: kept_secrets(_PROJECT)),
        ("locks", lambda: broken_locks(_PROJECT / "requirements")),
    ]


def _report(name: str, failure: str) -> bool:
    say(name, "FAILED" if failure else "clean")
    if failure:
        sys.stdout.write(failure.rstrip() + "\n")
        sys.stdout.flush()
    return not failure


def _run(module: str, *arguments: str, settings: dict[str, str] | None = None) -> str:
    """Run a Python tool over the project; its output if it failed, otherwise the empty text."""
    return _answer([sys.executable, "-m", module, *arguments], settings or {})


def _run_script(name: str) -> str:
    return _answer([str(Path(sys.executable).with_name(name))], {})


def _django(*arguments: str, settings: dict[str, str]) -> str:
    # Without a database Django warns that it cannot compare the history of migrations; the files are what counts.
    return _run("django", *arguments, settings=settings | {"PYTHONWARNINGS": "ignore::RuntimeWarning"})


def _answer(command: list[str], settings: dict[str, str], cwd: Path = _PROJECT) -> str:
    answer = subprocess.run(command, cwd=cwd, env=os.environ | settings, capture_output=True, text=True, check=False)
    if answer.returncode == 0:
        return ""
    return answer.stdout + answer.stderr or f"exit code {answer.returncode}"


def _make_messages(folder: Path) -> str:
    """Collect the messages of the sources below `folder` into its catalogues; what went wrong, or nothing."""
    languages = [word for language in _LANGUAGES for word in ("-l", language)]
    ignored = [word for name in _NOT_SOURCES for word in ("--ignore", name)]
    options = ["--no-location", "--no-obsolete", "--no-wrap", *languages, *ignored]
    command = [sys.executable, "-m", "django", "makemessages", *options]
    return _answer(command, {"DJANGO_SETTINGS_MODULE": ""}, cwd=folder)


def _check_catalogues() -> str:
    """Compare the catalogues with the messages of the sources, collected in a copy of the project."""
    if not shutil.which("xgettext"):
        say("catalogues", "only untranslated texts are looked for: gettext is not installed")
        return compare_catalogues(_PROJECT / "locale", None, _LANGUAGES)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "project"
        ignored = shutil.ignore_patterns(*_NOT_SOURCES, ".git", "__pycache__", "*.mo", ".*_cache", ".hypothesis")
        shutil.copytree(_PROJECT, copy, ignore=ignored)
        failure = _make_messages(copy)
        return failure or compare_catalogues(_PROJECT / "locale", copy / "locale", _LANGUAGES)


def _have_program(package: str, *, programs: tuple[str, ...], why: str) -> bool:
    """True if one of the programs is there; installs its Debian package where we may, or says what is missing."""
    if any(shutil.which(program) for program in programs):
        return True
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say(package, f"installing it with apt-get (for {why})")
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", package]):
            try:
                subprocess.run(command, env=environment, capture_output=True, timeout=_APT_SECONDS, check=False)
            except subprocess.TimeoutExpired:
                break
    found = any(shutil.which(program) for program in programs)
    if not found:
        say(package, f"is not installed: {why} are skipped by name (apt-get install {package})")
    return found


if __name__ == "__main__":
    sys.exit({"test": test, "check": check, "fmt": fmt, "messages": messages}[sys.argv[1]](sys.argv[2:]))
