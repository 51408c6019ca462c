"""Filters under a name."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

MOST_LETTERS = 60


class SavedSegment(models.Model):
    """Filters of posts that a workspace keeps under a name: for every channel of it, and for everybody in it."""

    # What addresses name it by; cannot be guessed, and is checked together with the workspace all the same.
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # Indexed by segment_name_once.
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, db_index=False, related_name="+")
    name = models.CharField(max_length=MOST_LETTERS)
    # As addresses have them, by name: {"media": "video", "weekday": "1"}.
    filters = models.JSONField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("workspace", Lower("name"), name="segment_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="segment_has_a_name"),
            models.CheckConstraint(condition=~Q(filters={}), name="segment_filters_something"),
        ]

    def __str__(self) -> str:
        return self.name
