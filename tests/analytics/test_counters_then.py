"""Counters as they stood at a moment: each by its own last word, whatever a reading left out or abbreviated."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.period import Period
from analytics.queries import StatsQuery
from analytics.queries.figures import AGE_METRICS, Span, figures
from analytics.queries.sums import POST_METRICS
from channels_app.models import Channel
from mtproto.records import Source
from tests.channels_app.ingest.seen import NOW, make_channel, message, see

pytestmark = pytest.mark.django_db
WEEK = Period(NOW - timedelta(days=7), NOW, ZoneInfo("UTC"))
PUBLISHED = NOW - timedelta(days=5)
HOUR = timedelta(hours=1)
# Readings at ages are what they are, whenever they are asked for.
COUNTED = [name for name in POST_METRICS if name not in AGE_METRICS]


def numbers(channel: Channel, *, then: bool) -> dict[str, Any]:
    """The week's numbers from the latest counters, or from what had been read by now."""
    span = Span(channel.pk, WEEK.start, WEEK.end, as_of=NOW if then else None)
    found = figures(StatsQuery(channel.pk, WEEK, now=NOW), [span], COUNTED)[0]
    return {name: (found[name].value, found[name].provenance.note) for name in COUNTED}


def test_reading_that_tells_reactions_alone_leaves_the_views_as_they_were() -> None:
    channel = make_channel()
    see(channel, message(1, date=PUBLISHED, views=100, forwards=5, replies=2, reactions={"👍": 1}), at=PUBLISHED + HOUR)
    # An export of Telegram's own program knows reactions, but no views.
    see(channel, message(1, date=PUBLISHED, reactions={"👍": 3}), at=PUBLISHED + 2 * HOUR, source=Source.IMPORT)

    found = numbers(channel, then=True)

    assert found == numbers(channel, then=False)
    assert (found["views"][0], found["reactions"][0]) == (100, 3)


counts = st.none() | st.integers(0, 50)


@st.composite
def looks(draw: st.DrawFn) -> tuple[Any, ...]:
    source = draw(st.sampled_from([Source.MTPROTO, Source.IMPORT, Source.PREVIEW]))
    told: dict[str, Any] = {name: draw(counts) for name in ("views", "forwards", "replies")}
    told["reactions"] = draw(st.none() | st.dictionaries(st.sampled_from("ab"), st.integers(0, 9)))
    post = message(draw(st.integers(1, 2)), date=PUBLISHED, approximate=source is Source.PREVIEW, **told)
    return post, PUBLISHED + draw(st.integers(0, 90)) * HOUR, source


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(looks(), min_size=1, max_size=6))
def test_as_of_now_they_are_the_latest(taken: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        channel = make_channel()
        for post, at, source in taken:
            see(channel, post, at=at, source=source)

        assert numbers(channel, then=True) == numbers(channel, then=False)
        transaction.set_rollback(True)
