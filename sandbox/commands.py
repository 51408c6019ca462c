"""The commands of the control port."""

from __future__ import annotations

import asyncio
import base64
import binascii
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sandbox.commands_bots import BotCommands
from sandbox.commands_content import ContentCommands
from sandbox.control_errors import ControlError
from sandbox.errors import RpcFault
from sandbox.faults import Fault
from sandbox.world.accounts import LOGIN_CODE, phone_digits
from sandbox.world.clock import from_iso

if TYPE_CHECKING:
    from sandbox.server import Sandbox


class Commands(ContentCommands, BotCommands):
    """Each ``cmd_NAME`` method is a command; it takes the JSON object and returns what goes into the answer."""

    def __init__(self, sandbox: Sandbox, stop: asyncio.Event) -> None:
        self.sandbox = sandbox
        self.world = sandbox.world
        self._stop = stop

    def run(self, command: Any) -> dict[str, Any]:
        """Carry out one command."""
        if not isinstance(command, dict):
            raise ControlError("a command is a JSON object")
        name = command.get("cmd")
        action = getattr(self, f"cmd_{name}", None) if isinstance(name, str) else None
        if action is None:
            known = sorted(n.removeprefix("cmd_") for n in dir(self) if n.startswith("cmd_"))
            raise ControlError(f"unknown command {name!r}; known: {', '.join(known)}")
        result: dict[str, Any] | None = action(command)
        return result or {}

    def cmd_help(self, _command: dict[str, Any]) -> dict[str, Any]:
        """Every command with its fields."""
        names = sorted(n for n in dir(self) if n.startswith("cmd_"))
        return {"commands": {n.removeprefix("cmd_"): " ".join((getattr(self, n).__doc__ or "").split()) for n in names}}

    # -- faults

    def cmd_fault(self, command: dict[str, Any]) -> dict[str, Any]:
        """method, error, times (null: until cleared), channel?, phone?, skip?, hold? (a flood that really lasts)."""
        channel = self._channel(command).id if command.get("channel") is not None else None
        phone = phone_digits(str(command["phone"])) if command.get("phone") is not None else None
        fault = Fault(
            method=str(command.get("method", "*")),
            error=str(command["error"]),
            times=command.get("times", 1) or None,
            channel=channel,
            phone=phone,
            hold=bool(command.get("hold", False)),
            code=command.get("code"),
            skip=int(command.get("skip", 0)),
        )
        self.sandbox.faults.faults.append(fault)
        return {"faults": len(self.sandbox.faults.faults)}

    def cmd_clear_faults(self, _command: dict[str, Any]) -> dict[str, Any]:
        """Forget all faults, delays and refusals."""
        self.sandbox.faults.faults.clear()
        self.sandbox.faults.delays.clear()
        self.sandbox.faults.refuse_until = 0.0
        return {}

    def cmd_faults(self, _command: dict[str, Any]) -> dict[str, Any]:
        """The faults still waiting."""
        return {"faults": [asdict(f) for f in self.sandbox.faults.faults], "delays": self.sandbox.faults.delays}

    def cmd_delay(self, command: dict[str, Any]) -> dict[str, Any]:
        """method, ms (0 removes)."""
        seconds = float(command["ms"]) / 1000
        delays = self.sandbox.faults.delays
        if seconds > 0:
            delays[str(command.get("method", "*"))] = seconds
        else:
            delays.pop(str(command.get("method", "*")), None)
        return {}

    def cmd_cut(self, command: dict[str, Any]) -> dict[str, Any]:
        """Cut connections; refuse: seconds during which new ones are refused; phone?: only of this account."""
        self.sandbox.faults.refuse_until = time.time() + float(command.get("refuse", 0))
        phone = phone_digits(str(command["phone"])) if command.get("phone") is not None else None
        return {"cut": self.sandbox.cut(phone)}

    def cmd_counts(self, command: dict[str, Any]) -> dict[str, Any]:
        """How often each method was called and how often a fault answered; reset: start again from zero."""
        faults = self.sandbox.faults
        answer = {"counts": dict(faults.counts), "failures": dict(faults.failures)}
        if command.get("reset"):
            faults.counts.clear()
            faults.failures.clear()
        return answer

    # -- accounts

    def cmd_login_code(self, command: dict[str, Any]) -> dict[str, Any]:
        """phone: the code that was sent (null when none is outstanding)."""
        phone = phone_digits(str(command["phone"]))
        return {"code": self.sandbox.codes.get(phone), "default": LOGIN_CODE}

    def cmd_accept_login_token(self, command: dict[str, Any]) -> dict[str, Any]:
        """token (base64url or the tg://login link), phone: scan a QR code with this account."""
        text = str(command["token"]).rpartition("token=")[2]
        try:
            token = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            self.sandbox.accept_login_token(token, self.sandbox.account(str(command["phone"])))
        except (binascii.Error, RpcFault) as error:
            raise ControlError(str(error)) from error
        return {}

    def cmd_shutdown(self, _command: dict[str, Any]) -> dict[str, Any]:
        """Stop the sandbox."""
        self._stop.set()
        return {}

    # -- looking

    def cmd_channels(self, _command: dict[str, Any]) -> dict[str, Any]:
        """All channels in short."""
        return {
            "channels": [
                {
                    "id": c.id,
                    "username": c.username,
                    "title": c.title,
                    "posts": len(c.ids),
                    "subscribers": c.subscribers(),
                    "private": c.private,
                    "megagroup": c.megagroup,
                    "pts": c.pts,
                    "skipped": c.skipped,
                }
                for c in self.world.channels.values()
            ]
        }

    def cmd_channel(self, command: dict[str, Any]) -> dict[str, Any]:
        """The truth about one channel: every id with date and counters as a client would see them now."""
        channel = self._channel(command)
        moment = channel.time()
        posts = []
        for post_id in channel.ids:
            post = channel.posts[post_id]
            counters = post.snapshot(moment)
            posts.append(
                {
                    "id": post_id,
                    "date": post.date,
                    "service": post.action is not None,
                    "text": post.text,
                    "grouped_id": post.fields.get("grouped_id"),
                    "forwarded": "fwd_from" in post.fields,
                    "edit_date": post.edit_date,
                    **asdict(counters),
                }
            )
        return {
            "id": channel.id,
            "username": channel.username,
            "title": channel.title,
            "about": channel.about,
            "subscribers": channel.subscribers(),
            "pts": channel.pts,
            "invite": channel.invite_hash,
            "now": int(self.world.clock.now()),
            "posts": posts,
        }

    def cmd_clock(self, command: dict[str, Any]) -> dict[str, Any]:
        """advance: seconds, or set: ISO moment, or nothing to read it."""
        if "advance" in command:
            self.world.clock.advance(float(command["advance"]))
        elif "set" in command:
            self.world.clock.set(from_iso(str(command["set"])))
        self.sandbox.state.put("moved", str(self.world.clock.moved))
        self.sandbox.tick()
        return {"now": self.world.clock.iso(), "moved": self.world.clock.moved}
