"""A person lives a whole life here and is erased: no table, cache, file or log line holds a trace of them.

What they do goes through real doors as far as there are any; everything that names them carries the canary.
"""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.access import user_actor
from accounts.event_mails import mail_due_events
from accounts.models import Invitation, Role, User, Workspace
from accounts.people.letters import mail_due_invitations
from accounts.personal.erasing import run_due_erasures
from accounts.personal.exporting import run_due_archives
from accounts.telegram.identities import connect_telegram
from accounts.telegram.signed import TelegramPerson
from analytics.exports.work import run_due_exports
from analytics.models import AskedAddress, Note, ReportRecipient, ReportSchedule, SharedLink
from channels_app.models import Channel, ImportFile
from mtproto.models import TelegramAccount
from superadmin.models import ApprovalRequest, Impersonation
from tests.accounts.personal.world import keep_files_below, let_pass
from tests.face.world import full_channel, track
from tests.factories import make_channel, make_member, make_tracked, make_user, make_workspace, owner_of

pytestmark = pytest.mark.django_db(transaction=True)

# In whatever case; the address and the number of their Telegram count as well.
MARK = "kanarienvogel"
EMAIL = f"{MARK}@example.org"
NAME = f"Karl {MARK.title()}"
PASSWORD = f"{MARK}-password-2291"
ADDRESS = "198.51.100.231"
TELEGRAM = 7_712_340_099
TRACES = (MARK, ADDRESS, str(TELEGRAM))
_DAY = 86_400


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> Path:
    """All files of the product below one folder."""
    keep_files_below(tmp_path, settings)
    settings.EMAIL_BACKEND = "accounts.mail.FileMailBackend"
    settings.EXPORT_ENABLED = True
    settings.API_LIMIT_FACTOR = 1_000
    return tmp_path


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """Everything that a server in production writes."""
    caplog.set_level(logging.INFO)
    return caplog


def signed_up() -> Client:
    """Somebody who came through the door."""
    client = Client(
        REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=f"Mozilla/5.0 ({MARK}; Linux) Firefox/140", HTTP_ACCEPT_LANGUAGE="en"
    )
    client.post("/account/signup/", {"email": EMAIL, "password1": PASSWORD, "time_zone": "Asia/Tashkent"})
    client.post("/account/", {"name": NAME, "language": "en", "time_zone": "Asia/Tashkent"})
    client.post("/account/login/", {"login": EMAIL, "password": f"wrong-{MARK}"})
    return client


def live(client: Client, person: User, elsewhere: Workspace) -> None:
    """Everything that leaves a row, a file, a mail or something in a cache."""
    now = timezone.now()
    own = person.memberships.get().workspace
    telegram = TelegramPerson(TELEGRAM, NAME, f"{MARK}_tg", may_write=True, signed_at=now, once="once")
    connect_telegram(person, person=telegram, actor=user_actor(person), now=now)
    SocialAccount.objects.create(user=person, provider="openid_connect", uid=MARK, extra_data={"email": EMAIL})
    Authenticator.objects.create(user=person, type=Authenticator.Type.WEBAUTHN, data={"name": f"{MARK} key"})
    EmailAddress.objects.create(user=person, email=f"other-{EMAIL}")
    make_member(elsewhere, person, Role.ANALYST)
    client.post(f"/account/workspace/{own.public_id}/")
    # The key was shown just now: no browser is here to do it.
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "at": now.timestamp(), "type": "webauthn"}]
    session["account_authentication_methods_user"] = str(person.pk)
    session.save()
    client.post("/account/tokens/", {"name": f"{MARK} token", "scopes": ["channels:read"], "days": 30})
    assert own.tokens.exists()
    _works(client, person, own)
    _is_met_elsewhere(person, elsewhere)


def _works(client: Client, person: User, own: Workspace) -> None:
    now = timezone.now()
    public = full_channel(now=now, username="a_public_channel", days=3)
    tracked = track(own, public, now=now, owned=True)
    private = make_tracked(own, make_channel(None, title=f"Diary of {MARK}"))
    Note.objects.create(workspace=own, channel=public, text=MARK, at=now, author=person, created_at=now, changed_at=now)
    SharedLink.objects.create(
        workspace=own, tracked=tracked, creator=person, name=MARK, digest="d" * 64, prefix="abcde", created_at=now,
        expires_at=now + timedelta(days=9), preset="28d", sections=["overview"],
    )  # fmt: skip
    for page in ("/app/", "/app/channels/@a_public_channel/", f"/app/channels/{private.channel.tg_id}/", "/"):
        assert client.get(page).status_code == 200
    client.post("/app/exports/", {"channel": "@a_public_channel", "what": "growth", "format": "csv", "period": "7d"})
    assert run_due_exports() == 1
    assert client.post("/account/data/").status_code == 302
    assert run_due_archives() == 1
    TelegramAccount.objects.create(
        workspace_id=own.pk, server="elsewhere:443", tg_id=TELEGRAM, label=NAME, phone=f"+{TELEGRAM}", session=MARK,
        created_at=now,
    )  # fmt: skip
    upload = Path(django_settings.UPLOAD_DIR) / "0123456789abcdef"
    upload.parent.mkdir()
    upload.write_text(MARK)
    ImportFile.objects.create(
        workspace=own, path=str(upload), original_name=f"{MARK}.json", format="json", total_bytes=9, created_at=now
    )


def _is_met_elsewhere(person: User, elsewhere: Workspace) -> None:
    """What others keep of them."""
    now = timezone.now()
    place = {"workspace": elsewhere, "created_at": now}
    schedule = ReportSchedule.objects.create(name="Weekly", language="en", every="week", day=1, at="09:00", **place)
    ReportRecipient.objects.create(schedule=schedule, email=f"other-{EMAIL}", created_at=now)
    AskedAddress.objects.create(email=EMAIL, workspace=elsewhere, asked_at=now, reply="never")
    Invitation.objects.create(
        email=EMAIL, role="viewer", language="en", inviter=owner_of(elsewhere), expires_at=now + timedelta(days=7),
        due_at=now, **place,
    )  # fmt: skip
    note = {"workspace": elsewhere, "channel": make_channel("b_public_channel"), "author": person}
    Note.objects.create(text="What we wrote together", at=now, created_at=now, changed_at=now, **note)
    ApprovalRequest.objects.create(
        act="user.tier", subject_kind="user", subject_id=person.pk, subject_label=EMAIL, reason=f"{MARK} asked",
        asked_at=now, expires_at=now + timedelta(hours=1),
    )  # fmt: skip
    Impersonation.objects.create(
        staff=owner_of(elsewhere), user=person, reason=f"{MARK} asked", ticket="1", started_at=now,
        ends_at=now + timedelta(minutes=5),
    )  # fmt: skip


def traces_in(text: str) -> list[str]:
    return [trace for trace in TRACES if trace in text.lower()]


def rows_that_tell() -> Iterator[str]:
    """Each row of each table that holds a trace."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t WHERE t::text ~* %s', ["|".join(map(re.escape, TRACES))])
            yield from (f"{table}: {row}" for (row,) in cursor.fetchall())


def keys_that_tell() -> Iterator[str]:
    """Each key of Redis, in both databases, that holds a trace in its name or value.

    Limits count by address for a while, whoever it is: such a key may stand if it is gone within a day.
    """
    for url in (django_settings.REDIS_URL, django_settings.CACHE_REDIS_URL):
        with redis.Redis.from_url(url) as client:
            for key in client.scan_iter(count=1_000):
                value = client.dump(key) or b""
                found = traces_in((key + b" " + value).decode("latin-1"))
                if found and not (found == [ADDRESS] and 0 < client.ttl(key) <= _DAY):
                    yield f"{url} {key!r}"


def files_that_tell(folder: Path) -> list[str]:
    """Files whose name or content holds a trace."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [str(path) for path in files if traces_in(path.name + path.read_bytes().decode("latin-1"))]


def sessions_of(person_id: int) -> list[Session]:
    return [one for one in Session.objects.all() if one.get_decoded().get("_auth_user_id") == str(person_id)]


def test_nothing_is_left_of_the_erased(log: pytest.LogCaptureFixture, places: Path) -> None:
    elsewhere = make_workspace(name="Elsewhere", owner=make_user("bob@example.org"))
    client = signed_up()
    person = User.objects.get(email=EMAIL)
    live(client, person, elsewhere)
    mail_due_events()
    # Otherwise it would prove nothing.
    assert len(list(rows_that_tell())) > 20
    assert files_that_tell(places)
    assert client.post("/account/data/erase/").status_code == 200
    run_due_erasures()
    mail_due_invitations()
    let_pass(person)

    assert run_due_erasures() == 1

    assert list(rows_that_tell()) == []
    assert list(keys_that_tell()) == []
    assert files_that_tell(places) == []
    assert [path.name for name in ("EXPORT_DIR", "ARCHIVE_DIR") for path in (places / name.lower()).iterdir()] == []
    assert sessions_of(person.pk) == []
    assert [line for line in log.messages if traces_in(line)] == []
    assert not TelegramAccount.objects.exists()


def test_what_is_not_theirs_alone_stays(log: pytest.LogCaptureFixture, places: Path) -> None:
    elsewhere = make_workspace(name="Elsewhere", owner=make_user("bob@example.org"))
    client = signed_up()
    person = User.objects.get(email=EMAIL)
    live(client, person, elsewhere)
    client.post("/account/data/erase/")
    let_pass(person)

    run_due_erasures()

    assert list(Workspace.objects.values_list("name", flat=True)) == ["Elsewhere"]
    assert Channel.objects.get(username="a_public_channel").posts.exists()
    assert not Channel.objects.filter(username__isnull=True).exists()
    note = Note.objects.get()
    assert (note.text, note.author) == ("What we wrote together", None)
    call_command("audit_verify")
