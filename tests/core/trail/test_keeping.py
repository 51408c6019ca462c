"""With a keeper of its own the trail is out of reach for whoever speaks for the application."""

from collections.abc import Iterator

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from analyticbot.core.models import AuditEntry
from analyticbot.core.trail.forgetting import forget_in_trail
from analyticbot.core.trail.verifying import verify_trail
from tests.core.trail.tampering import WHEN, write
from tests.factories import make_user

pytestmark = pytest.mark.django_db
APP = "tests_only_app"


@pytest.fixture
def app_role() -> Iterator[None]:
    """A role that owns nothing yet; roles come and go with the transaction of the test."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {APP} NOLOGIN")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON ALL TABLES IN SCHEMA public TO {APP}")
    call_command("guard_audit", APP)
    call_command("guard_audit", APP)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"SET LOCAL ROLE {APP}")
        yield
        cursor.execute("RESET ROLE")


def test_application_writes_reads_proves_and_forgets(app_role: None) -> None:
    user = make_user("canary@example.org")
    write(3, after={"mail": user.email})

    forget_in_trail(user, actors=[("user", user.pk)], texts=[user.email], now=WHEN)

    found = verify_trail()
    assert (found.is_whole, found.rows, found.forgotten) == (True, 4, 3)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_auditentry SET object_id = 'x'",
        "DELETE FROM core_auditentry",
        "TRUNCATE core_auditentry CASCADE",
        "ALTER TABLE core_auditentry DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_only_grows ON core_auditentry",
        "DROP TABLE core_auditanchor",
        "DELETE FROM core_auditwords",
        "UPDATE core_auditwords SET entry_id = 1",
        "DELETE FROM core_auditanchor",
        "UPDATE core_auditanchor SET heads = '{}'",
        "SET session_replication_role = replica",
        "GRANT analyticbot_audit TO tests_only_app",
        "CREATE OR REPLACE FUNCTION core_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    ],
)
def test_application_cannot_change_the_trail(app_role: None, sql: str) -> None:
    write(1)

    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():  # noqa: SIM117
        with connection.cursor() as cursor:
            cursor.execute(sql)

    assert AuditEntry.objects.count() == 1


def test_check_tells_whether_the_application_rules_the_trail(request: pytest.FixtureRequest) -> None:
    def told() -> bool:
        found = run_checks(tags=[Tags.database], databases=["default"], include_deployment_checks=True)
        return any(message.id == "analyticbot.W003" for message in found)

    assert told()
    request.getfixturevalue("app_role")
    assert not told()


def test_guarding_for_nobody_is_refused() -> None:
    with pytest.raises(CommandError, match='role "nobody-here" does not exist'), transaction.atomic():
        call_command("guard_audit", "nobody-here")
