"""Putting a sandbox together: clock, state, world, server."""

from __future__ import annotations

from pathlib import Path

import sandbox.methods  # noqa: F401 - importing registers the API methods
from sandbox.loader import load_folder
from sandbox.server import Sandbox
from sandbox.state import State
from sandbox.world.accounts import DEMO_PHONE
from sandbox.world.channels import Channel, stable_id
from sandbox.world.clock import Clock
from sandbox.world.world import World


def build_sandbox(
    *,
    channels: Path | None,
    seed: int,
    state_folder: Path | None,
    now: float | None,
    gzip_answers: bool = False,
) -> Sandbox:
    """A sandbox over files, or (*channels* None) over an invented world; not yet listening."""
    clock = Clock(now)
    state = State(state_folder)
    moved = float(state.get("moved") or 0)
    if moved:
        clock.moved = moved
        if now is None:
            clock.advance(moved)
            clock.moved = moved
    world = World(clock)
    failed: dict[str, str] = {}
    if channels is not None:
        loaded = load_folder(channels, clock)
        failed = loaded.failed
        for channel in loaded.channels:
            world.add_channel(channel)
    world.add_channel(
        Channel(
            id=stable_id("sandbox_group"),
            username="sandbox_group",
            title="Sandbox group",
            clock=clock,
            megagroup=True,
            base_subscribers=12,
            invite_hash="sandboxgroup",
        )
    )
    for phone, name, password in state.accounts():
        world.account(phone, name=name, password=password)
    demo = world.account(DEMO_PHONE)
    for channel in world.channels.values():
        if not channel.megagroup:
            demo.roles.setdefault(channel.id, "creator")
            demo.joined.setdefault(channel.id, channel.created)
    for phone, channel_id, role, joined in state.members():
        account = world.account(phone)
        if role is None:
            account.roles.pop(int(channel_id), None)
        else:
            account.roles[int(channel_id)] = role
            account.joined[int(channel_id)] = joined
    sandbox = Sandbox(world, state, gzip_answers=gzip_answers)
    sandbox.failed_files = failed
    for channel_id, change in state.changes():
        sandbox.changes.replay(channel_id, change)
    return sandbox
