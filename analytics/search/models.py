"""The words of posts, kept beside them and filled in behind ingest, which must not wait for it."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class PostWords(models.Model):
    """The words of one post's text. A post without text has none."""

    # Without a key in the database: who looks for words joins the post.
    post = models.OneToOneField(
        "channels_app.Post", on_delete=models.CASCADE, primary_key=True, db_constraint=False, related_name="+"
    )
    words = SearchVectorField()

    class Meta:
        indexes = [
            # Posts that hold words.
            GinIndex(fields=["words"], name="post_words"),
        ]

    def __str__(self) -> str:
        return f"words of post {self.post_id}"


class WordsMark(models.Model):
    """How far the posts and their edits were gone through; one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    post_id = models.BigIntegerField(default=0)
    revision_id = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="words_mark_is_one")]

    def __str__(self) -> str:
        return f"up to post {self.post_id}"
