"""What people agreed to, archives of what we keep about them, and accounts that are to be erased."""

import uuid
from pathlib import Path

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from analyticbot.core.made_files import MadeFile
from analyticbot.core.work import DueWork


class Consent(models.Model):
    """A person agreed to a version of a document; rows are only added."""

    # Its index is the one of the constraint.
    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="consents", db_index=False)
    document = models.CharField(max_length=20)
    # The day of that version, as the document shows it.
    version = models.CharField(max_length=10)
    # In which the document was shown.
    language = models.CharField(max_length=5)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "document", "version"], name="consent_once"),
            models.CheckConstraint(condition=Q(version__regex=r"^\d{4}-\d\d-\d\d$"), name="consent_version_is_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.document} of {self.version}"


class PersonalArchive(MadeFile):
    """Everything that we keep about a person, as one ZIP file; theirs alone."""

    user = models.ForeignKey("accounts.User", on_delete=models.CASCADE, related_name="archives", db_index=False)
    language = models.CharField(max_length=5)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=models.F("created_at")),
                name="archive_expires_after_creation",
            ),
        ]
        indexes = [
            # What is due next.
            models.Index(
                fields=["due_at"],
                name="archive_due",
                condition=Q(due_at__isnull=False, parked_at__isnull=True),
            ),
            # The archives of a person, newest first.
            models.Index(fields=["user", "-id"], name="archive_of_person"),
        ]

    def __str__(self) -> str:
        return f"archive {self.pk} of person {self.user_id}"

    @classmethod
    def folder(cls) -> Path:
        """Where archives stand."""
        return Path(settings.ARCHIVE_DIR)

    @property
    def ending(self) -> str:
        """Always a ZIP."""
        return "zip"


# Erasures that lie ahead.
OPEN = Q(taken_back_at__isnull=True, finished_at__isnull=True)


class Erasure(DueWork):
    """An account that is closed and will be erased when this is due; until then it can be taken back.

    The row outlives the person and names nobody: a database that is restored from a backup learns from the list of
    the erased (`tombstones`) whom to erase again.
    """

    # What the link in the mail names it by, signed.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Not a foreign key: the person will be gone.
    person_id = models.BigIntegerField()
    asked_at = models.DateTimeField()
    # The day of the erasure. Due earlier as well, once: for the mail that says so.
    erase_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    taken_back_at = models.DateTimeField(null=True)
    # Workspaces that nobody else is in: closed with the account, opened again when it is taken back.
    workspace_ids = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_id"],
                condition=OPEN,
                name="erasure_one_open",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True) | Q(finished_at__isnull=True),
                name="erasure_done_or_taken_back",
            ),
            models.CheckConstraint(
                condition=Q(erase_at__gt=models.F("asked_at")), name="erasure_leaves_time_to_take_it_back"
            ),
        ]
        indexes = [
            # What is due next.
            models.Index(
                fields=["due_at"],
                name="erasure_due",
                condition=Q(due_at__isnull=False, parked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk} of person {self.person_id}"

    @property
    def is_open(self) -> bool:
        """Whether it still lies ahead."""
        return self.taken_back_at is None and self.finished_at is None
