"""Graphs already computed: its last day is yesterday, so it holds until midnight."""

from __future__ import annotations

from sandbox.world.channels import Channel
from sandbox.world.graphs import GRAPH_DAYS, graph_json
from sandbox.world.growth import DAY
from sandbox.world.history import Days, days_of

_KEPT = 500
Version = tuple[int, int]


def _version(channel: Channel) -> Version:
    return int(channel.time() // DAY), channel.version


class GraphCache:
    """By channel, graph and language."""

    def __init__(self) -> None:
        self._bodies: dict[tuple[int, str, str], tuple[Version, str | None]] = {}
        self._days: dict[int, tuple[Version, Days]] = {}

    def days(self, channel: Channel) -> Days:
        """The channel's daily series."""
        version = _version(channel)
        cached = self._days.get(channel.id)
        if cached is None or cached[0] != version:
            cached = (version, days_of(channel, GRAPH_DAYS))
            self._days[channel.id] = cached
        return cached[1]

    def get(self, channel: Channel, name: str, lang: str) -> str | None:
        """The graph's JSON, computed when the one at hand no longer holds."""
        version = _version(channel)
        cached = self._bodies.get((channel.id, name, lang))
        if cached is None or cached[0] != version:
            if len(self._bodies) > _KEPT:
                self._bodies.clear()
            cached = (version, graph_json(channel, self.days(channel), name, lang))
            self._bodies[channel.id, name, lang] = cached
        return cached[1]
