"""Where the real dumps lie, when they are there: beside the repository, never in it."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"


def load_dump(name: str) -> list[dict[str, Any]]:
    """The messages of one Telethon dump; skips the test by name when the data is not at hand."""
    path = DATA / "a_telethon" / name / "channel_messages.json.gz"
    if not path.exists():
        pytest.skip(f"real dump {name} is not at hand")
    with gzip.open(path) as file:
        return list(json.load(file))
