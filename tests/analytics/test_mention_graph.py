"""The graph of who points at whom, through the mounted address."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Workspace
from channels_app.models import Channel, TrackedChannel
from tests.analytics.network_world import Pointer, point
from tests.analytics.world import NOW, make_channel
from tests.factories import bearer, make_token, make_workspace

Reader: TypeAlias = Callable[..., Any]

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SPAN = "from=2026-06-08&to=2026-06-15"
AT = NOW - 2 * DAY


def track(workspace: Workspace, channel: Channel) -> Channel:
    TrackedChannel.objects.create(workspace=workspace, channel=channel, created_at=NOW)
    return channel


def mention(src: Channel, dst: Channel, times: int = 1) -> None:
    for _ in range(times):
        point(Pointer(src, AT, names=[dst.username or ""]))


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def ask(client: Client, workspace: Workspace) -> Reader:
    headers = bearer(make_token(workspace))

    def read(query: str = "", status: int = 200) -> Any:
        response = client.get(f"/api/v2/analytics/mention-graph?{SPAN}&{query}", headers=headers)
        assert response.status_code == status, response.content
        return response.json()

    return read


def edges(answer: Any) -> list[tuple[str, str, str, int]]:
    return [(one["src"], one["dst"], one["kind"], one["count"]) for one in answer["data"]["edges"]]


def test_edges_of_a_channel_and_no_farther(ask: Reader, workspace: Workspace) -> None:
    ours, near, far, farther = track(workspace, make_channel()), make_channel(), make_channel(), make_channel()
    mention(near, ours, 3)
    mention(ours, far, 2)
    point(Pointer(ours, AT, origin=near.tg_id), Pointer(near, AT - 30 * DAY, names=[ours.username or ""]))
    mention(far, farther)
    mention(near, far)

    one, two = ask(f"channels=@{ours.username}"), ask(f"channels={ours.tg_id}&depth=2")

    assert edges(one) == [
        (near.username, ours.username, "mention", 3),
        (ours.username, far.username, "mention", 2),
        (ours.username, near.username, "forward", 1),
    ]
    assert [node for node in one["data"]["nodes"] if node["asked"]] == [
        {
            "name": ours.username,
            "id": ours.tg_id,
            "title": "T",
            "subscribers": None,
            "tracked": True,
            "asked": True,
            "incoming": 3,
            "outgoing": 3,
        }
    ]
    assert {node["name"] for node in one["data"]["nodes"]} == {ours.username, near.username, far.username}
    assert edges(two) == sorted(
        [*edges(one), (far.username, farther.username, "mention", 1), (near.username, far.username, "mention", 1)],
        key=lambda edge: (-edge[3], [c.username for c in (ours, near, far, farther)].index(edge[0])),
    )
    assert one["meta"]["truncated"] is False


def test_without_names_it_is_of_all_tracked_channels(ask: Reader, workspace: Workspace) -> None:
    one, two, other = track(workspace, make_channel()), track(workspace, make_channel()), make_channel()
    mention(other, one)
    mention(two, other)

    answer = ask()

    assert edges(answer) == [
        (other.username, one.username, "mention", 1),
        (two.username, other.username, "mention", 1),
    ] or edges(answer) == [
        (two.username, other.username, "mention", 1),
        (other.username, one.username, "mention", 1),
    ]
    assert {node["name"]: node["tracked"] for node in answer["data"]["nodes"]} == {
        one.username: True,
        two.username: True,
        other.username: False,
    }


def test_the_strongest_edges_are_shown_and_the_rest_is_told(ask: Reader, workspace: Workspace) -> None:
    ours, weak, strong = track(workspace, make_channel()), make_channel(), make_channel()
    mention(weak, ours)
    mention(strong, ours, 2)

    answer = ask("limit=1")

    assert edges(answer) == [(strong.username, ours.username, "mention", 2)]
    assert answer["meta"]["truncated"] is True
    assert ask("kind=forward")["data"]["edges"] == []


def test_private_channels_of_others_are_no_nodes(ask: Reader, workspace: Workspace, client: Client) -> None:
    ours, private, victim = track(workspace, make_channel()), make_channel(), make_workspace()
    mention(private, ours)
    point(Pointer(ours, AT, origin=private.tg_id))
    Channel.objects.filter(pk=private.pk).update(username=None, title="Secret")
    track(victim, private)
    track(victim, ours)

    theirs = client.get(f"/api/v2/analytics/mention-graph?{SPAN}", headers=bearer(make_token(victim))).json()

    assert {kind for _src, _dst, kind, _n in edges(theirs)} == {"mention", "forward"}
    assert ask()["data"]["edges"] == []
    assert [node["name"] for node in ask()["data"]["nodes"]] == [ours.username]


@pytest.mark.parametrize(
    ("query", "status", "code", "field"),
    [
        ("channels=@nobody_here", 404, "not_found", "channels"),
        ("channels=%F0%9F%90%88", 404, "not_found", "channels"),
        ("channels=" + ",".join(map(str, range(1, 12))), 400, "invalid", "channels"),
        ("channels=,", 400, "invalid", "channels"),
        ("depth=3", 400, "invalid", "depth"),
        ("limit=1001", 400, "invalid", "limit"),
        ("kind=x", 400, "invalid", "kind"),
    ],
)
def test_a_wrong_parameter_is_named(ask: Reader, query: str, status: int, code: str, field: str) -> None:
    error = ask(query, status)["error"]

    assert (error["code"], error["field"]) == (code, field)


def test_another_workspaces_channel_is_not_found(ask: Reader) -> None:
    channel = track(make_workspace(), make_channel())

    assert f"@{channel.username}" in ask(f"channels=@{channel.username}", 404)["error"]["message"]


def test_a_workspace_without_channels_has_an_empty_graph(ask: Reader) -> None:
    assert ask()["data"] == {"nodes": [], "edges": []}


@pytest.mark.parametrize(("depth", "statements"), [(1, 4), (2, 5)])
def test_statements_do_not_grow_with_the_channels(
    ask: Reader, workspace: Workspace, depth: int, statements: int
) -> None:
    for _ in range(3):
        mention(make_channel(), track(workspace, make_channel()))

    with CaptureQueriesContext(connection) as captured:
        ask(f"depth={depth}")

    assert len([one for one in captured if "channels_app_" in one["sql"]]) == statements
