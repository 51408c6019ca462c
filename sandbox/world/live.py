"""Life going on: what appears in living channels while the sandbox runs, and what it missed while it did not."""

from __future__ import annotations

import random

from sandbox.world.changes import Changes
from sandbox.world.channels import Channel
from sandbox.world.generate import PLANS, Plan, day_groups, make_group, number
from sandbox.world.growth import DAY
from sandbox.world.world import World

# A gap longer than this (a restart, a moved clock) is filled with the posts of those days and no extra ones.
_GAP_SECONDS = 900
_LONGEST_GAP = 60 * DAY
_EDIT_CHANCE = 0.05
_DELETE_CHANCE = 0.01


class Live:
    """Lets living channels post by themselves: their daily posts at their times, and extra ones for who watches."""

    def __init__(self, world: World, changes: Changes) -> None:
        self.world = world
        self.changes = changes
        self.on = False
        self.rate = 1.0
        self.seed = 0
        self.lived_until = 0.0
        self._next_extra: dict[str, float] = {}
        self._dice = random.Random()

    def tick(self) -> int:
        """Bring the world up to the present; returns how many posts appeared. Call it every second or so."""
        now = self.world.clock.now()
        since = max(self.lived_until or now, now - _LONGEST_GAP)
        if not self.on or now <= since:
            return 0
        appeared = 0
        for plan in PLANS:
            channel = self.world.by_username(plan.username)
            if channel is None or not channel.living:
                continue
            appeared += self._scheduled(channel, plan, since, now)
            if now - since < _GAP_SECONDS:
                appeared += self._extra(channel, plan, now)
        self.lived_until = now
        return appeared

    def _scheduled(self, channel: Channel, plan: Plan, since: float, now: float) -> int:
        count = 0
        for day in range(int(since // DAY), int(now // DAY) + 1):
            for group in day_groups(self.world, channel, plan, self.seed, day):
                moment = group[0]["date"]
                if since < moment <= now:
                    posts = number(group, channel.next_id)
                    self.changes.do(channel, {"do": "post", "at": moment, "posts": posts})
                    count += 1
        return count

    def _extra(self, channel: Channel, plan: Plan, now: float) -> int:
        if self.rate <= 0:
            return 0
        mean = plan.live_seconds / self.rate
        due = self._next_extra.setdefault(plan.username, now + self._dice.expovariate(1 / mean))
        if due > now + 4 * mean:  # made at a slower rate, or before the clock was set back
            del self._next_extra[plan.username]
        if due > now:
            return 0
        self._next_extra[plan.username] = now + self._dice.expovariate(1 / mean)
        roll = self._dice.random()
        latest = [i for i in channel.ids[-20:] if channel.posts[i].action is None and channel.posts[i].text]
        if latest and roll < _EDIT_CHANCE:
            post = channel.posts[self._dice.choice(latest)]
            self.changes.do(channel, {"do": "edit", "id": post.id, "text": f"{post.text}\n\nUPD"})
            return 0
        if latest and roll < _EDIT_CHANCE + _DELETE_CHANCE:
            self.changes.do(channel, {"do": "delete", "ids": [self._dice.choice(latest)]})
            return 0
        posts = number(make_group(self.world, channel, plan, int(now), self._dice), channel.next_id)
        self.changes.do(channel, {"do": "post", "at": int(now), "posts": posts})
        return 1
