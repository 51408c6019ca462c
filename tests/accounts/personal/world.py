"""People who have just confirmed that it is them, and days that go by."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db.models import F
from django.test import Client
from django.urls import reverse

from accounts.models import Erasure, User
from accounts.personal.erasing import UNDO_FOR
from accounts.personal.models import OPEN

PASSWORD = "correct-horse-battery"


def confirmed(user: User) -> Client:
    """A browser in which the person has signed in just now, through the real door."""
    client = Client(REMOTE_ADDR=f"10.9.{user.pk % 250}.{user.pk // 250 % 250}")
    response = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert response.status_code == 302, response.content
    return client


def let_pass(user: User) -> None:
    """The days until an erasure that lies ahead go by, for the database's clock as well."""
    days = UNDO_FOR + timedelta(hours=1)
    ahead = Erasure.objects.filter(OPEN, person_id=user.pk)
    assert ahead.update(asked_at=F("asked_at") - days, erase_at=F("erase_at") - days, due_at=F("erase_at") - days) == 1


def keep_files_below(folder: Path, settings: Any) -> None:
    """All files of the product stand below one folder."""
    for name in ("MAIL_DIR", "EXPORT_DIR", "REPORT_DIR", "ARCHIVE_DIR", "UPLOAD_DIR"):
        setattr(settings, name, folder / name.lower())
    settings.TOMBSTONES = folder / "erased.jsonl"
    settings.AUDIT_ANCHOR_FILE = folder / "anchors.jsonl"
