"""What `make check` looks for beside style: unsafe calls, secrets in the sources, and locks that do not hold.

All of it works without a network. Known holes in packages are another matter: `pip-audit` asks a server for them.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path

# Forms that a provider of secrets has given them; what merely looks random is everywhere in tests of ours.
_FORMS = (
    "AWSKeyDetector",
    "ArtifactoryDetector",
    "AzureStorageKeyDetector",
    "BasicAuthDetector",
    "CloudantDetector",
    "DiscordBotTokenDetector",
    "GitHubTokenDetector",
    "GitLabTokenDetector",
    "IbmCloudIamDetector",
    "JwtTokenDetector",
    "MailchimpDetector",
    "NpmDetector",
    "OpenAIDetector",
    "PrivateKeyDetector",
    "PypiTokenDetector",
    "SendGridDetector",
    "SlackDetector",
    "SquareOAuthDetector",
    "StripeDetector",
    "TelegramBotTokenDetector",
    "TwilioKeyDetector",
)
# Words that stand for a password in examples, or for the place of one.
_EXAMPLES = re.compile(r"password|nothing|secret|app|x+|p|wrong|.*[{}].*", re.IGNORECASE)
_NO_SOURCES = {".png", ".ttf", ".woff2", ".ico", ".gz", ".mo", ".svg", ".map", ".po"}
# Written by programs, of what is looked at elsewhere: hashes, and the API's document.
_WRITTEN = ("requirements/", "clients/", "analytics/schemas/", "static/vendor/")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
_HASH = "--hash=sha256:"


def unsafe_calls(project: Path) -> str:
    """What bandit finds of medium weight or more, or nothing; pyproject.toml says what it passes over, and why."""
    command = [sys.executable, "-m", "bandit", "-q", "-ll", "-ii", "-c", "pyproject.toml", "-r", "."]
    answer = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    return "" if answer.returncode == 0 else answer.stdout + answer.stderr


def kept_secrets(project: Path) -> str:
    """Lines of files under version control that hold a secret of a known form; empty if none does."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=project, capture_output=True, text=True, check=False)
    names = [name for name in listed.stdout.split("\0") if name and not name.startswith(_WRITTEN)]
    paths = [project / name for name in names if Path(name).suffix not in _NO_SOURCES]
    return "\n".join(secrets_in(path for path in paths if path.is_file()))


def secrets_in(paths: Iterable[Path]) -> Iterator[str]:
    """File, line and kind of each secret; never the secret."""
    from detect_secrets.core.scan import scan_file
    from detect_secrets.settings import transient_settings

    with transient_settings({"plugins_used": [{"name": name} for name in _FORMS]}):
        for path in paths:
            for found in scan_file(str(path)):
                if not _EXAMPLES.fullmatch(found.secret_value or ""):
                    yield f"{found.filename}:{found.line_number}: {found.type}"


def broken_locks(folder: Path, installed: Mapping[str, str] | None = None) -> str:
    """What is asked for and not pinned, pinned without a hash or twice, or installed in another version."""
    pins, wrong = dict[str, str](), list[str]()
    for path in sorted(folder.glob("*.txt")):
        here = _pins(path)
        wrong += [f"{path.name}: {name} has no hash" for name, (_version, hashed) in here.items() if not hashed]
        wrong += [
            f"{path.name}: {name} {version}, elsewhere {pins[name]}"
            for name, (version, _hashed) in here.items()
            if pins.setdefault(name, version) != version
        ]
        asked = _pins(path.with_suffix(".in")) if path.with_suffix(".in").exists() else {}
        wrong += [
            f"{path.name}: {name}=={version} is asked for; run make lock"
            for name, (version, _hashed) in asked.items()
            if here.get(name, ("", 0))[0] != version
        ]
    there = _installed() if installed is None else installed
    wrong += [
        f"installed: {name} {there[name]}, not {pins[name]}"
        for name in pins
        if there.get(name, pins[name]) != pins[name]
    ]
    return "\n".join(wrong)


def _pins(path: Path) -> dict[str, tuple[str, int]]:
    """Version and number of hashes of each package that a file names."""
    found: dict[str, tuple[str, int]] = {}
    last = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if match := _PIN.match(line):
            last = _normal(match[1])
            found[last] = (match[2], 0)
        elif _HASH in line and last:
            found[last] = (found[last][0], found[last][1] + 1)
    return found


def _installed() -> dict[str, str]:
    return {_normal(one.metadata["Name"]): one.version for one in metadata.distributions() if one.metadata["Name"]}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
