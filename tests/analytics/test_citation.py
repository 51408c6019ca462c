"""The citation index: the ranks themselves, the run that computes them, and the address."""

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Workspace
from analytics.models import CitationRank, NetworkKind, NetworkRun
from analytics.network.pagerank import page_rank
from analytics.network.work import run_due_network
from analytics.tasks import measure_network
from channels_app.models import Channel, TrackedChannel
from tests.analytics.network_world import Pointer, point
from tests.analytics.world import NOW, Seen, make_channel, make_posts
from tests.factories import bearer, make_token, make_workspace

Reader: TypeAlias = Callable[..., Any]

DAY = timedelta(days=1)


def by_linear_algebra(nodes: int, edges: dict[tuple[int, int], float], damping: float) -> list[float]:
    """The same ranks from the equations, solved by elimination: no iteration, no common code."""
    out = [sum(weight for (src, _), weight in edges.items() if src == node) for node in range(nodes)]
    matrix = []
    for dst in range(nodes):
        row = [-damping * (edges.get((src, dst), 0.0) / out[src] if out[src] else 1 / nodes) for src in range(nodes)]
        row[dst] += 1
        matrix.append([*row, (1 - damping) / nodes])
    for column in range(nodes):
        pivot = max(range(column, nodes), key=lambda r: abs(matrix[r][column]))
        matrix[column], matrix[pivot] = matrix[pivot], matrix[column]
        for other in range(nodes):
            if other != column:
                factor = matrix[other][column] / matrix[column][column]
                matrix[other] = [a - factor * b for a, b in zip(matrix[other], matrix[column], strict=True)]
    return [matrix[node][-1] / matrix[node][node] for node in range(nodes)]


NODES = st.integers(1, 7)
EDGES = st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 6)), st.floats(0.1, 100), max_size=20)


@given(NODES, EDGES)
def test_ranks_solve_the_equations(nodes: int, drawn: dict[tuple[int, int], float]) -> None:
    edges = {(a, b): w for (a, b), w in drawn.items() if a < nodes and b < nodes and a != b}

    found = page_rank(nodes, [(src, dst, weight) for (src, dst), weight in edges.items()])

    assert found.ranks == pytest.approx(by_linear_algebra(nodes, edges, 0.85), abs=1e-9)
    assert math.fsum(found.ranks) == pytest.approx(1, abs=1e-12)
    assert min(found.ranks) > 0


def test_a_ring_is_even_and_a_star_has_a_centre() -> None:
    ring = page_rank(4, [(n, (n + 1) % 4, 1.0) for n in range(4)]).ranks
    star = page_rank(4, [(n, 0, 1.0) for n in (1, 2, 3)]).ranks

    assert ring == pytest.approx([0.25] * 4)
    # The centre points at nobody: c = 0.15/4 + 0.85·(3·leaf + c/4), leaf = 0.15/4 + 0.85·c/4, c + 3·leaf = 1.
    assert star[0] == pytest.approx(0.8875 / 1.6375)
    assert star[1] == star[2] == star[3] == pytest.approx((1 - star[0]) / 3)
    assert page_rank(0, []).ranks == ()
    assert page_rank(1, []).ranks == (1.0,)


def test_weights_share_the_vote() -> None:
    even, tilted = page_rank(3, [(0, 1, 1), (0, 2, 1)]).ranks, page_rank(3, [(0, 1, 3), (0, 2, 1)]).ranks

    assert even[1] == pytest.approx(even[2])
    assert tilted[1] > even[1] > tilted[2]


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def ask(client: Client, workspace: Workspace) -> Reader:
    headers = bearer(make_token(workspace))

    def read(query: str = "", status: int = 200) -> Any:
        response = client.get(f"/api/v2/analytics/citation-index?{query}", headers=headers)
        assert response.status_code == status, response.content
        return response.json()

    return read


def track(workspace: Workspace, channel: Channel) -> Channel:
    TrackedChannel.objects.create(workspace=workspace, channel=channel, created_at=NOW)
    return channel


def public_channel() -> Channel:
    channel = make_channel()
    make_posts(channel, [Seen(NOW - 9 * DAY)])
    return channel


def test_the_index_is_pagerank_of_what_is_collected(ask: Reader, workspace: Workspace) -> None:
    star, fan, friend, private = (track(workspace, public_channel()) for _ in range(4))
    Channel.objects.filter(pk=private.pk).update(username=None)
    empty = track(workspace, make_channel())
    point(
        *(Pointer(fan, NOW - n * DAY, names=[star.username or ""]) for n in range(1, 4)),
        Pointer(fan, NOW - DAY, origin=friend.tg_id),
        Pointer(friend, NOW - 900 * DAY, origin=star.tg_id),
        Pointer(private, NOW - DAY, origin=friend.tg_id),
        Pointer(star, NOW + DAY, origin=friend.tg_id),
    )

    assert run_due_network(now=NOW) >= 1
    answer = ask()

    weights = {(1, 0): math.log(4), (1, 2): math.log(2), (2, 0): math.log(2)}
    expected = by_linear_algebra(3, weights, 0.85)
    rows = {row["id"]: row for row in answer["data"]}
    assert [rows[one.tg_id]["rank"] for one in (star, fan, friend)] == pytest.approx(expected, abs=1e-9)
    assert [rows[one.tg_id]["index"] for one in (star, fan, friend)] == [round(3 * rank, 4) for rank in expected]
    assert [row["id"] for row in answer["data"]] == [one.tg_id for one in (star, friend, fan, private, empty)]
    assert [row["place"] for row in answer["data"]] == [1, 2, 3, None, None]
    assert (rows[star.tg_id]["citing_channels"], rows[star.tg_id]["citing_posts"]) == (2, 4)
    assert rows[private.tg_id]["rank"] is None
    assert (answer["meta"]["channels"], answer["meta"]["edges"]) == (3, 3)
    assert answer["meta"]["computed_at"] == "2026-06-15T12:00:00Z"
    assert answer["meta"]["formula"]["d"] == 0.85
    assert answer["meta"]["provenance"]["rank"]["source"] == "mtproto"


def test_unknown_before_the_first_run(ask: Reader, workspace: Workspace) -> None:
    track(workspace, public_channel())

    answer = ask()

    assert (answer["data"][0]["rank"], answer["data"][0]["place"], answer["meta"]["computed_at"]) == (None, None, None)


def test_all_public_channels_or_named_ones(ask: Reader, workspace: Workspace) -> None:
    ours, other, hidden = track(workspace, public_channel()), public_channel(), public_channel()
    point(Pointer(ours, NOW - DAY, names=[other.username or ""]), Pointer(other, NOW - DAY, origin=hidden.tg_id))
    run_due_network(now=NOW)
    Channel.objects.filter(pk=hidden.pk).update(username=None)

    assert [row["channel"] for row in ask()["data"]] == [ours.username]
    assert [row["channel"] for row in ask("scope=all")["data"]] == [other.username, ours.username]
    assert [row["channel"] for row in ask("scope=all&limit=1")["data"]] == [other.username]
    assert [row["channel"] for row in ask(f"channels=@{ours.username}")["data"]] == [ours.username]
    assert ask(f"channels=@{other.username}", 404)["error"]["field"] == "channels"
    assert ask("scope=none", 400)["error"]["field"] == "scope"


def test_equal_ranks_share_a_place(db: None) -> None:
    for _ in range(3):
        public_channel()

    run_due_network(now=NOW)

    assert set(CitationRank.objects.values_list("place", flat=True)) == {1}
    assert sum(CitationRank.objects.values_list("rank", flat=True)) == pytest.approx(1)


def test_a_run_is_due_again_later_and_done_once(db: None) -> None:
    public_channel()

    assert measure_network() >= 1
    assert measure_network() == 0
    run = NetworkRun.objects.get(kind=NetworkKind.CITATIONS)
    assert run.due_at is not None
    assert timedelta(minutes=4) < run.due_at - timezone.now() <= DAY

    NetworkRun.objects.update(due_at=timezone.now())
    assert measure_network() >= 1
    assert CitationRank.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_failed_run_keeps_the_ranks_and_its_error() -> None:
    public_channel()
    measure_network()
    # A constraint that nothing holds: the work fails in the middle of writing.
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE analytics_citationrank ADD CONSTRAINT never CHECK (place < 0) NOT VALID")
    NetworkRun.objects.update(due_at=timezone.now())
    try:
        done = measure_network()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE analytics_citationrank DROP CONSTRAINT never")

    run = NetworkRun.objects.get(kind=NetworkKind.CITATIONS)
    assert done == 1
    assert CitationRank.objects.count() == 1
    assert "never" in run.last_error
    assert (run.attempts, run.parked_at) == (1, None)


def test_the_index_takes_three_statements(ask: Reader, workspace: Workspace) -> None:
    for _ in range(3):
        track(workspace, public_channel())
    run_due_network(now=NOW)

    with CaptureQueriesContext(connection) as captured:
        ask()

    # The tag, the tracked channels, the run, the rows.
    assert len([one for one in captured if "channels_app_" in one["sql"] or "analytics_" in one["sql"]]) == 4
