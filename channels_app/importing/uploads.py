"""Files that people upload: kept in a folder of our own until they are imported, then removed."""

import os
import uuid
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Workspace
from analyticbot.core.errors import AppError, LimitReached
from channels_app.importing.options import ImportOptions
from channels_app.importing.work import add_import
from channels_app.models import ImportFile

# Unfinished imports a workspace may have: each may hold a large file.
MOST_WAITING = 3
# A file that no unfinished import names is removed once it is this old: its row may just be on its way.
ORPHAN_AFTER = timedelta(hours=6)
# How long the operator can still have an import tried again that failed for good.
PARKED_KEPT = timedelta(days=7)


class NoRoom(AppError):
    """The machine cannot keep the file."""

    code = "no_room"


def add_upload(
    chunks: Iterable[bytes],
    *,
    name: str,
    modified_at: datetime | None,
    workspace: Workspace,
    options: ImportOptions,
    now: datetime,
) -> ImportFile:
    """Keep an uploaded file and make its import due.

    `modified_at`: the file's own time as its owner's machine has it; counters are taken as of then, never as of the
    future. Raises LimitReached (too many imports waiting), NoRoom (disk full), InvalidInput.
    """
    waiting = ImportFile.objects.filter(workspace=workspace, finished_at__isnull=True, parked_at__isnull=True)
    if waiting.count() >= MOST_WAITING:
        raise LimitReached(_("Wait until the files you have uploaded before are imported."))
    path = _keep(chunks)
    moment = min(modified_at or now, now).timestamp()
    os.utime(path, (moment, moment))
    try:
        with transaction.atomic():
            return add_import(path=path, original_name=name, workspace=workspace, options=options, now=now)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def imports_of(workspace: Workspace, *, limit: int = 20) -> list[ImportFile]:
    """The latest imports of a workspace, newest first, with their channels."""
    return list(ImportFile.objects.filter(workspace=workspace).select_related("channel").order_by("-pk")[:limit])


def remove_finished(*, now: datetime) -> int:
    """Remove uploaded files whose imports are finished, never began, or failed for good; returns how many."""
    folder = Path(settings.UPLOAD_DIR)
    if not folder.is_dir():
        return 0
    unfinished = ImportFile.objects.filter(finished_at__isnull=True)
    needed = set(unfinished.exclude(parked_at__lte=now - PARKED_KEPT).values_list("path", flat=True))
    finished = set(ImportFile.objects.filter(finished_at__isnull=False).values_list("path", flat=True))
    root, removed = folder.resolve(), 0
    for path in folder.iterdir():
        # Of the thing itself: what a link leads to is not ours, and may not be there.
        name = str(root / path.name)
        try:
            kept_since = datetime.fromtimestamp(path.lstat().st_ctime, UTC)
        except FileNotFoundError:
            continue  # another process was quicker
        if name not in needed and (name in finished or now - kept_since > ORPHAN_AFTER):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _keep(chunks: Iterable[bytes]) -> Path:
    folder = Path(settings.UPLOAD_DIR)
    path = folder / uuid.uuid4().hex
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
            for chunk in chunks:
                handle.write(chunk)
    except OSError as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise NoRoom(_("The file could not be kept: %(why)s.") % {"why": error.strerror}) from None
    return path
