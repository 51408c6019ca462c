"""A database role of its own for the audit trail: the application may add to it and read it, and no more.

Triggers refuse changes already; but who owns a table can drop its triggers. So the tables go to a role that nobody
signs in with, and the application keeps what it needs.
"""

from django.db import connection, transaction
from psycopg import sql

KEEPER = "analyticbot_audit"
_TABLES = ("core_auditentry", "core_auditwords", "core_auditanchor")
_FUNCTIONS = ("core_audit_head(bigint)", "core_audit_refuse()", "core_audit_forgets()")
# What a person's erasure writes.
_FORGETTABLE = ("actor_label", "for_label", "address", "agent", "before", "after", "salt", "forgotten_by")


@transaction.atomic
def guard_trail(role: str) -> None:
    """Give the trail to the keeper, and `role`, which the application signs in with, the rights to add and to read.

    Needs a superuser of the database. Raises ProgrammingError if there is no such role or the right is missing.
    """
    keeper, app = sql.Identifier(KEEPER), sql.Identifier(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [KEEPER])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(keeper))
        for name in _TABLES:
            table = sql.Identifier(name)
            cursor.execute(sql.SQL("ALTER TABLE {} OWNER TO {}").format(table, keeper))
            cursor.execute(sql.SQL("REVOKE ALL ON {} FROM PUBLIC, {}").format(table, app))
            cursor.execute(sql.SQL("GRANT SELECT, INSERT ON {} TO {}").format(table, app))
        for name in _FUNCTIONS:
            cursor.execute(sql.SQL("ALTER FUNCTION {} OWNER TO {}").format(sql.SQL(name), keeper))
        columns = sql.SQL(", ").join(map(sql.Identifier, _FORGETTABLE))
        cursor.execute(sql.SQL("GRANT UPDATE ({}) ON core_auditwords TO {}").format(columns, app))


def rules_trail() -> bool:
    """Whether the role that we are signed in with could change the trail or switch its guards off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.rolsuper OR pg_has_role(current_user, c.relowner, 'MEMBER')"
            " OR has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')"
            " FROM pg_class c, pg_roles r WHERE c.oid = 'core_auditentry'::regclass AND r.rolname = current_user"
        )
        return bool(cursor.fetchone()[0])
