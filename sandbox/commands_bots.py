"""Control commands for bots: what people do to them, and what they have sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.bots.bots import Bot, BotError, user_of
from sandbox.control_errors import ControlError
from sandbox.world.accounts import phone_digits

if TYPE_CHECKING:
    from sandbox.server import Sandbox


class BotCommands:
    """Mixed into :class:`sandbox.commands.Commands`."""

    sandbox: Sandbox

    def _bot(self, command: dict[str, Any]) -> Bot:
        try:
            return self.sandbox.bots.by_token(str(command["token"]))
        except BotError as error:
            raise ControlError(error.description) from error

    def cmd_bot_role(self, command: dict[str, Any]) -> dict[str, Any]:
        """token, channel, role (admin, member, or null), phone? (who does it): sends my_chat_member."""
        channel = self.sandbox.world.find(command["channel"])
        role = command["role"]
        if channel is None or role not in ("admin", "member", None):
            raise ControlError("no such channel, or role is not admin, member or null")
        by = self.sandbox.account(phone_digits(str(command.get("phone", "99890000001"))))
        self.sandbox.bots.set_role(self._bot(command), channel, role, by)
        return {}

    def cmd_bot_message(self, command: dict[str, Any]) -> dict[str, Any]:
        """token, phone, text: a person writes to the bot."""
        bot = self._bot(command)
        account = self.sandbox.account(phone_digits(str(command["phone"])))
        text = str(command["text"])
        message: dict[str, Any] = {
            "message_id": bot.next_message,
            "from": user_of(account) | {"language_code": str(command.get("lang", "en"))},
            "chat": {"id": account.id, "type": "private", "first_name": account.first_name},
            "date": int(self.sandbox.world.clock.now()),
            "text": text,
        }
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}]
        bot.next_message += 1
        return {"update_id": bot.offer("message", message), "user_id": account.id}

    def cmd_bot_update(self, command: dict[str, Any]) -> dict[str, Any]:
        """token, kind, body: any update as it is (update_id null: the bot did not ask for this kind)."""
        return {"update_id": self._bot(command).offer(str(command["kind"]), dict(command["body"]))}

    def cmd_bot_sent(self, command: dict[str, Any]) -> dict[str, Any]:
        """token: everything the bot has sent."""
        return {"sent": self._bot(command).sent}
