"""Words that a workspace put on its channels."""

from django.db import models
from django.db.models import Q

MOST_LETTERS = 32


class ChannelTag(models.Model):
    """One word on one channel of one workspace; it goes when the workspace lets go of the channel."""

    # Indexed by tag_once.
    tracked = models.ForeignKey(
        "channels_app.TrackedChannel", on_delete=models.CASCADE, db_index=False, related_name="tags"
    )
    word = models.CharField(max_length=MOST_LETTERS)
    # What makes two spellings one word: `key_of`.
    key = models.CharField(max_length=2 * MOST_LETTERS)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tracked", "key"], name="tag_once"),
            models.CheckConstraint(condition=~Q(key=""), name="tag_says_something"),
        ]

    def __str__(self) -> str:
        return self.word
