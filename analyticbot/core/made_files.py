"""Files that are made as due work, fetched for a while, and deleted: what exports, reports and archives share."""

import errno
import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.db import models, transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analyticbot.core.errors import AppError
from analyticbot.core.work import MAX_ATTEMPTS, DueWork, LeaseLost

logger = logging.getLogger(__name__)

# How long a file can be fetched.
LIFETIME = timedelta(hours=72)
# How long a row still says that there was a file.
REMEMBERED = timedelta(days=30)
# A claim is held this long beyond the last sign of progress.
LEASE = timedelta(minutes=5)
# A file that no row names is what a killed process left, once it has not grown for this long.
ORPHAN_AFTER = timedelta(days=1)

Clock = Callable[[], datetime]


class FileState(models.TextChoices):
    """How far a file has come."""

    QUEUED = "queued", gettext_lazy("Queued")
    RUNNING = "running", gettext_lazy("Running")
    READY = "ready", gettext_lazy("Ready")
    FAILED = "failed", gettext_lazy("Failed")
    EXPIRED = "expired", gettext_lazy("Expired")


class MadeFile(DueWork):
    """One file: who asked for it, how far it has come, and until when it can be fetched."""

    # What addresses name it by; cannot be guessed, and is checked together with its owner all the same.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Who asked, as the audit trail names them: [kind, id, label].
    actor = models.JSONField()
    created_at = models.DateTimeField()
    size = models.PositiveBigIntegerField(null=True)
    expires_at = models.DateTimeField(null=True)
    # When the file was deleted; the row stays a while to say so.
    removed_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True

    @classmethod
    def folder(cls) -> Path:
        """Where files of this kind stand; nothing else stands there."""
        raise NotImplementedError

    @property
    def ending(self) -> str:
        """What the file's name ends with, without the dot."""
        raise NotImplementedError

    @property
    def path(self) -> Path:
        """Where the file stands, once it is ready."""
        return self.folder() / f"{self.public_id}.{self.ending}"

    def state(self, *, now: datetime) -> FileState:
        """How far it has come at `now`."""
        if self.removed_at is not None or (self.expires_at is not None and self.expires_at <= now):
            return FileState.EXPIRED
        if self.finished_at is not None:
            return FileState.READY
        if self.parked_at is not None:
            return FileState.FAILED
        held = self.leased_until is not None and self.leased_until > now
        return FileState.RUNNING if held else FileState.QUEUED

    def is_ready(self, *, now: datetime) -> bool:
        """True if the file can be fetched."""
        return self.state(now=now) is FileState.READY and self.path.is_file()

    def make(self, write: Callable[[Path], object], *, clock: Clock, done: Callable[[datetime], None]) -> None:
        """Let `write` fill the file, then commit it together with `done`; raises LeaseLost with nothing changed."""
        self.folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        # A name of this claim's own: one that was taken over and goes on writes into nobody's file.
        part = self.path.with_name(f"{self.path.name}.{self.fence}.part")
        try:
            write(part)
            with transaction.atomic():
                now = clock()
                self.size = part.stat().st_size
                self.held().update(size=self.size, expires_at=now + LIFETIME)
                if not self.complete(now=now):
                    raise LeaseLost
                part.replace(self.path)
                done(now)
        finally:
            part.unlink(missing_ok=True)

    def discard(self) -> None:
        """Delete the row, and the file once that is committed; one that is being made goes nowhere."""
        path = self.path
        self.delete()
        transaction.on_commit(lambda: path.unlink(missing_ok=True))


def run_made(row: MadeFile, build: Callable[[], None], *, language: str, clock: Clock) -> None:
    """Do the work of a claimed row with `build`; whatever goes wrong is written to the row, and to nobody else."""
    if row.attempts >= MAX_ATTEMPTS:
        row.fail(now=clock(), error="The processes that made it were killed.", permanent=True)
        return
    # Counted beforehand: a file that gets its process killed says nothing afterwards.
    row.held().update(attempts=F("attempts") + 1)
    try:
        build()
    except AppError as error:
        row.fail(now=clock(), error=error.message, permanent=True)
    except LeaseLost:
        logger.warning("%s %s was taken over by another process", row._meta.model_name, row.pk)
    except Exception as error:  # the edge of a task: one file must not hold up the others
        logger.exception("%s %s failed", row._meta.model_name, row.pk)
        row.fail(now=clock(), error=_told_of(error, language=language))


def _told_of(error: Exception, *, language: str) -> str:
    """What its owner may know of a failure: nothing of the machine or the database. The log has the rest."""
    with translation.override(language):
        if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
            return _("The machine has no room for the file.")
        return _("The file could not be built; the operator can see why.")


def remove_expired(model: type[MadeFile], *, now: datetime) -> int:
    """Delete the files whose time is over, and forget those of long ago; returns how many files went."""
    rows, gone = model._default_manager, 0
    for row in rows.filter(expires_at__lte=now, removed_at__isnull=True):
        row.path.unlink(missing_ok=True)
        gone += rows.filter(pk=row.pk, removed_at__isnull=True).update(removed_at=now)
    rows.filter(removed_at__lt=now - REMEMBERED).delete()
    rows.filter(parked_at__lt=now - REMEMBERED).delete()
    _remove_orphans(model, now=now)
    return gone


def _remove_orphans(model: type[MadeFile], *, now: datetime) -> None:
    """Remove what killed processes and deleted owners left behind."""
    folder = model.folder()
    if not folder.is_dir():
        return
    limit = now.timestamp() - ORPHAN_AFTER.total_seconds()
    old = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < limit]
    if not old:
        return
    named = {row.path.name for row in model._default_manager.filter(removed_at__isnull=True).iterator()}
    for path in old:
        if path.name not in named:
            path.unlink(missing_ok=True)
