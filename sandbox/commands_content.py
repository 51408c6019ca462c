"""Control commands that change channels and who may see them."""

from __future__ import annotations

import statistics
import struct
from typing import TYPE_CHECKING, Any

from sandbox.control_errors import ControlError
from sandbox.world.accounts import phone_digits
from sandbox.world.channels import Channel, stable_id
from sandbox.world.clock import from_iso

if TYPE_CHECKING:
    from sandbox.server import Sandbox

_POST_FIELDS = (
    "text", "media", "poll", "url", "post_author", "silent", "noforwards", "pinned", "reply_to", "forward",
    "service", "views", "forwards", "replies", "reactions",
)  # fmt: skip
_MAX_ALBUM = 10
ROLES = ("creator", "admin", "member", "banned", None)


class ContentCommands:
    """Mixed into :class:`sandbox.commands.Commands`."""

    sandbox: Sandbox

    def _channel(self, command: dict[str, Any]) -> Channel:
        channel = self.sandbox.world.find(command["channel"])
        if channel is None:
            raise ControlError(f"no channel {command['channel']!r}")
        return channel

    def _change(self, channel: Channel, change: dict[str, Any]) -> None:
        try:
            self.sandbox.changes.do(channel, change)
        except (struct.error, OverflowError) as error:
            raise ControlError(f"out of range: {error}") from error

    def cmd_post(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel, text (``[label](url)``, ``**bold**`` become entities), media, album (2-10), count, date, counters.

        A counter given as a number stays; ``{"base": 1, "final": 900}`` grows with the clock; left out, views and
        forwards grow to what is usual in the channel; null is unknown. Answers ``ids``.
        """
        channel = self._channel(command)
        album = int(command.get("album", 1))
        if not 1 <= album <= _MAX_ALBUM:
            raise ControlError(f"album is 1 to {_MAX_ALBUM}")
        date = command.get("date")
        moment = int(from_iso(date) if isinstance(date, str) else date or self.sandbox.world.clock.now())
        ids: list[int] = []
        for _ in range(int(command.get("count", 1))):
            specs = self._specs(channel, command, album, moment)
            self._change(channel, {"do": "post", "at": int(self.sandbox.world.clock.now()), "posts": specs})
            ids += [spec["id"] for spec in specs]
        return {"ids": ids, "pts": channel.pts}

    def _specs(self, channel: Channel, command: dict[str, Any], album: int, moment: int) -> list[dict[str, Any]]:
        first = int(command.get("id") or channel.next_id)
        specs = []
        for n in range(album):
            spec = {name: command[name] for name in _POST_FIELDS if name in command}
            behind = channel.time() - self.sandbox.world.clock.now()
            spec |= {"id": first + n, "date": moment, "counted_at": channel.time(), "behind": behind}
            if album > 1:
                spec["grouped_id"] = int(
                    command.get("grouped_id") or 13_000_000_000_000_000 + channel.id % 10**9 + first
                )
                spec.setdefault("media", "photo")
                if n > 0:
                    spec["text"] = ""
            if "views" not in spec and "service" not in spec:
                usual = usual_views(channel)
                spec["views"] = {"base": 1, "final": usual}
                spec.setdefault("forwards", {"base": 0, "final": usual * 0.004})
            specs.append(spec)
        return specs

    def cmd_edit(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel, id, text, hide? (no label): edit a post's text."""
        channel = self._channel(command)
        change = {"do": "edit", "id": int(command["id"]), "text": str(command["text"])}
        if command.get("hide"):
            change["hide"] = True
        self._change(channel, change)
        return {"pts": channel.pts}

    def cmd_delete(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel, ids (or id): delete posts; ids that are not there are passed over."""
        channel = self._channel(command)
        ids = command["ids"] if "ids" in command else [command["id"]]
        before = len(channel.ids)
        self._change(channel, {"do": "delete", "ids": [int(i) for i in ids]})
        return {"deleted": before - len(channel.ids), "pts": channel.pts}

    def cmd_pin(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel, id, pinned (true)."""
        channel = self._channel(command)
        self._change(channel, {"do": "pin", "id": int(command["id"]), "pinned": bool(command.get("pinned", True))})
        return {"pts": channel.pts}

    def cmd_set_counters(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel, id, views?, forwards?, replies?, reactions? ({"👍": 5, "custom:1": 2, "paid": 1}); no update."""
        channel = self._channel(command)
        change: dict[str, Any] = {"do": "counters", "id": int(command["id"])}
        change |= {n: command[n] for n in ("views", "forwards", "replies", "reactions") if n in command}
        self._change(channel, change)
        return {}

    def cmd_subscribers(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel, count (set) or by (add)."""
        channel = self._channel(command)
        count = int(command["count"]) if "count" in command else channel.subscribers() + int(command["by"])
        self._change(channel, {"do": "facts", "subscribers": count})
        return {"subscribers": channel.subscribers()}

    def cmd_facts(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel and any of title, about, username (null: none), private, banned, can_view_stats, invite_hash."""
        channel = self._channel(command)
        names = ("title", "about", "username", "private", "banned", "can_view_stats", "invite_hash")
        facts = {n: command[n] for n in names if n in command}
        if facts.get("username") and self.sandbox.world.by_username(facts["username"]) not in (None, channel):
            raise ControlError("this username is taken")
        self._change(channel, {"do": "facts", **facts})
        return {"id": channel.id}

    def cmd_title(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel, title."""
        return self.cmd_facts({"channel": command["channel"], "title": str(command["title"])})

    def cmd_about(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel, about."""
        return self.cmd_facts({"channel": command["channel"], "about": str(command["about"])})

    def cmd_username(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel, username (null: none)."""
        return self.cmd_facts({"channel": command["channel"], "username": command["username"]})

    def cmd_private(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel, on (true): only members may read, and the username leads nowhere."""
        return self.cmd_facts({"channel": command["channel"], "private": bool(command.get("on", True))})

    def cmd_ban(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel, on (true), phone?: ban one account from the channel, or (no phone) the channel from Telegram."""
        on = bool(command.get("on", True))
        if command.get("phone") is None:
            return self.cmd_facts({"channel": command["channel"], "banned": on})
        role = "banned" if on else None
        return self.cmd_role({"channel": command["channel"], "phone": command["phone"], "role": role})

    def cmd_create_channel(self, command: dict[str, Any]) -> dict[str, Any]:
        """username, title?, subscribers?, private?, megagroup?: an empty channel (not kept across restarts)."""
        username = str(command["username"])
        if self.sandbox.world.by_username(username) is not None:
            raise ControlError("this username is taken")
        channel = Channel(
            id=int(command.get("id") or stable_id(username)),
            username=username,
            title=str(command.get("title") or username),
            clock=self.sandbox.world.clock,
            created=int(self.sandbox.world.clock.now()),
            anchor=self.sandbox.world.clock.now() - self.sandbox.world.clock.moved,
            base_subscribers=int(command.get("subscribers", 0)),
            private=bool(command.get("private", False)),
            megagroup=bool(command.get("megagroup", False)),
            invite_hash=f"invite{stable_id(username)}",
        )
        self.sandbox.world.add_channel(channel)
        return {"id": channel.id, "invite": channel.invite_hash}

    def cmd_role(self, command: dict[str, Any]) -> dict[str, Any]:
        """channel, phone, role (creator, admin, member, banned, or null): what an account is in a channel."""
        role = command["role"]
        if role not in ROLES:
            raise ControlError("role is creator, admin, member, banned or null")
        account = self.sandbox.account(phone_digits(str(command["phone"])))
        self.sandbox.set_role(account, self._channel(command), role)
        return {"user_id": account.id}

    def cmd_revoke(self, command: dict[str, Any]) -> dict[str, Any]:
        """phone, error (SESSION_REVOKED): end all sessions of an account, for good."""
        return {
            "revoked": self.sandbox.revoke(
                phone_digits(str(command["phone"])), str(command.get("error", "SESSION_REVOKED"))
            )
        }

    def cmd_salt(self, _command: dict[str, Any]) -> dict[str, Any]:
        """Change the salt of every auth key: the next request of each client is sent back."""
        return {"changed": self.sandbox.change_salts()}

    def cmd_sessions(self, _command: dict[str, Any]) -> dict[str, Any]:
        """Auth keys with data centre, account and number of connections."""
        return {
            "sessions": [
                {
                    "dc": key.dc,
                    "phone": key.account.phone if key.account else None,
                    "user_id": key.account.id if key.account else None,
                    "connections": len(key.connections),
                    "updates": any(c.wants_updates for c in key.connections),
                    "lang": key.lang,
                    "revoked": key.revoked,
                }
                for key in self.sandbox.keys.all()
            ]
        }

    def cmd_difference_limit(self, command: dict[str, Any]) -> dict[str, Any]:
        """limit: from how many missed events on a channel difference is too long."""
        self.sandbox.difference_limit = int(command["limit"])
        return {}

    def cmd_live(self, command: dict[str, Any]) -> dict[str, Any]:
        """on, rate (1 is the usual pace): whether new posts appear by themselves in living channels."""
        live = self.sandbox.live
        live.on = bool(command.get("on", live.on))
        live.rate = float(command.get("rate", live.rate))
        return {"on": live.on, "rate": live.rate}


def usual_views(channel: Channel) -> float:
    """What a post of this channel has in the end: the median of the latest fifty, else a third of the subscribers."""
    latest = [p.views.final for i in channel.ids[-50:] if (p := channel.posts[i]).views is not None]
    return statistics.median(latest) if latest else max(10.0, channel.subscribers() * 0.35)
