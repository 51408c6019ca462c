"""Mail kept as files."""

import stat
import sys
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.MAIL_DIR = tmp_path / "mail"
    settings.EMAIL_BACKEND = "accounts.mail.FileMailBackend"
    settings.MAIL_LINKS_PRINTED = True
    return settings.MAIL_DIR


def test_mail_becomes_a_private_file_and_its_links_are_printed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    body = "Guten Tag Ўзбек\nhttps://stats.example.org/account/confirm-email/abc:def/\nBye (http://x.example/1)."

    sent = EmailMessage("Confirm — подтвердите", body, to=["ann@example.org"]).send()

    assert sent == 1
    (path,) = folder.iterdir()
    assert path.suffix == ".eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert (message["To"], message["Subject"]) == ("ann@example.org", "Confirm — подтвердите")
    assert message.get_content().strip() == body
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("Mail to ann@example.org: Confirm")
    assert lines[1:] == ["  https://stats.example.org/account/confirm-email/abc:def/", "  http://x.example/1"]


def test_links_are_for_the_file_only_where_others_may_read_the_output(
    folder: Path, settings: Any, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    settings.MAIL_LINKS_PRINTED = False
    folder.mkdir(mode=0o755)

    with caplog.at_level("DEBUG"):
        EmailMessage("Sign in: https://stats.example.org/s", "https://x.example/secret", to=["ann@example.org"]).send()

    (path,) = folder.iterdir()
    assert b"https://x.example/secret" in path.read_bytes()
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "http" not in printed.err + caplog.text
    assert path.name in caplog.text


def test_links_of_a_server_without_terminal_are_not_printed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)

    EmailMessage("s", "http://x.example/1", to=["ann@example.org"]).send()

    assert capsys.readouterr().out == ""
    assert [path.suffix for path in folder.iterdir()] == [".eml"]


def test_mail_to_nobody_is_not_kept(folder: Path) -> None:
    assert get_connection().send_messages([EmailMessage("s", "b")]) == 0
    assert not folder.exists()


def test_mail_that_cannot_be_kept_is_an_error_unless_silent(folder: Path) -> None:
    folder.write_text("a file where the folder should be")

    with pytest.raises(OSError, match="exist"):
        EmailMessage("s", "b", to=["ann@example.org"]).send()
    assert EmailMessage("s", "b", to=["ann@example.org"]).send(fail_silently=True) == 0
