"""The curve of one post: every reading of a post that nobody has asked for lately, single snapshots against packed."""

import random

from benchmarks.loader import OPEN_DAYS, POSTS, POSTS_A_DAY, Loaded
from benchmarks.timing import Times, timed, times_of
from channels_app.snapshots import readings_of

RUNS = 400


def measure(loaded: Loaded, *, seed: int = 1) -> Times:
    """Readings of closed posts all over the database, one at a time."""
    dice, closed = random.Random(seed), POSTS - OPEN_DAYS * POSTS_A_DAY - POSTS_A_DAY
    seconds = []
    for run in range(RUNS + 20):
        post = loaded.post_ids(dice.randrange(loaded.channels))[dice.randrange(closed)]
        taken, found = timed(lambda: readings_of([post]))  # noqa: B023
        if not found[post]:
            raise RuntimeError(f"post {post} has no readings")
        if run >= 20:  # the connection and the planner's caches are warm, the post is not
            seconds.append(taken)
    return times_of(seconds)
