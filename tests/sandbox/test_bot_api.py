"""The sandbox's Bot API with real clients: python-telegram-bot and plain HTTP."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, Forbidden, RetryAfter
from telegram.request import HTTPXRequest

from tests.telegram import DEMO_PHONE, SandboxProcess

TOKEN = "123456:sandbox-test-token"


def bot_of(telegram: SandboxProcess, token: str = TOKEN) -> Bot:
    """A python-telegram-bot client."""
    request = HTTPXRequest(read_timeout=10)
    return Bot(token, base_url=f"{telegram.bot_api_url}/bot", request=request, get_updates_request=HTTPXRequest())


def test_bot_knows_itself_and_channels(telegram: SandboxProcess) -> None:
    async def go() -> Any:
        async with bot_of(telegram) as bot:
            telegram.control("bot_role", token=TOKEN, channel="alpha", role="admin")
            chat = await bot.get_chat("@alpha")
            count = await bot.get_chat_member_count("@alpha")
            own = await bot.get_chat_member(chat.id, bot.id)
            admins = await bot.get_chat_administrators(chat.id)
            return bot.username, chat, count, own.status, [a.status for a in admins]

    username, chat, count, status, admins = asyncio.run(go())

    assert username == "sandbox_123456_bot"
    assert (chat.id, chat.title, chat.type, count) == (-1001234567890, "Alpha", "channel", 5000)
    assert status == "administrator" and sorted(admins) == ["administrator", "creator"]


def test_updates_are_kept_until_confirmed(telegram: SandboxProcess) -> None:
    token = "222222:sandbox-test-token"

    async def go() -> list[list[Update]]:
        async with bot_of(telegram, token) as bot:
            telegram.control("bot_message", token=token, phone=DEMO_PHONE, text="/start")
            first = await bot.get_updates()
            again = await bot.get_updates()
            waiting = asyncio.create_task(bot.get_updates(offset=first[-1].update_id + 1, timeout=5))
            await asyncio.sleep(0.05)
            telegram.control("bot_message", token=token, phone=DEMO_PHONE, text="hello")
            return [list(first), list(again), list(await waiting)]

    first, again, later = asyncio.run(go())

    assert [u.message.text for u in first if u.message] == ["/start"] == [u.message.text for u in again if u.message]
    assert [u.message.text for u in later if u.message] == ["hello"]


def test_channel_posts_reach_an_admin_bot(telegram: SandboxProcess) -> None:
    token = "333333:sandbox-test-token"

    async def go() -> list[str]:
        async with bot_of(telegram, token) as bot:
            telegram.control("bot_role", token=token, channel="beta", role="admin")
            (post,) = telegram.control("post", channel="beta", text="to bots", views=1)["ids"]
            telegram.control("edit", channel="beta", id=post, text="edited")
            sent = await bot.send_message("@beta", "from the bot")
            updates = await bot.get_updates()
            assert sent.sender_chat is not None and sent.sender_chat.username == "beta"
            return [str(next(k for k in u.to_dict() if k != "update_id")) for u in updates]

    assert asyncio.run(go()) == ["my_chat_member", "channel_post", "edited_channel_post", "channel_post"]


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"chat_id": "@nowhere", "text": "x"}, BadRequest, "Chat not found"),
        ({"chat_id": 12345, "text": "x"}, BadRequest, "Chat not found"),
        ({"chat_id": "@beta", "text": "x" * 4097}, BadRequest, "Message is too long"),
        ({"chat_id": "@beta", "text": "x"}, Forbidden, "not a member"),
    ],
    ids=["channel", "person", "long", "not a member"],
)
def test_send_message_refuses(
    telegram: SandboxProcess, arguments: dict[str, Any], error: type[Exception], text: str
) -> None:
    async def go() -> None:
        async with bot_of(telegram, "444444:sandbox-test-token") as bot:
            with pytest.raises(error, match=text):
                await bot.send_message(**arguments)

    asyncio.run(go())


def test_flood_and_conflict(telegram: SandboxProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    token = "555555:sandbox-test-token"
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # the other form of retry_after warns of its end

    async def go() -> Any:
        async with bot_of(telegram, token) as bot:
            telegram.control("fault", method="bot.sendMessage", error="FLOOD_WAIT_3")
            with pytest.raises(RetryAfter) as caught:
                await bot.send_message(1, "x")
            await bot.set_webhook("http://127.0.0.1:9/hook")
            with pytest.raises(Conflict):
                await bot.get_updates()
            await bot.delete_webhook()
        return caught.value.retry_after

    assert asyncio.run(go()) == timedelta(seconds=3)


@pytest.mark.parametrize(
    ("token", "method", "status"), [(TOKEN, "launchRocket", 404), ("1:x", "getMe", 401)], ids=["method", "token"]
)
def test_unknown_method_and_bad_token(telegram: SandboxProcess, token: str, method: str, status: int) -> None:
    answer = httpx.post(f"{telegram.bot_api_url}/bot{token}/{method}")

    assert answer.status_code == status
    assert (answer.json()["ok"], answer.json()["error_code"]) == (False, status)


def test_webhook_gets_updates_with_the_secret(telegram: SandboxProcess) -> None:
    token = "666666:sandbox-test-token"
    seen: list[tuple[str | None, dict[str, Any]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            seen.append((self.headers.get("X-Telegram-Bot-Api-Secret-Token"), body))
            self.send_response(500 if len(seen) == 1 else 200)  # the first delivery fails and is repeated
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/hook"
        answer = httpx.post(f"{telegram.bot_api_url}/bot{token}/setWebhook", json={"url": url, "secret_token": "s3"})
        assert answer.json() == {"ok": True, "result": True}
        telegram.control("bot_message", token=token, phone=DEMO_PHONE, text="by hook")
        telegram.wait_for(lambda: len(seen) >= 2, what="the repeated delivery")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

    assert [(secret, body["message"]["text"]) for secret, body in seen[:2]] == [("s3", "by hook")] * 2
