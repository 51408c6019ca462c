"""Fill in the words of new and edited posts, some seconds behind ingest."""

from django.db import connection, transaction

from analytics.search.models import WordsMark

BATCH = 5_000
# Row ids are given before their transactions end: so far behind the mark is looked once more.
_STRAGGLERS = 20_000

# Most of it is taking texts apart; posts that lie behind the mark already and have their words cost an index read.
_NEW = """
WITH batch AS (
    SELECT id, text FROM channels_app_post WHERE id > %(post)s ORDER BY id LIMIT %(most)s
), late AS (
    SELECT p.id, p.text FROM channels_app_post p
    WHERE p.id > %(behind)s AND p.id <= %(post)s AND p.text <> ''
      AND NOT EXISTS (SELECT 1 FROM analytics_postwords w WHERE w.post_id = p.id)
), filled AS (
    INSERT INTO analytics_postwords (post_id, words)
    SELECT id, analytics_words(text) FROM (SELECT * FROM batch UNION ALL SELECT * FROM late) f WHERE text <> ''
    ON CONFLICT (post_id) DO NOTHING
)
SELECT max(id), count(*) FROM batch
"""
_EDITED = """
WITH edits AS (
    SELECT id, post_id FROM channels_app_postrevision WHERE id > %(revision)s ORDER BY id LIMIT %(most)s
), filled AS (
    INSERT INTO analytics_postwords (post_id, words)
    SELECT p.id, analytics_words(p.text) FROM channels_app_post p WHERE p.id IN (SELECT post_id FROM edits)
    ON CONFLICT (post_id) DO UPDATE SET words = EXCLUDED.words
)
SELECT max(id), count(*) FROM edits
"""


def fill_words(*, most: int = 200_000) -> int:
    """Go on where the last one ended, batch by batch, up to `most` posts; how many were gone through.

    Each batch is a transaction of its own with its mark: ended anywhere, it goes on there. One at a time.
    """
    done = 0
    while done < most:
        passed = _fill_batch()
        done += passed
        if passed < BATCH:
            break
    return done


@transaction.atomic
def _fill_batch() -> int:
    WordsMark.objects.get_or_create(id=1)
    mark = WordsMark.objects.select_for_update(skip_locked=True).filter(id=1).first()
    if mark is None:
        return 0  # somebody is at it
    with connection.cursor() as cursor:
        behind = max(mark.post_id - _STRAGGLERS, 0)
        cursor.execute(_NEW, {"post": mark.post_id, "behind": behind, "most": BATCH})
        last_post, posts = cursor.fetchone()
        cursor.execute(_EDITED, {"revision": mark.revision_id, "most": BATCH})
        last_edit, edits = cursor.fetchone()
    if posts or edits:
        mark.post_id, mark.revision_id = last_post or mark.post_id, last_edit or mark.revision_id
        mark.save(update_fields=["post_id", "revision_id"])
    return int(max(posts, edits))
