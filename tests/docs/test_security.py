"""Each requirement that docs/security.md claims is shown by a test that there is."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_ROW = re.compile(
    r"^\| (\d{1,2}\.\d{1,2}\.\d{1,2}) \| (.+) \| `(tests/[a-z0-9_/]+\.py)::(test_[a-z0-9_]+)` \|$", re.MULTILINE
)


def test_every_claim_has_its_test() -> None:
    rows = _ROW.findall((ROOT / "docs" / "security.md").read_text(encoding="utf-8"))
    gone = []
    for number, _what, path, name in rows:
        file = ROOT / path
        if not file.is_file() or f"def {name}(" not in file.read_text(encoding="utf-8"):
            gone.append(f"{number}: {path}::{name}")

    assert not gone
    numbers = [row[0] for row in rows]
    assert len(numbers) == len(set(numbers)) >= 60
    assert all(1 <= int(number.split(".")[0]) <= 16 for number in numbers)


def test_no_row_of_the_list_is_passed_over() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")

    assert len(re.findall(r"^\| \d+\.", text, re.MULTILINE)) == len(_ROW.findall(text))
