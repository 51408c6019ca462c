"""Secrets and ports are made once and kept."""

from pathlib import Path

from cryptography.fernet import Fernet

from analyticbot.local.identity import keep_secrets, read_ports, write_ports


def test_secrets_are_made_once(tmp_path: Path) -> None:
    first, second = keep_secrets(tmp_path), keep_secrets(tmp_path)

    assert first == second
    assert len({first.secret_key, first.enc_keys, first.database_password, first.redis_password}) == 4
    assert first.demo_password == (tmp_path / "demo-password").read_text().strip()


def test_secrets_are_readable_by_the_owner_only(tmp_path: Path) -> None:
    keep_secrets(tmp_path)

    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {
        "demo-password": 0o600,
        "secrets": 0o600,
    }


def test_encryption_key_is_a_fernet_key(tmp_path: Path) -> None:
    name, _, key = keep_secrets(tmp_path).enc_keys.partition(":")

    assert name == "k1"
    Fernet(key)


def test_chosen_demo_password_is_kept(tmp_path: Path) -> None:
    (tmp_path / "demo-password").write_text("my own\n")

    assert keep_secrets(tmp_path).demo_password == "my own"


def test_ports_come_back_and_a_damaged_file_is_no_obstacle(tmp_path: Path) -> None:
    assert read_ports(tmp_path) == {}
    write_ports(tmp_path, {"postgres": 40_001})
    assert read_ports(tmp_path) == {"postgres": 40_001}
    (tmp_path / "ports.json").write_text('{"postgres"')
    assert read_ports(tmp_path) == {}
