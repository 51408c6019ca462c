"""What happened in a channel day by day, computed from its posts and audience: the ground of official statistics."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field

from sandbox.world.channels import Channel
from sandbox.world.growth import DAY, reading_hours, share_at, share_between
from sandbox.world.posts import Counter, Post

_OLDEST_GROWTH_DAYS = 91  # the curve ends at 90 days of age


@dataclass
class Days:
    """Series per UTC day from *first* (a day number since the epoch) on; the last day is the one before today."""

    first: int
    views: list[int]
    forwards: list[int]
    reactions: dict[str, list[int]] = field(default_factory=dict)
    size: list[int] = field(default_factory=list)
    joined: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.views)

    def milliseconds(self) -> list[int]:
        """Midnight of each day in milliseconds."""
        return [(self.first + n) * 86_400_000 for n in range(len(self))]


def value_at(counter: Counter, post: Post, moment: float) -> float:
    """A counter at any moment: after ``counted_at`` as served, before it along the same curve."""
    if moment >= post.counted_at:
        return float(counter.at(post.grown(moment)))
    whole = share_between(post.date, post.counted_at)
    return counter.base * share_between(post.date, moment) / whole if whole > 0 else 0.0


def days_of(channel: Channel, count: int) -> Days:
    """The last *count* full days of a channel (fewer when it is younger)."""
    today = int(channel.time() // DAY)
    count = max(1, min(count, today - int(channel.created // DAY)))
    first = today - count
    days = Days(first, [0] * count, [0] * count)
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0] * count)
    for post_id in reversed(channel.ids):
        post = channel.posts[post_id]
        if post.date < (first - _OLDEST_GROWTH_DAYS) * DAY:
            break
        if post.action is None:
            _add_post(post, first, count, sums)
    days.views = [round(v) for v in sums["views"]]
    days.forwards = [round(v) for v in sums["forwards"]]
    days.reactions = {
        name.removeprefix("reaction:"): [round(v) for v in values]
        for name, values in sums.items()
        if name.startswith("reaction:")
    }
    _add_people(channel, days, first, count)
    return days


def _add_post(post: Post, first: int, count: int, sums: dict[str, list[float]]) -> None:
    counters = {"views": post.views, "forwards": post.forwards}
    counters |= {f"reaction:{r.value or r.kind}": r.count for r in post.reactions}
    published = int(post.date // DAY)
    start = reading_hours(post.date)
    last = share_at((published + _OLDEST_GROWTH_DAYS) * 24.0 - start) if post.counted_at <= post.date else None
    before = 0.0
    for day in range(published, min(first + count, published + _OLDEST_GROWTH_DAYS)):
        # At midnight the hours of reading since the epoch are exactly 24 a day: no rhythm to look up.
        share = share_at((day + 1) * 24.0 - start)
        if day >= first:
            for name, counter in counters.items():
                if counter is None:
                    continue
                if last is not None:
                    gained = (counter.final - counter.base) * (share - before)
                    gained += counter.base if day == published else 0
                else:
                    gained = value_at(counter, post, (day + 1) * DAY) - value_at(
                        counter, post, max(day * DAY, post.date)
                    )
                sums[name][day - first] += gained
        before = share


def _add_people(channel: Channel, days: Days, first: int, count: int) -> None:
    audience = channel.audience
    for n in range(count):
        if audience is None:
            days.size.append(channel.subscribers())
            days.joined.append(0)
            days.left.append(0)
            continue
        index = first + n - int(audience.start // DAY)
        joined, left = audience.day(index)
        days.size.append(audience.size_on(index + 1))
        days.joined.append(joined)
        days.left.append(left)


def split(total: int, shares: dict[str, float], key: str) -> dict[str, int]:
    """*total* split by shares with a little seeded noise; the parts sum to the total."""
    dice = random.Random(key)
    weights = {name: share * dice.uniform(0.85, 1.15) for name, share in shares.items()}
    whole = sum(weights.values())
    parts = {name: int(total * weight / whole) for name, weight in weights.items()}
    parts[next(iter(parts))] += total - sum(parts.values())
    return parts
