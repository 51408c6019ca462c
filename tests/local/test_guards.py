"""The guards of `make check` find what they are there for."""

from pathlib import Path

import pytest

from analyticbot.local.guards import broken_locks, secrets_in, unsafe_calls


def test_a_secret_of_a_known_form_is_found_and_not_told(tmp_path: Path) -> None:
    bot = "7211234567:" + "AAH" + "x1Yz9Qw8Er7Ty6Ui5Op4As3Df2Gh1JkLmN"[:32]
    key = "-----BEGIN RSA " + "PRIVATE KEY-----"
    address = "postgres://app:" + "hunter2hunter2@db/app"  # put together here, where secrets are looked for as well
    path = tmp_path / "settings.py"
    path.write_text(f'A = "{bot}"\nB = """{key}\nMIIE\n"""\nC = "{address}"\n')

    found = list(secrets_in([path]))

    assert len(found) == 3, found
    assert not [line for line in found if "hunter2" in line or bot in line]


def test_words_of_examples_are_no_secrets(tmp_path: Path) -> None:
    path = tmp_path / "settings.py"
    path.write_text('A = "postgres://user:password@host/name"\nB = f"redis://:{word}@host"\n')

    assert list(secrets_in([path])) == []


def test_an_unsafe_call_is_found(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.bandit]\n")
    (tmp_path / "a.py").write_text("import yaml\nyaml.load(open('x'), Loader=yaml.Loader)\n")

    assert "B506" in unsafe_calls(tmp_path)


@pytest.mark.parametrize(
    ("asked", "locked", "there", "told"),
    [
        ("django==5.2.19", "django==5.2.19 \\\n    --hash=sha256:aa", "5.2.19", ""),
        ("django==5.2.20", "django==5.2.19 \\\n    --hash=sha256:aa", "5.2.19", "make lock"),
        ("django==5.2.19", "django==5.2.19", "5.2.19", "no hash"),
        ("django==5.2.19", "django==5.2.19 \\\n    --hash=sha256:aa", "4.0", "installed: django 4.0"),
    ],
)
def test_a_lock_that_does_not_hold_is_found(tmp_path: Path, asked: str, locked: str, there: str, told: str) -> None:
    (tmp_path / "base.in").write_text(asked + "\n")
    (tmp_path / "base.txt").write_text(locked + "\n")

    answer = broken_locks(tmp_path, {"django": there})

    assert told in answer and bool(told) == bool(answer)
