"""Statistics through their mounted addresses, with a token."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from django.test import Client

from accounts.models import Workspace
from channels_app.models import Channel, Relation, TrackedChannel
from tests.analytics.world import NOW, Seen, count_subscribers, make_channel, make_posts
from tests.factories import bearer, make_token, make_workspace

Reader: TypeAlias = Callable[..., Any]

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SPAN = "from=2026-06-08&to=2026-06-15"


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    channel = make_channel()
    TrackedChannel.objects.create(workspace=workspace, channel=channel, relation=Relation.WATCHED, created_at=NOW)
    make_posts(
        channel,
        [
            Seen(NOW - 24 * HOUR, views=300, forwards=3, replies=1, reactions=6),
            Seen(NOW - 48 * HOUR, views=100, forwards=None),
            Seen(NOW - 48 * HOUR, views=900, forwards=0, is_forward=True),
            Seen(NOW - 9 * 24 * HOUR, views=50),
        ],
    )
    count_subscribers(channel, (NOW - 36 * HOUR, 1000))
    return channel


@pytest.fixture
def get(client: Client, workspace: Workspace) -> Reader:
    headers = bearer(make_token(workspace))

    def read(channel: Channel | str, what: str, query: str = SPAN) -> Any:
        name = channel if isinstance(channel, str) else f"@{channel.username}"
        return client.get(f"/api/v2/analytics/channels/{name}/{what}?{query}", headers=headers)

    return read


def test_overview_answers_numbers_previous_and_provenance(get: Reader, channel: Channel) -> None:
    answer = get(channel, "overview").json()

    assert answer["data"] == {
        "posts": 3,
        "views": 1300,
        "forwards": 3,
        "replies": 1,
        "reactions": 6,
        "avg_reach": 200.0,
        "err": 20.0,
        "er_views": 0.8333,
        "followers": 1000,
        "views_gained": None,
        "forwarded_posts": 1,
        "reach_12h": None,
        "reach_24h": 300.0,
        "reach_48h": 100.0,
        "err24": 30.0,
        # The second post's forwards are unknown: 3 of 300 + 900 views.
        "virality": 0.0025,
        # (3 + 1 + 6) of the two posts with a known counter, 5 each, of 1000 subscribers.
        "er_subs": 0.5,
        "followers_change": None,
        "growth_rate": None,
        "previous": answer["data"]["previous"],
    }
    assert (answer["data"]["previous"]["posts"], answer["data"]["previous"]["views"]) == (1, 50)
    assert set(answer["data"]["previous"]) == set(answer["data"]) - {"previous"}
    assert answer["meta"]["period"] == {"from": "2026-06-08T00:00:00Z", "to": "2026-06-15T00:00:00Z", "zone": "UTC"}
    assert answer["meta"]["provenance"]["forwards"] == {
        "source": "mtproto",
        "observed_at": "2026-06-15T12:00:00Z",
        "coverage": 0.6667,
    }


def test_a_channel_is_named_by_id_or_username_in_any_case(get: Reader, channel: Channel) -> None:
    by_id, shouted = get(str(channel.tg_id), "overview"), get(f"@{str(channel.username).upper()}", "overview")

    assert by_id.json()["data"] == shouted.json()["data"] == get(channel, "overview").json()["data"]


def test_growth_and_reach_give_a_point_for_each_day(get: Reader, channel: Channel) -> None:
    growth, reach = get(channel, "growth").json(), get(channel, "reach").json()

    assert len(growth["data"]["points"]) == len(reach["data"]["points"]) == 7
    assert growth["data"]["points"][-2]["y"] is None
    assert growth["data"]["points"][-1] == {
        "t": "2026-06-14T00:00:00Z",
        "y": 1000,
        "joined": None,
        "left": None,
        "net": None,
        "source": "mtproto",
    }
    assert reach["data"]["points"][-1] == {"t": "2026-06-14T00:00:00Z", "y": 300.0, "posts": 1}
    assert reach["data"]["at_age"] == {"12h": None, "24h": 300.0, "48h": 100.0}


def test_top_posts_answer_in_order(get: Reader, channel: Channel) -> None:
    answer = get(channel, "top-posts", f"{SPAN}&limit=2").json()

    assert [(row["msg_id"], row["views"]) for row in answer["data"]] == [(3, 900), (1, 300)]
    assert answer["data"][1] == {
        "msg_id": 1,
        "date": "2026-06-14T12:00:00Z",
        "views": 300,
        "forwards": 3,
        "replies": 1,
        "reactions": 6,
        "er_views": 3.3333,
        "virality": 0.01,
        "title": "post 1",
        "permalink": f"https://t.me/{channel.username}/1",
        "media": "none",
        "album_size": 1,
        "is_forward": False,
        "pinned": False,
        "edited_at": None,
        "deleted_at": None,
        "source": "mtproto",
        "observed_at": "2026-06-15T12:00:00Z",
        "approximate": False,
    }


@pytest.mark.parametrize(
    ("what", "query", "field"),
    [
        ("overview", "from=never", "from"),
        ("overview", "from=2026-06-15&to=2026-06-15", "from"),
        ("growth", f"{SPAN}&window=M", "window"),
        ("top-posts", f"{SPAN}&limit=0", "limit"),
        ("top-posts", f"{SPAN}&limit=51", "limit"),
        ("top-posts", f"{SPAN}&limit=²", "limit"),
        ("top-posts", f"{SPAN}&order=luck", "order"),
    ],
)
def test_a_wrong_parameter_is_named(get: Reader, channel: Channel, what: str, query: str, field: str) -> None:
    answer = get(channel, what, query)

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


@pytest.mark.parametrize("what", ["overview", "growth", "reach", "top-posts"])
def test_another_workspaces_channel_is_not_found(client: Client, channel: Channel, what: str) -> None:
    stranger = bearer(make_token(make_workspace()))

    answer = client.get(f"/api/v2/analytics/channels/@{channel.username}/{what}", headers=stranger)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_a_token_without_the_scope_is_refused(client: Client, workspace: Workspace, channel: Channel) -> None:
    headers = bearer(make_token(workspace, scopes=["channels:read"]))

    answer = client.get(f"/api/v2/analytics/channels/@{channel.username}/overview", headers=headers)

    assert answer.status_code == 403


def test_no_change_is_told_where_nobody_counted(get: Reader, channel: Channel) -> None:
    count_subscribers(channel, (NOW - 400 * HOUR, 990))

    told = get(channel, "overview", "from=2026-06-01&to=2026-06-08").json()["data"]

    assert (told["followers"], told["followers_change"], told["growth_rate"]) == (990, None, None)
