"""How far the first collection is, read from the database, for the progress line of a local run."""

from dataclasses import dataclass

import psycopg

_QUERY = """
    SELECT count(*),
           count(*) FILTER (WHERE state = 'complete'),
           count(*) FILTER (WHERE state = 'failed'),
           (SELECT count(*) FROM channels_app_post)
    FROM channels_app_channelsync
"""


@dataclass(frozen=True)
class Collecting:
    """Channels and posts as the sync knows them."""

    channels: int
    complete: int
    failed: int
    posts: int

    @property
    def is_over(self) -> bool:
        """True if no channel is being collected for the first time."""
        return self.complete + self.failed >= self.channels

    def __str__(self) -> str:
        failed = f", {self.failed} failed" if self.failed else ""
        return f"{self.complete} of {self.channels} channels, {self.posts:,} posts{failed}"


def read_progress(database_url: str) -> Collecting | None:
    """The present state; None while the database cannot say (it is restarting, or has no such tables)."""
    try:
        with psycopg.connect(database_url, connect_timeout=2, autocommit=True) as connection:
            connection.execute("SET statement_timeout = '2s'")
            row = connection.execute(_QUERY).fetchone()
    except psycopg.Error:
        return None
    return Collecting(*row) if row else None
