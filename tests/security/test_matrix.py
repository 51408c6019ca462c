"""Every route and method, by everybody, with their own ids and with those of others: what the table says, and no more.

The table is `doors.py`. A refused request writes nothing; an id of somebody else's is answered like one of nobody's.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Role
from accounts.roles import permissions_of
from superadmin.tiers import LEAST_TIER
from tests.api.routes import all_routes
from tests.security.asking import SIGN_IN, address, code_of, send
from tests.security.doors import DOORS, PERSONAL, Door, Kind, Of
from tests.security.headers import missing_protection
from tests.security.worlds import EVERYTHING, House, Somebody, World, make_house, nobodys, parts_of
from tests.superadmin.test_doors import OWN, PART, PARTS, act_of, pages

pytestmark = pytest.mark.django_db
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
PANEL = "superadmin/"
FORBIDDEN, MISSING, NO_METHOD = 403, 404, 405
_REFUSALS = {SIGN_IN, 401, FORBIDDEN, MISSING, NO_METHOD}
_OPEN = {Kind.EVERYBODY, Kind.GUESTS}
_SOME = {"anonymous", "owner", "stranger", "stranger's token", "share link"}
_FEW = {True: {"anonymous", "owner"}, False: {"owner"}}
_CURIOUS = {"viewer", "owner", "stranger"}
# Who may look sees; who may send is told what is wrong with an empty form.
_LET_IN = {True: {200, 302}, False: {200, 201, 202, 204, 302, 400, 409, 422}}


def test_every_route_stands_in_the_table_once() -> None:
    routes, placed = {one for one in all_routes() if not one.startswith(PANEL)}, set(DOORS)

    assert not routes - placed, f"Add a line for each to tests/security/doors.py: {sorted(routes - placed)}"
    assert not placed - routes, f"These are gone; take them out of tests/security/doors.py: {sorted(placed - routes)}"


@pytest.fixture(scope="module")
def house(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    """Made once for the module, and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_house(now=timezone.now())
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def wide(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A walk of every address is more than the limits of one minute."""
    settings.API_LIMIT_FACTOR = 1_000
    settings.ACCOUNT_RATE_LIMITS = False
    settings.EXPORT_DIR = settings.REPORT_DIR = settings.UPLOAD_DIR = tmp_path


@pytest.mark.parametrize("route", sorted(DOORS))
def test_a_door_opens_for_whom_the_table_says(house: House, route: str) -> None:
    door, wrong = DOORS[route], list[str]()
    for who in house.people.values():
        for method in METHODS:
            for ask in _requests(house, door, who, method):
                wrong += [f"{who.name} {method} {ask.value}: {what}" for what in _complaints(house, route, door, ask)]

    assert not wrong, "\n".join(wrong)


@dataclass(frozen=True)
class Ask:
    """One request. `value`: the id in the address; `beside`: whose other ids stand there."""

    who: Somebody
    method: str
    value: str
    beside: World
    foreign: bool


def _requests(house: House, door: Door, who: Somebody, method: str) -> Iterator[Ask]:
    mine, theirs = (house.home, house.other) if who.role else (house.other, house.home)
    listed = method in door.needs
    # Where all are answered alike, a few ask for everybody.
    if not (listed if door.kind not in _OPEN else who.name in _SOME) and who.name not in _FEW[method == "HEAD"]:
        return
    if door.of is None:
        yield Ask(who, method, "", mine, foreign=False)
        return
    if door.of in PERSONAL and who.role and who.name != "owner":
        theirs = house.home
    elif who.role:
        yield Ask(who, method, mine.ids[door.of], mine, foreign=False)
    yield Ask(who, method, theirs.ids[door.of], theirs, foreign=True)
    if door.of is Of.CHANNEL and listed and who.name in _CURIOUS:
        yield from (Ask(who, method, spelling, theirs, foreign=True) for spelling in theirs.spellings)
    if door.of is Of.NOTE:
        yield Ask(who, method, theirs.ids[door.of], mine, foreign=True)


def _complaints(house: House, route: str, door: Door, ask: Ask) -> Iterator[str]:
    """What is wrong with the answer."""
    token = house.home.token
    answer, written = send(ask.who, ask.method, address(route, parts_of(door.of, ask.value, ask.beside.ids, token)))
    yield from missing_protection(answer, answer.wsgi_request.path)
    code, right = code_of(answer), _expected(door, ask)
    if code not in right:
        yield f"{code}, not {sorted(map(str, right))}"
    if code in _REFUSALS and written:
        yield f"refused with {code}, and yet wrote {written}"
    theirs = house.other if ask.who.role else house.home
    if door.kind is not Kind.GUESTS and not answer.streaming and theirs.canary.encode() in answer.content:
        yield f"tells of {theirs.name}"
    if ask.foreign and door.of and ask.method in door.needs and ask.who.name in _CURIOUS:
        nothing = parts_of(door.of, nobodys(door.of), ask.beside.ids, token)
        same, _written = send(ask.who, ask.method, address(route, nothing))
        if code_of(same) != code:
            yield f"{code}, but {code_of(same)} where nothing is"


def _expected(door: Door, ask: Ask) -> set[Any]:
    """The codes that are right."""
    who, method = ask.who, "GET" if ask.method == "HEAD" else ask.method
    if method not in door.needs:
        return _REFUSALS if method != "OPTIONS" else _REFUSALS | {200}
    let_in = {door.answers[method]} if method in door.answers else _LET_IN[method == "GET"]
    if door.kind in _OPEN:
        return let_in | {400, MISSING, SIGN_IN}
    if not who.signed_in and (not who.by_token or door.kind is not Kind.API):
        return {401} if door.kind is Kind.API else {SIGN_IN}
    needed = door.needs[method]
    scopes = None if who.scopes == EVERYTHING else who.scopes
    if needed is not None and needed not in permissions_of(who.role or Role.OWNER, scopes=scopes):
        return {FORBIDDEN, MISSING} if ask.foreign else {FORBIDDEN}
    return {MISSING} if ask.foreign else let_in


def test_the_panel_takes_nothing_from_whom_the_tiers_do_not_name(house: House) -> None:
    wrong = []
    for path, page in pages():
        if page.name in OWN:
            continue
        target = "/superadmin/" + PART.sub(lambda part: PARTS[part[1]], path)
        act = act_of(page)
        # Of the staff, who stands highest of those that may not.
        below = [one for one in house.people.values() if one.tier and (act is None or one.tier == LEAST_TIER[act] - 1)]
        for who in (*below, *(house.people[name] for name in ("anonymous", "viewer", "stranger's token"))):
            answer, written = send(who, "POST", target)
            named = act is not None and who.tier >= LEAST_TIER[act]
            elsewhere = code_of(answer) in _REFUSALS or answer.headers.get("Location", "").startswith(
                ("/account/", "/superadmin/login/")
            )
            if not named and (written or not elsewhere):
                wrong.append(f"{who.name} {target}: {answer.status_code}, wrote {written}")

    assert not wrong, "\n".join(wrong)
