"""A person is forgotten: no word of theirs is left in the trail, and the trail is still whole."""

from collections.abc import Iterable

import pytest
from django.db import ProgrammingError, connection
from django.test import RequestFactory

from accounts.models import User
from analyticbot.core.audit import SYSTEM, Actor, AuditAction, record_audit
from analyticbot.core.context import request_scope
from analyticbot.core.models import AuditEntry, AuditWords
from analyticbot.core.trail.forgetting import forget_in_trail, forget_workspace_in_trail
from analyticbot.core.trail.verifying import verify_trail
from tests.core.trail.tampering import WHEN, tamper, write
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db
MAIL, NAME = "canary@example.org", 'Canary "Bird" Ўтёс'


def dumped() -> str:
    """Every word and fact of the trail, as it stands in the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT e::text || w::text FROM core_auditentry e JOIN core_auditwords w ON w.entry_id = e.id")
        return "\n".join(row[0] for row in cursor.fetchall())


def forget(user: User, *, actors: list[tuple[str, int]] | None = None, texts: Iterable[str] = (MAIL, NAME)) -> int:
    return forget_in_trail(user, actors=actors or [("user", user.pk)], texts=texts, now=WHEN)


@pytest.fixture
def user() -> User:
    """Somebody with a trail of their own and in that of others."""
    user = make_user(MAIL)
    mine = Actor(kind="user", id=user.pk, label=MAIL)
    with request_scope(RequestFactory().get("/", REMOTE_ADDR="192.0.2.77", HTTP_USER_AGENT="Canary/1")):
        write(2, actor=mine)
    record_audit(AuditAction.USER_CHANGED, user, actor=SYSTEM, now=WHEN, before={"name": NAME}, after={"name": "X"})
    write(1, after={"invited": [{"email": MAIL.upper(), "role": "viewer"}], NAME: 1})
    write(1, actor=Actor(kind="staff", id=99, label="staff@example.org", for_user_id=user.pk, for_label=MAIL))
    write(1, workspace_id=8, actor=Actor(kind="user", id=98, label="other@example.org"), after={"text": "stays"})
    return user


def test_no_word_of_theirs_is_left_and_the_trail_is_whole(user: User) -> None:
    assert MAIL in dumped()

    assert forget(user) == 5

    text = dumped().casefold()
    assert not any(word.casefold() in text for word in (MAIL, NAME, "canary", "192.0.2.77", "Ўтёс"))
    assert all(word in text for word in ("staff@example.org", "other@example.org", "stays", "viewer"))
    found = verify_trail()
    assert (found.is_whole, found.rows, found.forgotten) == (True, 7, 5)


def test_who_did_what_and_when_stays(user: User) -> None:
    before = list(AuditEntry.objects.order_by("pk").values("seq", "at", "actor_id", "action", "object_id", "hash"))

    forget(user)

    after = list(AuditEntry.objects.order_by("pk").values("seq", "at", "actor_id", "action", "object_id", "hash"))
    assert after[:-1] == before
    told = AuditEntry.objects.latest("pk")
    assert (told.action, told.object_id, told.after) == ("core:person:forgotten", str(user.pk), {"entries": 5})


def test_forgetting_twice_keeps_the_trail_whole(user: User) -> None:
    forget(user)
    forget(user)

    assert verify_trail().is_whole


def test_second_person_of_an_entry_may_be_forgotten_too(user: User) -> None:
    other = make_user("other@example.org")
    write(1, after={"from": MAIL, "to": other.email})
    forget(user)

    forget(other, actors=[("user", other.pk), ("user", 98)], texts=[other.email])

    assert other.email not in dumped()
    assert verify_trail().is_whole


def test_words_removed_without_an_entry_are_found(user: User) -> None:
    entry = AuditEntry.objects.earliest("pk")
    forget(make_user("somebody@example.org"), actors=[], texts=[])
    told = AuditEntry.objects.latest("pk")

    # The database lets this pass: it cannot know what the entry tells of. The count does.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_auditwords SET after = NULL, salt = '', forgotten_by = %s WHERE entry_id = %s",
            [told.pk, entry.pk],
        )

    (finding,) = verify_trail().findings
    assert (finding.entry_id, finding.what) == (entry.pk, "its words were removed, and no entry tells of it.")


def test_entry_that_tells_of_forgetting_cannot_forget_itself_to_cover_more(user: User) -> None:
    entry = AuditEntry.objects.earliest("pk")
    forget(make_user("somebody@example.org"), actors=[], texts=[])
    told = AuditEntry.objects.latest("pk")

    # As above, and its count made to fit: its own words would be proven by nothing any more.
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_auditwords SET after = %s, salt = '', forgotten_by = %s WHERE entry_id = ANY(%s)",
            ['{"entries": 2}', told.pk, [entry.pk, told.pk]],
        )

    assert told.pk in [finding.entry_id for finding in verify_trail().findings]


def test_words_brought_back_to_nothing_by_hand_are_found(user: User) -> None:
    entry = AuditEntry.objects.earliest("pk")

    tamper("UPDATE core_auditwords SET after = NULL, salt = '', forgotten_by = 0 WHERE entry_id = %s", entry.pk)

    assert [finding.entry_id for finding in verify_trail().findings] == [entry.pk]


@pytest.mark.parametrize(
    "change",
    [
        "after = '{}'",
        "after = NULL, salt = ''",
        "after = NULL, forgotten_by = 1",
        "entry_id = entry_id + 100, salt = '', forgotten_by = 1",
    ],
)
def test_database_refuses_other_changes_of_words(user: User, change: str) -> None:
    entry = AuditEntry.objects.earliest("pk")

    with pytest.raises(ProgrammingError, match="only ever forgotten"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE core_auditwords SET {change} WHERE entry_id = %s", [entry.pk])


def test_database_refuses_to_take_forgetting_back(user: User) -> None:
    forget(user)

    with pytest.raises(ProgrammingError, match="only ever forgotten"):
        AuditWords.objects.filter(forgotten_by__isnull=False).update(forgotten_by=None)


def test_address_that_only_ends_like_theirs_stays(user: User) -> None:
    write(1, actor=Actor(kind="user", id=97, label=f"jo{MAIL}"), after={"emails": f"jo{MAIL}, {MAIL}"})

    forget(user)

    words = AuditWords.objects.get(entry__actor_id=97)
    assert (words.actor_label, words.after) == (f"jo{MAIL}", {"emails": f"jo{MAIL}, …"})


def test_values_in_the_chain_of_an_erased_workspace_go_as_a_whole(user: User) -> None:
    workspace = make_workspace(name="Canary's own")
    write(2, workspace_id=workspace.pk, after={"name": "Canary's own"})

    assert forget_workspace_in_trail(workspace, now=WHEN) == 2

    assert "Canary's own" not in dumped()
    assert verify_trail().is_whole
