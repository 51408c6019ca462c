"""An invented world: five channels with a year behind them, the same for the same seed and moment.

A channel's posts of one UTC day depend on the seed and the day alone, so the same rule that wrote the past also
writes what appears while the sandbox runs, and what it missed while it did not.
"""

from __future__ import annotations

import math
import random
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sandbox.world.audience import Audience
from sandbox.world.changes import post_from
from sandbox.world.channels import Channel, stable_id
from sandbox.world.growth import DAY
from sandbox.world.posts import Post
from sandbox.world.texts import QUESTIONS, text_of
from sandbox.world.world import World

HISTORY_DAYS = 365
# Within a channel the logarithm of a post's final views spreads by 0.12 to 0.33 (16 public channels); reactions are
# 1.1 % of views (2,338 posts of 25 channels); forwards 0.2 to 1.8 % (8 channels).
VIEW_SPREAD = 0.25
REACTION_SHARE = 0.011
_EMOJI = ("👍", "❤", "🔥", "😁", "👏", "🤔", "😢", "👎")
_EMOJI_WEIGHTS = (40.0, 20.0, 15.0, 8.0, 6.0, 5.0, 4.0, 2.0)
_GONE_CHANCE = 0.015
_EDIT_CHANCE = 0.03
_FORWARD_REACH_BACK = 3 * DAY


@dataclass(frozen=True)
class Plan:
    """What a channel is like. *reach* is the median of final views over subscribers."""

    username: str
    title: str
    about: str
    style: str
    per_day: float
    first_size: int
    growth: float
    reach: float
    forward_share: float
    album_chance: float = 0.0
    photo_chance: float = 0.3
    poll_chance: float = 0.0
    repost_chance: float = 0.0
    comments: float = 0.0
    live_seconds: float = 600.0
    can_view_stats: bool = True
    repost_from: tuple[str, ...] = ()


PLANS = (
    Plan(
        "samarqand_news", "Самарканд. Новости", "Новости города и области. Связь: @sandbox_bot", "news", 20, 42_000,
        1.15, 0.33, 0.004, photo_chance=0.5, poll_chance=0.015, comments=0.0015, live_seconds=180,
    ),
    Plan(
        "registon_foto", "Registon foto", "Samarqand suratlarda · Самарканд в фотографиях", "photo", 1.2, 19_000, 1.1,
        0.35, 0.012, album_chance=0.8, photo_chance=1.0, live_seconds=900,
    ),
    Plan(
        "anor_market", "Anor market", "Sovg‘alar va hunarmandchilik · Подарки ручной работы", "shop", 4, 11_500, 1.3,
        0.24, 0.002, album_chance=0.12, photo_chance=0.8, live_seconds=600,
    ),
    Plan(
        "toshkent_blog", "Toshkent blogi", "Shahar haqida o‘ylar. Мысли о городе на двух языках.", "blog", 1.4, 7_600,
        1.2, 0.45, 0.008, photo_chance=0.35, poll_chance=0.06, repost_chance=0.12, comments=0.006, live_seconds=900,
        repost_from=("samarqand_news", "registon_foto"),
    ),
    Plan(
        "choyxona_uz", "Choyxona", "Choy, osh va suhbat", "tiny", 0.45, 150, 1.2, 0.5, 0.002, photo_chance=0.3,
        repost_chance=0.08, live_seconds=3600, can_view_stats=False, repost_from=("registon_foto",),
    ),
)  # fmt: skip

# Publishing by UTC hour (Tashkent is UTC+5): the hours of eight public channels, moved to the local day.
_PUBLISH = (3, 5, 8, 10, 10, 10, 10, 9, 9, 9, 9, 8, 8, 7, 6, 4, 3, 1, 0, 0, 0, 0, 1, 2)


def generate(world: World, *, seed: int, anchor: float, days: int = HISTORY_DAYS) -> None:
    """Fill *world* with the five channels and *days* behind them; no post is later than *anchor* (Unix seconds)."""
    for plan in PLANS:
        channel = Channel(
            id=stable_id(plan.username),
            username=plan.username,
            title=plan.title,
            about=plan.about,
            clock=world.clock,
            living=True,
            anchor=anchor,
            can_view_stats=plan.can_view_stats,
            style=plan.style,
            invite_hash=f"invite{stable_id(plan.username)}",
        )
        start = int(anchor // DAY * DAY - days * DAY)
        channel.created = start
        channel.audience = Audience(f"{seed}:{plan.username}", start, plan.first_size, plan.growth)
        world.add_channel(channel)
        channel.load(_history(world, channel, plan, seed, start, anchor))


def _history(world: World, channel: Channel, plan: Plan, seed: int, start: int, anchor: float) -> Iterator[Post]:
    yield post_from(channel, {"id": 1, "date": start, "service": "create", "text": plan.title}, start)
    next_id = 2
    for day in range(int(start // DAY), int(anchor // DAY) + 1):
        for group in day_groups(world, channel, plan, seed, day):
            if group[0]["date"] > anchor:
                return
            dice = random.Random(f"{seed}:{plan.username}:gone:{next_id}")
            if dice.random() < _GONE_CHANCE:
                next_id += len(group)  # deleted long ago: a gap in the ids
                continue
            for spec in number(group, next_id):
                yield post_from(channel, spec, spec["date"])
            next_id += len(group)


def number(group: list[dict[str, Any]], first_id: int) -> list[dict[str, Any]]:
    """Give the items of one post (an album has several) their ids."""
    for n, spec in enumerate(group):
        spec["id"] = first_id + n
        if len(group) > 1:
            spec["grouped_id"] = 13_000_000_000_000_000 + int(group[0]["date"]) % 10**8 * 1000 + first_id % 1000
    return group


def day_groups(world: World, channel: Channel, plan: Plan, seed: int, day: int) -> list[list[dict[str, Any]]]:
    """The posts of one UTC day in order of time, each a list of items, without ids."""
    dice = random.Random(f"{seed}:{plan.username}:{day}")
    weekend = 0.75 if (day + 3) % 7 >= 5 else 1.0
    count = _poisson(plan.per_day * weekend, dice)
    moments = sorted(
        int(day * DAY + 3600 * dice.choices(range(24), _PUBLISH)[0] + dice.randrange(3600)) for _ in range(count)
    )
    return [make_group(world, channel, plan, moment, dice) for moment in moments]


def make_group(world: World, channel: Channel, plan: Plan, moment: int, dice: random.Random) -> list[dict[str, Any]]:
    """One post published at *moment*: its text, attachments, and the counters it will have in the end."""
    roll = dice.random()
    if roll < plan.repost_chance and (repost := _repost(world, plan, moment, dice)) is not None:
        return [repost]
    views = _final_views(channel, plan, moment, dice)
    spec: dict[str, Any] = {"text": text_of(plan.style, dice), "date": moment, "counted_at": moment}
    spec |= _counters(views, plan, dice)
    if dice.random() < plan.poll_chance:
        question, answers = dice.choice(QUESTIONS)
        weights = [dice.random() + 0.1 for _ in answers]
        voters = [int(views * 0.05 * w / sum(weights)) for w in weights]
        poll = {"question": question, "answers": list(answers), "voters": voters}
        return [spec | {"text": "", "media": "poll", "poll": poll}]
    if dice.random() < _EDIT_CHANCE:
        spec["edit_date"] = moment + dice.randrange(30, 900)
    if dice.random() < plan.album_chance:
        return _album(spec, dice.randint(3, 8), dice)
    if dice.random() < plan.photo_chance:
        spec["media"] = "photo" if dice.random() < 0.85 else "video"
    elif "https://" in spec["text"]:
        spec |= {"media": "webpage", "url": "https://example.com/"}
    return [spec]


def _album(spec: dict[str, Any], size: int, dice: random.Random) -> list[dict[str, Any]]:
    items = [spec | {"media": "photo"}]
    for _ in range(size - 1):
        item = {"text": "", "media": "photo", "date": spec["date"], "counted_at": spec["date"]}
        for name in ("views", "forwards"):
            item[name] = {"base": spec[name]["base"], "final": spec[name]["final"] * dice.uniform(0.96, 1.0)}
        items.append(item)
    return items


def _final_views(channel: Channel, plan: Plan, moment: int, dice: random.Random) -> float:
    audience = channel.audience
    size = audience.size_on(int((moment - audience.start) // DAY)) if audience is not None else 100
    return max(1.0, size * plan.reach * math.exp(dice.gauss(0, VIEW_SPREAD)))


def _counters(views: float, plan: Plan, dice: random.Random) -> dict[str, Any]:
    counters: dict[str, Any] = {
        "views": {"base": 1, "final": views},
        "forwards": {"base": 0, "final": views * plan.forward_share * math.exp(dice.gauss(0, 0.8))},
    }
    total = views * REACTION_SHARE * math.exp(dice.gauss(0, 0.5))
    weights = [w * math.exp(dice.gauss(0, 0.4)) for w in _EMOJI_WEIGHTS]
    shares = {e: total * w / sum(weights) for e, w in zip(_EMOJI, weights, strict=True)}
    counters["reactions"] = {e: {"base": 0, "final": n} for e, n in shares.items() if n >= 1}
    if plan.comments:
        counters["replies"] = {"base": 0, "final": views * plan.comments * math.exp(dice.gauss(0, 0.9))}
    return counters


def _repost(world: World, plan: Plan, moment: int, dice: random.Random) -> dict[str, Any] | None:
    """A post forwarded from another channel of the world; like on Telegram it shows the original's views."""
    source = world.by_username(dice.choice(plan.repost_from)) if plan.repost_from else None
    if source is None:
        return None
    found = _recent(source, moment, dice)
    if found is None or found.views is None:
        return None
    spec: dict[str, Any] = {"text": found.text, "date": moment, "counted_at": moment}
    spec["forward"] = {"channel_id": source.id, "post_id": found.id, "date": found.date}
    spec["views"] = {"base": max(1, int(found.views.final * 0.3)), "final": found.views.final}
    spec["forwards"] = {"base": 0, "final": found.views.final * plan.forward_share}
    if "media" in found.fields:
        spec["media"] = "photo"
    return spec


def _recent(source: Channel, moment: int, dice: random.Random) -> Post | None:
    """A post of *source* of the three days before *moment*."""
    ids, posts = source.ids, source.posts
    high = bisect_left(ids, moment, key=lambda i: posts[i].date)
    low = bisect_left(ids, moment - _FORWARD_REACH_BACK, key=lambda i: posts[i].date)
    picked = posts[ids[dice.randrange(low, high)]] if low < high else None
    return picked if picked is not None and picked.action is None and picked.text else None


def _poisson(mean: float, dice: random.Random) -> int:
    limit, product, count = math.exp(-mean), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count
