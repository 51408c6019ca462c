"""Keep filters under a name, rename them, remove them."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Workspace
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, InvalidInput
from analytics.queries.segments import SEGMENT_NAMES, parse_segment
from analytics.saved.models import MOST_LETTERS, SavedSegment

# More than this is a list that nobody reads.
MOST_SEGMENTS = 50


def segments_for_workspace(workspace_id: int) -> tuple[SavedSegment, ...]:
    """The saved filters of a workspace by name: one read."""
    rows = SavedSegment.objects.filter(workspace_id=workspace_id).order_by("name", "pk")
    return tuple(rows[:MOST_SEGMENTS])


def find_segment(workspace: Workspace, *, public_id: UUID) -> SavedSegment | None:
    """The saved filters of this workspace with that id."""
    return SavedSegment.objects.filter(workspace=workspace, public_id=public_id).first()


def save_segment(
    workspace: Workspace, *, name: str, filters: Mapping[str, str], actor: Actor, now: datetime
) -> SavedSegment:
    """Keep filters under a name. Raises InvalidInput (`name`, or the filter), and Conflict for a name that is taken."""
    held = {one: filters[one].strip() for one in SEGMENT_NAMES if filters.get(one, "").strip()}
    if not parse_segment(held):
        raise InvalidInput(_("Choose at least one filter first."), field="filters")
    name = _checked(name)
    with _one_name(), transaction.atomic():
        # One at a time for each workspace, so that two requests cannot both be the last that is allowed.
        Workspace.objects.select_for_update().get(pk=workspace.pk)
        if SavedSegment.objects.filter(workspace=workspace).count() >= MOST_SEGMENTS:
            raise Conflict(
                _("%(most)s saved filters are enough: remove one first.") % {"most": MOST_SEGMENTS}, code="too_many"
            )
        row = SavedSegment.objects.create(workspace=workspace, name=name, filters=held, created_at=now)
        after = {"name": name, "filters": held}
        record_audit(AuditAction.SEGMENT_SAVED, row, actor=actor, now=now, workspace_id=workspace.pk, after=after)
    return row


def rename_segment(row: SavedSegment, *, name: str, actor: Actor, now: datetime) -> SavedSegment:
    """Give saved filters another name. Raises InvalidInput, and Conflict for a name that is taken."""
    before, name = row.name, _checked(name)
    with _one_name(), transaction.atomic():
        row.name = name
        row.save(update_fields=["name"])
        record_audit(
            AuditAction.SEGMENT_RENAMED,
            row,
            actor=actor,
            now=now,
            workspace_id=row.workspace_id,
            before={"name": before},
            after={"name": name},
        )
    return row


def remove_segment(row: SavedSegment, *, actor: Actor, now: datetime) -> None:
    """Forget saved filters."""
    with transaction.atomic():
        before = {"name": row.name, "filters": row.filters}
        record_audit(
            AuditAction.SEGMENT_REMOVED, row, actor=actor, now=now, workspace_id=row.workspace_id, before=before
        )
        row.delete()


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > MOST_LETTERS or "\x00" in name:
        raise InvalidInput(_("A name has 1 to %(most)s characters.") % {"most": MOST_LETTERS}, field="name")
    return name


class _one_name:  # noqa: N801 - used as a statement
    """Turns the database's word on a name that is taken into ours."""

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Raises Conflict for a second row of that name."""
        if isinstance(error, IntegrityError) and "segment_name_once" in str(error):
            raise Conflict(_("There are saved filters of this name already."), code="name_taken") from error
