"""Errors a method answers with, and the code Telegram gives to each error text."""

from __future__ import annotations

import re


class RpcFault(Exception):
    """An ``rpc_error``: an HTTP-like code and a text such as ``FLOOD_WAIT_3``."""

    def __init__(self, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code if code is not None else code_of(message)


_CODES: list[tuple[str, int]] = [
    (r".*_MIGRATE_\d+$", 303),
    (r"(FLOOD|SLOWMODE|FLOOD_PREMIUM|FLOOD_TEST_PHONE)_WAIT_\d+$|TAKEOUT_INIT_DELAY_\d+$", 420),
    (r"(SESSION_(REVOKED|EXPIRED|PASSWORD_NEEDED)|AUTH_KEY_.*|USER_DEACTIVATED.*|ACTIVE_USER_REQUIRED)$", 401),
    (r"AUTH_KEY_DUPLICATED$", 406),
    (r"(RPC_CALL_FAIL|RPC_MCGET_FAIL|INTERDC_.*|.*_INTERNAL.*|NEED_.*|WORKER_BUSY.*|HISTORY_GET_FAILED)$", 500),
    (r"(CHAT_WRITE_FORBIDDEN|CHAT_SEND_.*_FORBIDDEN|RIGHT_FORBIDDEN)$", 403),
    (r"Timeout$", -503),
]


def code_of(message: str) -> int:
    """The code Telegram sends with this error text (400 for whatever is not listed)."""
    if message == "AUTH_KEY_DUPLICATED":
        return 406
    return next((code for pattern, code in _CODES if re.match(pattern, message)), 400)
