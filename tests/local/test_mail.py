"""Mail of a local run, told in the terminal that started it."""

from email.message import EmailMessage
from pathlib import Path

from analyticbot.local.mail import NewMail


def _keep(folder: Path, name: str, text: str, *, subject: str = "Reset your password", html: str | None = None) -> None:
    message = EmailMessage()
    message["To"], message["Subject"] = "ann@example.org", subject
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(message.as_bytes())


def test_new_mail_is_told_once_with_its_links_and_older_mail_is_not(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    _keep(folder, "1-old.eml", "http://127.0.0.1/old/")
    new_mail = NewMail(folder)
    long = "http://127.0.0.1:8000/account/password/reset/key/" + "a" * 90 + "/"
    _keep(folder, "3-b.eml", f"Салом\n\n{long}\nand (https://x.example/1).", subject="Сброс пароля")
    _keep(folder, "2-a.eml", "no link")

    told = list(new_mail.lines())

    assert told == [
        "to ann@example.org: Reset your password",
        "to ann@example.org: Сброс пароля",
        f"  {long}",
        "  https://x.example/1",
    ]
    assert list(new_mail.lines()) == []


def test_folder_that_comes_later_is_followed(tmp_path: Path) -> None:
    new_mail = NewMail(tmp_path / "mail")
    assert list(new_mail.lines()) == []

    _keep(tmp_path / "mail", "1.eml", "text http://x.example/1", html='<a href="http://x.example/2">2</a>')

    assert list(new_mail.lines())[1:] == ["  http://x.example/1"]


def test_broken_mail_and_control_characters_do_no_harm(tmp_path: Path) -> None:
    new_mail = NewMail(tmp_path)
    (tmp_path / "1.eml").write_bytes(
        b"Content-Type: text/plain; charset=nonsense\nTo: \x1b[2J\xff\n\n\xff http://x/\x1b[31m"
    )
    (tmp_path / "2.eml").write_bytes(b"")
    (tmp_path / "3.eml").mkdir()
    (tmp_path / "half.part").write_bytes(b"To: a@b.c\n\nhttp://x/")

    told = list(new_mail.lines())

    assert len(told) >= 2
    assert all(line.isprintable() for line in told)
