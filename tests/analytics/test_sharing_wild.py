"""Shared links take what people and browsers send, however wild."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import RequestFactory
from hypothesis import example, given
from hypothesis import strategies as st

from accounts.models import Workspace
from analyticbot.core.errors import InvalidInput
from analytics.sharing.counting import sight_of
from analytics.sharing.models import SharedLinkViews
from analytics.sharing.terms import Terms, check_terms, origin_of
from analytics.sharing.tokens import digest_of, is_well_formed, new_token
from channels_app.models import TrackedChannel

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TRACKED = TrackedChannel(workspace=Workspace(name="x", time_zone="Asia/Tashkent"))
SAFE = re.compile(r"https?://[a-z0-9.*:-]+")


@given(st.text(max_size=80))
@example("https://example.org; script-src *")
@example("//example.org")
@example("https://пример.рф/путь")
@example("https://xn--e1afmkfd..org")
@example("javascript://example.org")
def test_no_text_becomes_more_than_one_origin(text: str) -> None:
    terms = Terms(
        name="x", expires_at=NOW + timedelta(days=1), sections=("posts",), preset="7d",
        frame_ancestors=(origin_of(text),),
    )  # fmt: skip
    try:
        check_terms(terms, tracked=TRACKED, now=NOW)
    except InvalidInput as refused:
        assert refused.field == "frame_ancestors"
    else:
        assert SAFE.fullmatch(terms.frame_ancestors[0])


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("Example.org/about?x=1", "https://example.org"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://*.news.uz/", "https://*.news.uz"),
        ("пример.рф", "https://xn--e1afmkfd.xn--p1ai"),
    ],
)
def test_an_origin_is_understood_as_a_person_writes_it(text: str, origin: str) -> None:
    assert origin_of(text) == origin


HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=300)


@given(HEADER, HEADER, HEADER)
@example("http://[::1", "", "")
@example("https://t.me/x", "Mozilla/5.0 (iPad)", "uz")
def test_whatever_a_browser_sends_fits_the_columns(referrer: str, agent: str, language: str) -> None:
    request = RequestFactory().get("/", headers={"Referer": referrer, "User-Agent": agent, "Accept-Language": language})

    sight = sight_of(request)

    for name in ("referrer", "browser", "device", "language"):
        most = getattr(SharedLinkViews._meta.get_field(name), "max_length", 0)
        assert len(getattr(sight, name)) <= (most or 0)
    assert re.fullmatch(r"[a-z0-9.-]*", sight.referrer)


@given(st.text(max_size=40))
def test_only_tokens_of_our_form_are_looked_up(text: str) -> None:
    assert not is_well_formed(text) or len(digest_of(text)) == 64


def test_tokens_are_of_the_form_that_is_looked_up() -> None:
    assert all(is_well_formed(new_token()) for _number in range(200))


@pytest.mark.parametrize("last", [date.max, date(2030, 1, 1)])
def test_no_period_reaches_into_times_that_nobody_can_reckon_with(last: date) -> None:
    terms = Terms(
        name="x", expires_at=NOW + timedelta(days=1), sections=("posts",), first_day=date(2026, 1, 1), last_day=last
    )
    with pytest.raises(InvalidInput) as refused:
        check_terms(terms, tracked=TRACKED, now=NOW)
    assert refused.value.field == "last_day"
