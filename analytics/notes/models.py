"""Notes that people write on the time of a channel."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

MOST_LETTERS = 200


class Note(models.Model):
    """A note of a workspace on a channel: at a moment, or over a span [at, until).

    It hangs on the channel and not on its tracking: whoever removes a channel and adds it again finds it.
    """

    # What addresses name it by; cannot be guessed, and is checked together with the workspace all the same.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Indexed by note_of_channel.
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, db_index=False, related_name="+")
    channel = models.ForeignKey("channels_app.Channel", on_delete=models.CASCADE, db_index=False, related_name="+")
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    text = models.CharField(max_length=MOST_LETTERS)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="note_says_something"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gt=F("at")), name="note_ends_after_start"
            ),
        ]
        indexes = [
            # The notes of a channel's page.
            models.Index(fields=["workspace", "channel", "at"], name="note_of_channel"),
            # Of a channel or a person that is removed.
            models.Index(fields=["channel"], name="note_channel"),
            models.Index(fields=["author"], name="note_author"),
        ]

    def __str__(self) -> str:
        return self.text
