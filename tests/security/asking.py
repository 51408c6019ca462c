"""Asking as somebody: nothing stays written, and what was written in between is known."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from django.db import connection, transaction

from tests.security.worlds import Somebody

SIGN_IN = "sign in"
FORM = "application/x-www-form-urlencoded"
_WRITES = re.compile(r"\b(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|COPY|MERGE INTO)\s+\"?([a-z_]+)", re.IGNORECASE)
# Written by every request of somebody who is signed in, about themselves.
_OWN_TRACES = {"django_session", "account_emailaddress", "accounts_apitoken", "usersessions_usersession"}


def send(who: Somebody, method: str, address: str, body: Any = None, kind: str = "") -> tuple[Any, list[str]]:
    """The answer, and the tables that were written beside traces of the visit. Without a body: an empty form."""
    cookies = who.client.cookies.output()
    empty, usual = ("{}", "application/json") if address.startswith("/api/") else ("", FORM)
    body, kind = empty if body is None else body, kind or usual
    with _watched() as written, transaction.atomic():
        answer = who.client.generic(method, address, body, kind)
        transaction.set_rollback(True)
    if who.client.cookies.output() != cookies:
        who.client.cookies.clear()
        who.client.cookies.load(cookies.replace("Set-Cookie: ", ""))
    return answer, [table for table in written if table not in _OWN_TRACES]


@contextmanager
def _watched() -> Iterator[list[str]]:
    """The tables written to."""
    written: list[str] = []

    def look(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        written.extend(_WRITES.findall(str(sql).replace("FOR UPDATE", "").replace("FOR NO KEY UPDATE", "")))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        yield written


def code_of(answer: Any) -> Any:
    """The status; a way to the page of signing in is that."""
    to_sign_in = answer.headers.get("Location", "").startswith(("/account/login/", "/account/reauthenticate/"))
    return SIGN_IN if answer.status_code == HTTPStatus.FOUND and to_sign_in else answer.status_code


def address(route: str, parts: dict[str, str]) -> str:
    """The address of a route with these parts; for keys of regular expressions, some text."""
    filled = re.sub(r"<\w+:(\w+)>", lambda found: parts[found[1]], route)
    return "/" + re.sub(
        r"\^|\$|\(\?P<\w+>(?:\[[^\]]*\]|\.)[+*]\)", lambda found: "x" if "(" in found[0] else "", filled
    )
