"""Account rows for tests."""

import itertools
from typing import Any

from mtproto.models import TelegramAccount
from tests.factories import WHEN

_numbers = itertools.count(10_000)


def make_account(**values: Any) -> TelegramAccount:
    """A signed-in account with a session that leads nowhere."""
    account = TelegramAccount(**{"tg_id": next(_numbers), "label": "Account", "created_at": WHEN, **values})
    if "session" not in values:
        account.session = "session-secret"
    account.save()
    return account
