"""Every page of the panel × everybody: what it asks for stands at the page, the table of tiers says who may."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver

from accounts.models import Tier
from superadmin.site import site
from superadmin.tiers import LEAST_TIER, Act
from tests.factories import make_user
from tests.superadmin.staff import enter, make_staff

pytestmark = pytest.mark.django_db
TIERS = [tier for tier in Tier if tier]
# Ways to the accounts' own pages, and words of the framework; open to whoever may open the panel.
OWN = {"login": None, **dict.fromkeys(("logout", "index", "jsi18n"), Act.PANEL_OPEN)}
PART = re.compile(r"<(\w+):\w+>")
PARTS = {"int": "999999999", "path": "999999999", "slug": "suspend", "str": "nothing"}


def pages(patterns: Any = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for one in site.get_urls() if patterns is None else patterns:
        path = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from pages(one.url_patterns, path)
        else:
            yield path, one


def act_of(page: URLPattern) -> Act | None:
    if page.name in OWN:
        return OWN[page.name]
    if (lister := getattr(page.callback, "model_admin", None)) is not None:
        return lister.look_act
    act: Act = page.callback.act  # type: ignore[attr-defined]  # put there by `tier_required`
    return act


def test_every_page_says_what_it_asks_for() -> None:
    for path, page in pages():
        assert page.name in OWN or act_of(page) in LEAST_TIER, path


def test_every_page_is_closed_to_whose_tier_is_too_low() -> None:
    guests = {tier: enter(make_staff(tier)) for tier in TIERS}
    stranger, unverified = Client(), enter(make_staff(), verified=False)
    person = Client()
    person.force_login(make_user())
    for path, page in pages():
        act = act_of(page)
        if act is None:
            continue
        address = "/superadmin/" + PART.sub(lambda part: PARTS[part[1]], path)
        assert stranger.get(address).status_code in {302, 405}, path
        assert person.get(address).status_code in {404, 405}, path
        assert unverified.get(address).status_code in {302, 405}, path
        for tier, guest in guests.items():
            code = guest.get(address).status_code
            assert (code in {403, 405}) if tier < LEAST_TIER[act] else code != 403, f"{path} {tier.label}: {code}"
