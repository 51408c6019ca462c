"""Views at an age between two readings of a post: the one rule, which `ages` has as SQL.

On a straight line between the reading before the age and the one after it, if both lie within a quarter of the age from
it; farther apart, a straight line would be a guess. Nothing is written while nothing changes, so two readings that tell
the same hold for all ages between them, however far apart they are.
"""

from channels_app import reach

# How far a reading may lie from an age, as a share of it: as readings around ages are kept.
NEAR = reach.NEAR

# Age in seconds, and views.
Point = tuple[float, float]


def views_between(before: Point, after: Point, age: float, *, flat: float = 0.0) -> float | None:
    """Views at an age (seconds) from `before` to `after`, whose ages differ; None where it would be a guess.

    `flat`: readings that differ by no more than this share of the larger one tell the same.
    """
    same = abs(after[1] - before[1]) <= flat * max(before[1], after[1])
    return line_at(before, after, age) if same or is_near(before, after, age) else None


def is_near(before: Point, after: Point, age: float) -> bool:
    """Whether both readings lie near enough to the age for a straight line."""
    return age - before[0] <= NEAR * age and after[0] - age <= NEAR * age


def line_at(before: Point, after: Point, age: float) -> float:
    """The straight line between two readings at an age."""
    return before[1] + (after[1] - before[1]) * (age - before[0]) / (after[0] - before[0])
