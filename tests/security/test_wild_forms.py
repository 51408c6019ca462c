"""Wild input to every form there is: no answer is a fault of ours, and what is refused has changed nothing.

The forms are read off the pages themselves, so a new one is tried without being named here; addresses that take
something and stand on no page are tried with made-up fields. FUZZ_CASES (for `make fuzz`: 10,000) is how many requests
are sent to the forms of everybody, and how many to those of people who are signed in; a few hundred in the suite.
"""

import json
import os
import random
from collections import defaultdict
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_plus, urljoin, urlsplit

import pytest
from django.db import transaction
from django.utils import timezone

from tests.security.asking import FORM, address, send
from tests.security.doors import DOORS, PERSONAL, Kind
from tests.security.worlds import House, Somebody, World, make_house, parts_of

CASES = int(os.environ.get("FUZZ_CASES", "150"))
SEED = int(os.environ.get("FUZZ_SEED", "5"))
REFUSED = {400, 401, 403, 404, 405, 409, 413, 415, 422, 429}
# What a refusal itself leaves: that it happened.
EVENTS = {"accounts_securityevent", "core_auditentry", "core_auditwords", "core_auditchain"}
FIELDS = ("name", "email", "login", "password", "token", "next", "language", "theme", "text", "at", "id", "q", "code")
WILD = (
    "",
    " ",
    "0",
    "-1",
    "1",
    "1e309",
    "NaN",
    "9" * 400,
    "٣",
    "true",
    "null",
    "on",
    "x" * 5_000,
    "\x00",
    "a\x00b",
    "\r\nX: y",
    "\u202egnp.exe",
    "😀" * 300,
    "\ufeff",
    "\ud7ff\uffff",
    "é" * 255,
    "'; DROP TABLE accounts_user; --",
    "%s%n{0}{{x}}${x}",
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "../../../../etc/passwd",
    "https://evil.example/",
    "//evil.example",
    "2026-02-30",
    "9999-12-31T23:59:59+14:00",
    "0001-01-01",
    "24:61",
    "a@b",
    "a@b.co" * 60,
    "Ａ@example.org",
    "@x",
    "+x",
    "[]",
    "{}",
    '{"a":' * 500,
    "[[[[" * 300,
    "1,2,,3",
    "Asia/Tashkent",
    "../Asia",
    "en",
    "#2350c9",
    "url(x)",
    "11111111-2222-4333-8444-555555555555",
    "zip:",
    "\u2028",
    "=cmd|'/c calc'!A0",
    "0x7f.1",
    "::1",
    "10.0.0.0/8",
)
BODIES = (
    (b"", "application/json"),
    (b"{", "application/json"),
    (b"\xff\xfe", FORM),
    (b"a=%ff%00&b", FORM),
    (b"=&=&&&", FORM),
    (b"--x\r\n", "multipart/form-data; boundary=x"),
    (b"", "multipart/form-data; boundary=" + "y" * 300),
    (b"x", "text/plain"),
    (b"<a/>", "text/xml"),
    (b"{}", "application/csp-report"),
)

pytestmark = pytest.mark.django_db


class _Forms(HTMLParser):
    """The forms of a page: where each leads, and its fields with what could be chosen."""

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place, self.found, self._here = place, list[tuple[str, dict[str, list[str]]]](), dict[str, list[str]]()
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A form begins, or a field of it."""
        known = {name: value or "" for name, value in attrs}
        if tag == "form" or "hx-post" in known:
            self._here = {}
            where = known.get("hx-post") or known.get("action") or self.place
            if known.get("method", "").lower() == "post" or "hx-post" in known:
                self.found.append((urlsplit(urljoin(self.place, where)).path, self._here))
        name = known.get("name", "")
        if tag in {"input", "textarea", "button", "select"} and name and name != "csrfmiddlewaretoken":
            self._here.setdefault(name, []).append(known.get("value", ""))
            self._select = name if tag == "select" else self._select
        if tag == "option" and self._select:
            self._here.setdefault(self._select, []).append(known.get("value", ""))


@pytest.fixture
def house(settings: Any, tmp_path: Any) -> House:
    """Everybody, and no limits that a walk would run into."""
    settings.API_LIMIT_FACTOR = 1_000_000
    settings.ACCOUNT_RATE_LIMITS = False
    settings.EXPORT_DIR = settings.REPORT_DIR = settings.UPLOAD_DIR = settings.ARCHIVE_DIR = tmp_path
    return make_house(now=timezone.now())


def _posts(house: House, who: Somebody) -> dict[str, dict[str, list[str]]]:
    """Every address that takes something from this person, with the fields that its pages have for it."""
    found: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for route, door in sorted(DOORS.items()):
        for place in _places(house.home, route):
            if door.kind is Kind.API:
                continue
            if "GET" in door.needs:
                answer, _written = send(who, "GET", place)
                if answer.status_code == 200 and not answer.streaming and "html" in answer.headers["Content-Type"]:
                    page = _Forms(place)
                    page.feed(answer.content.decode())
                    for target, fields in page.found:
                        found[target].update(fields)
            if "POST" in door.needs:
                found[place].update({})
    return {target: fields or {key: [""] for key in FIELDS} for target, fields in found.items()}


def _places(world: World, route: str) -> Iterator[str]:
    door = DOORS[route]
    value = world.ids[door.of] if door.of else ""
    yield address(route, parts_of(door.of, value, world.ids, world.token))


def _wild_body(chance: random.Random, fields: dict[str, list[str]]) -> tuple[Any, str]:
    """A form as nobody would fill it in: mostly its own fields, some of them as they should be."""
    if chance.random() < 0.1:
        return chance.choice(BODIES)
    values: list[tuple[str, str]] = []
    for name, known in fields.items():
        kind = chance.random()
        if kind < 0.35 and known:
            values.append((name, chance.choice(known)))
        elif kind < 0.9:
            values += [(name, chance.choice(WILD))] * chance.choice((1, 1, 1, 2))
    if chance.random() < 0.2:
        values.append((chance.choice(FIELDS) + chance.choice(("", "[]", "-0", ".x")), chance.choice(WILD)))
    if chance.random() < 0.05:
        return json.dumps(dict(values)), "application/json"
    text = "&".join(f"{quote_plus(name)}={quote_plus(value.encode(errors='replace'))}" for name, value in values)
    return text, FORM


@pytest.mark.parametrize("name", ["anonymous", "owner"])
def test_no_form_is_broken_by_wild_input(house: House, name: str) -> None:
    who, chance, wrong = house.people[name], random.Random(SEED), list[str]()
    posts = _posts(house, who)
    turns = max(2, CASES // len(posts))
    with transaction.atomic():
        for number in range(turns):
            for target, fields in sorted(posts.items()):
                who.client.defaults["REMOTE_ADDR"] = f"2001:db8:{number:x}:{chance.randrange(65536):x}::1"
                body, kind = _wild_body(chance, fields)
                answer, written = send(who, "POST", target, body, kind)
                if answer.status_code >= 500:
                    wrong.append(f"{target} {answer.status_code}: {kind} {body!r}"[:600])
                elif answer.status_code in REFUSED and set(written) - EVENTS:
                    wrong.append(f"{target} refused with {answer.status_code}, and wrote {written}: {body!r}"[:600])
        transaction.set_rollback(True)

    print(f"{turns * len(posts)} requests to {len(posts)} forms of {name}")
    assert not wrong, "\n".join(wrong[:20])


def test_the_forms_are_found_on_the_pages(house: House) -> None:
    anonymous, owner = _posts(house, house.people["anonymous"]), _posts(house, house.people["owner"])

    assert {"login", "password"} <= set(anonymous["/account/login/"])
    assert "email" in anonymous["/account/signup/"]
    assert {"name", "every", "recipients"} <= set(owner["/app/reports/new/"])
    assert len(owner) > 40
    assert not any(door.of in PERSONAL and door.kind is Kind.EVERYBODY for door in DOORS.values())
