"""Putting a sandbox together: clock, state, world, server."""

from __future__ import annotations

import json
from pathlib import Path

import sandbox.methods  # noqa: F401 - importing registers the API methods
from sandbox.loader import load_folder
from sandbox.server import Sandbox
from sandbox.state import State
from sandbox.world.accounts import DEMO_PHONE
from sandbox.world.channels import Channel, stable_id
from sandbox.world.clock import Clock
from sandbox.world.generate import HISTORY_DAYS, generate
from sandbox.world.world import World


def build_sandbox(
    *,
    channels: Path | None,
    seed: int,
    state_folder: Path | None,
    now: float | None,
    gzip_answers: bool = False,
    live: bool | None = None,
    days: int = HISTORY_DAYS,
) -> Sandbox:
    """A sandbox over files, or (*channels* None) over an invented world; not yet listening.

    With a state folder the invented world keeps the seed, moment and length of its first start.
    """
    clock = Clock(now)
    state = State(state_folder)
    _restore_clock(clock, state, explicit=now is not None)
    world = World(clock)
    failed: dict[str, str] = {}
    if channels is not None:
        loaded = load_folder(channels, clock)
        failed = loaded.failed
        for channel in loaded.channels:
            world.add_channel(channel)
    else:
        seed, anchor, days = _first_start(state, seed, clock.now(), days)
        generate(world, seed=seed, anchor=anchor, days=days)
    _add_group(world, clock)
    _restore_people(world, state)
    sandbox_ = Sandbox(world, state, gzip_answers=gzip_answers)
    sandbox_.failed_files = failed
    for channel_id, change in state.changes():
        sandbox_.changes.replay(channel_id, change)
    sandbox_.live.on = live if live is not None else channels is None
    sandbox_.live.seed = seed
    if channels is None:
        sandbox_.live.lived_until = float(state.get("lived_until") or anchor)
    return sandbox_


def _restore_clock(clock: Clock, state: State, *, explicit: bool) -> None:
    """A clock that the control port has moved stays moved (unless a moment was asked for)."""
    moved = float(state.get("moved") or 0)
    if not explicit:
        clock.advance(moved)
    clock.moved = moved


def _first_start(state: State, seed: int, now: float, days: int) -> tuple[int, float, int]:
    """Seed, moment and length of the history at the first start with this state."""
    stored = state.get("world")
    if stored is not None:
        known = _stored_world(stored)
        if known is not None:
            taken = json.dumps(dict(zip(("seed", "anchor", "days"), known, strict=True)))
            if json.loads(stored) != json.loads(taken):
                state.put("world", taken)
                state.notes.append("the state of an older version was taken over")
            return known
        state.forget_world()
        state.notes.append("the state of an older version cannot be read: its world is made anew")
    state.put("world", json.dumps({"seed": seed, "anchor": now, "days": days}))
    return seed, now, days


def _stored_world(text: str) -> tuple[int, float, int] | None:
    """What was kept of the first start; None if it cannot be read. At first the length was always the same."""
    try:
        world = json.loads(text)
        return int(world["seed"]), float(world["anchor"]), int(world.get("days", HISTORY_DAYS))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _add_group(world: World, clock: Clock) -> None:
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


def _restore_people(world: World, state: State) -> None:
    """Accounts and roles; the demo account has created every channel (unless a file says otherwise)."""
    for phone, name, password in state.accounts():
        world.account(phone, name=name, password=password)
    demo = world.account(DEMO_PHONE)
    for channel in world.channels.values():
        if not channel.megagroup and channel.demo_role is not None:
            demo.roles.setdefault(channel.id, channel.demo_role)
            demo.joined.setdefault(channel.id, channel.created)
    for phone, channel_id, role, joined in state.members():
        account = world.account(phone)
        if role is None:
            account.roles.pop(int(channel_id), None)
        else:
            account.roles[int(channel_id)] = role
            account.joined[int(channel_id)] = joined
