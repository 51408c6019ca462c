"""Life going on: new posts in living channels while the sandbox runs."""

from __future__ import annotations

from sandbox.world.changes import Changes
from sandbox.world.world import World


class Live:
    """Lets living channels post by themselves."""

    def __init__(self, world: World, changes: Changes) -> None:
        self.world = world
        self.changes = changes
        self.on = False
        self.rate = 1.0
