"""The posts before and after a post, in the order of the channel."""

from dataclasses import dataclass
from datetime import datetime

from analytics.queries.reading import read_cursor

# By the index on the publication date, one row from either side.
_NEIGHBOURS = """
SELECT
  (SELECT message_id FROM channels_app_post WHERE channel_id = %(channel)s AND deleted_at IS NULL
     AND (published_at, message_id) < (%(at)s, %(message)s) ORDER BY published_at DESC, message_id DESC LIMIT 1),
  (SELECT message_id FROM channels_app_post WHERE channel_id = %(channel)s AND deleted_at IS NULL
     AND (published_at, message_id) > (%(at)s, %(message)s) ORDER BY published_at, message_id LIMIT 1)
"""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Message ids of the posts on both sides that still stand; None at the ends of what we hold."""

    previous: int | None
    next: int | None


def neighbours_of(channel_id: int, *, message_id: int, published_at: datetime) -> Neighbours:
    """The posts published just before and just after: one statement. Ties are told by the message id."""
    with read_cursor() as cursor:
        cursor.execute(_NEIGHBOURS, {"channel": channel_id, "message": message_id, "at": published_at})
        previous, following = cursor.fetchone()
    return Neighbours(previous, following)
