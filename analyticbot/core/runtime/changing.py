"""Setting a declared value: a new version, an audit row, and every process goes by it within five seconds."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, InvalidInput, NotFound
from analyticbot.core.runtime.models import ConfigurationVersion
from analyticbot.core.runtime.reading import forget_configuration
from analyticbot.core.runtime.values import Value, declared_values

MOST_REASON = 300
# One lock for all keys: changes are rare, and a page shows several.
_LOCK = 0x636F6E66


def value_named(key: str) -> "Value[bool] | Value[int] | Value[str]":
    """The declaration of a key; NotFound for one that is not declared."""
    try:
        return declared_values()[key]
    except KeyError:
        raise NotFound(_("There is no such value.")) from None


def present_version(key: str) -> ConfigurationVersion | None:
    """The version that counts; None while the value was never changed."""
    return ConfigurationVersion.objects.filter(key=key).order_by("-version").first()


@transaction.atomic
def change_value(
    key: str, given: object | None, *, seen_version: int, reason: str, actor: Actor, now: datetime
) -> ConfigurationVersion | None:
    """Set a value, or with None give it back to its default. The same value again changes nothing.

    1. Check the value by its declaration, and that there is a reason.
    2. Check that nobody has changed it since `seen_version` (0: never changed) was shown.
    3. Add the version and its audit row; this process reads anew at once, the others within five seconds.

    Raises InvalidInput (`value`, `reason`), NotFound for an unknown key and Conflict for a version that is past.
    """
    declared = value_named(key)
    value = None if given is None else declared.parse(given)
    if not reason.strip() or len(reason) > MOST_REASON:
        raise InvalidInput(_("Say why, in 1 to %(most)s characters.") % {"most": MOST_REASON}, field="reason")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    present = present_version(key)
    if (present.version if present else 0) != seen_version:
        raise Conflict(_("Somebody has changed this meanwhile. Look at it again."))
    before = present.value if present else None
    if before == value and type(before) is type(value):
        return present
    row = ConfigurationVersion.objects.create(
        key=key,
        version=seen_version + 1,
        value=value,
        at=now,
        actor_kind=actor.kind,
        actor_id=actor.id,
        reason=reason.strip(),
    )
    _record(row, before=before, actor=actor, now=now)
    return row


def revert_to(
    earlier: ConfigurationVersion, *, seen_version: int, reason: str, actor: Actor, now: datetime
) -> ConfigurationVersion | None:
    """Set a value to what it was in an earlier version; that is a new version. Raises as `change_value`."""
    return change_value(earlier.key, earlier.value, seen_version=seen_version, reason=reason, actor=actor, now=now)


def _record(row: ConfigurationVersion, *, before: Any, actor: Actor, now: datetime) -> None:
    record_audit(
        AuditAction.CONFIGURATION_CHANGED,
        row,
        actor=actor,
        now=now,
        before={"key": row.key, "value": before},
        after={"key": row.key, "value": row.value, "version": row.version, "reason": row.reason},
    )
    forget_configuration()
    # Again when it holds for all: somebody in between may have read and kept the old one.
    transaction.on_commit(forget_configuration)
