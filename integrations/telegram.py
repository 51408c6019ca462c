"""Messages of our bot to one person, through the Bot API (https://core.telegram.org/bots/api#sendmessage).

The address of a call holds the bot's token, so nothing here is logged, no redirect is followed, and errors tell what
Telegram answered and never what was asked.
"""

import json
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from integrations.messages import Message, Refused, TryLater, Unsure, one_line

_PUBLIC = "https://api.telegram.org"
_TIMEOUT_SECONDS = 5.0
_LONGEST_ANSWER = 64_000
_LONGEST_TEXT = 4_096
_OK = 200
_TOO_MANY = 429
_SERVER_ERROR = 500


class TelegramSender:
    """The adapter of the port for Telegram. `to` is the person's Telegram id; only the text of a message is sent."""

    def send(self, message: Message, *, before_handover: Callable[[], None]) -> None:
        """Send one message. Raises Refused (they have not begun to talk to the bot), TryLater or Unsure."""
        token = settings.TELEGRAM_BOT_TOKEN
        if not token:
            raise TryLater("No Telegram bot is set up.")
        base = urlsplit(settings.TELEGRAM_BOT_API_URL or _PUBLIC)
        body = json.dumps({"chat_id": int(message.to), "text": message.text[:_LONGEST_TEXT]}).encode()
        connection = _connection(base)
        try:
            connection.connect()
        except OSError as error:
            raise TryLater(f"Telegram was not reached: {type(error).__name__}") from None
        try:
            before_handover()
            _hand_over(connection, f"{base.path.rstrip('/')}/bot{token}/sendMessage", body)
        finally:
            connection.close()


def bot_is_set_up() -> bool:
    """Whether messages can be sent by Telegram at all."""
    return bool(settings.TELEGRAM_BOT_TOKEN)


def _connection(base: SplitResult) -> HTTPConnection:
    kind = HTTPSConnection if base.scheme == "https" else HTTPConnection
    return kind(base.hostname or "", base.port, timeout=_TIMEOUT_SECONDS)


def _hand_over(connection: HTTPConnection, path: str, body: bytes) -> None:
    try:
        connection.request("POST", path, body=body, headers={"Content-Type": "application/json"})
        with connection.getresponse() as answer:
            status, told = answer.status, _told(answer.read(_LONGEST_ANSWER))
    except (OSError, HTTPException) as error:
        raise Unsure(f"Telegram did not answer: {type(error).__name__}") from None
    if status == _OK:
        return
    if status == _TOO_MANY or status >= _SERVER_ERROR:
        raise TryLater(told)
    raise Refused(told)


def _told(answer: bytes) -> str:
    """What Telegram says went wrong."""
    try:
        found: Any = json.loads(answer)
    except ValueError:
        return "Telegram's answer cannot be read."
    return one_line(str(found.get("description", ""))) if isinstance(found, dict) else ""
