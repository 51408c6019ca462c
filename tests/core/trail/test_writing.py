"""The trail is written in one order, whoever writes, and says where a change came from."""

import logging
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client, RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from analyticbot.core.audit import SYSTEM, Actor
from analyticbot.core.context import request_id_scope, request_scope
from analyticbot.core.models import AuditEntry
from analyticbot.core.trail.verifying import verify_trail
from tests.core.trail.tampering import WHEN, write
from tests.factories import bearer, make_token, make_workspace

WRITERS = 50
EACH = 4


@pytest.mark.django_db(transaction=True)
def test_fifty_writers_keep_one_chain() -> None:
    begin = Barrier(WRITERS)

    def work(_number: int) -> None:
        try:
            begin.wait(timeout=60)
            for _ in range(EACH):
                write(1)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(work, range(WRITERS)))

    places = list(AuditEntry.objects.filter(workspace_id=7).order_by("seq").values_list("seq", flat=True))
    assert places == list(range(1, WRITERS * EACH + 1))
    assert verify_trail().is_whole


@pytest.mark.django_db(transaction=True)
def test_chains_do_not_wait_for_each_other() -> None:
    def write_elsewhere() -> None:
        try:
            write(1, workspace_id=8)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        write(1, workspace_id=7)
        pool.submit(write_elsewhere).result(timeout=10)

    assert verify_trail().rows == 2


@pytest.mark.django_db
def test_change_that_is_undone_leaves_no_gap() -> None:
    write(1)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        write(2)
        _ = 1 / 0
    write(1)

    assert list(AuditEntry.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2]
    assert verify_trail().is_whole


@pytest.mark.django_db
def test_entry_is_what_the_database_holds() -> None:
    actor = Actor(kind="staff", id=3, label="staff@example.org", for_user_id=5, for_label="person@example.org")
    (entry,) = write(1, actor=actor, before={"n": 1}, after=None)

    stored = AuditEntry.objects.get()
    assert stored == entry
    assert (stored.seq, stored.at, stored.actor_kind, stored.actor_id, stored.for_user_id) == (1, WHEN, "staff", 3, 5)
    assert (stored.actor_label, stored.words.for_label) == ("staff@example.org", "person@example.org")
    assert (stored.before, stored.after) == ({"n": 1}, None)
    assert entry.before == {"n": 1}


@pytest.mark.django_db
def test_entry_says_where_the_request_came_from() -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="::ffff:192.0.2.7", HTTP_USER_AGENT="Mozilla/5.0 (canary)")
    with request_id_scope("request-0042"), request_scope(request):
        inside = write(1)[0]
    outside = write(1)[0]

    assert (inside.request_id, inside.words.address, len(inside.words.agent)) == ("request-0042", "192.0.2.7", 16)
    assert "canary" not in inside.words.agent
    assert (outside.request_id, outside.words.address, outside.words.agent) == ("", "", "")


@pytest.mark.django_db
def test_log_holds_the_proof_and_no_words(
    caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    actor = Actor(kind="user", id=3, label="canary@example.org")
    with caplog.at_level(logging.INFO, "analyticbot.audit"), django_capture_on_commit_callbacks(execute=True):
        (entry,) = write(1, actor=actor, after={"text": "canary"})

    assert caplog.messages == [f"audit 7:1 analytics:note:added {bytes(entry.hash).hex()}"]


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["core_auditentry", "core_auditwords", "core_auditanchor"])
@pytest.mark.parametrize("sql", ["DELETE FROM {}", "TRUNCATE {} CASCADE", "UPDATE {0} SET {1} = {1}"])
def test_database_refuses_to_change_the_trail(table: str, sql: str) -> None:
    write(1)
    column = "at" if table == "core_auditanchor" else "salt" if table == "core_auditwords" else "object_id"

    with pytest.raises(ProgrammingError, match="audit trail"), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(sql.format(table, column))


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@pytest.mark.django_db
@given(after=st.dictionaries(st.sampled_from(["a", "ü", "\U0001f600"]), _JSON))
def test_whatever_values_are_written_verify(after: dict[str, Any]) -> None:
    (entry,) = write(1, actor=SYSTEM, after=after)

    assert verify_trail().findings == [], (after, entry.pk)


@pytest.mark.django_db
def test_change_through_the_api_leaves_an_entry_with_its_origin(client: Client) -> None:
    workspace = make_workspace()
    headers = bearer(make_token(workspace)) | {"X-Request-Id": "request-0077", "User-Agent": "curl/8"}

    answer = client.post(
        "/api/v2/channels", {"ref": "@canary"}, "application/json", headers=headers, REMOTE_ADDR="192.0.2.9"
    )

    assert answer.status_code == 201, answer.content
    entry = AuditEntry.objects.get(action="channels:channel:tracked")
    assert (entry.workspace_id, entry.actor_kind, entry.request_id) == (workspace.pk, "token", "request-0077")
    assert (entry.words.address, len(entry.words.agent)) == ("192.0.2.9", 16)
    assert verify_trail().is_whole
