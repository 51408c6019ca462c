"""Who mentioned or forwarded a channel, through the mounted address."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeAlias

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Workspace
from analytics.period import Period, zone_named
from analytics.queries import StatsQuery
from analytics.queries.sources import Direction, Sources, sources
from channels_app.models import Channel, ChannelFactChange, DailyFact, PublicForwardSeen, Relation, TrackedChannel
from tests.analytics.network_world import Pointer, point
from tests.analytics.world import NOW, make_channel
from tests.factories import bearer, make_token, make_workspace

Reader: TypeAlias = Callable[..., Any]

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SPAN = "from=2026-06-08&to=2026-06-15"
AT = NOW - 2 * DAY
WEEK = Period(NOW - 7 * DAY, NOW, zone_named("UTC"))


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def ours(workspace: Workspace) -> Channel:
    return track(workspace, make_channel())


def track(workspace: Workspace, channel: Channel, relation: Relation = Relation.WATCHED) -> Channel:
    TrackedChannel.objects.update_or_create(
        workspace=workspace, channel=channel, defaults={"relation": relation, "created_at": NOW}
    )
    return channel


def private_channel() -> Channel:
    channel = make_channel()
    Channel.objects.filter(pk=channel.pk).update(username=None)
    channel.refresh_from_db()
    return channel


@pytest.fixture
def get(client: Client, workspace: Workspace, ours: Channel) -> Reader:
    headers = bearer(make_token(workspace))

    def read(query: str = "", channel: Channel = ours) -> Any:
        response = client.get(f"/api/v2/analytics/channels/{channel.tg_id}/sources?{SPAN}&{query}", headers=headers)
        assert response.status_code == 200, response.content
        return response.json()

    return read


def rows(answer: Any) -> list[tuple[str, str, int, str]]:
    return [(row["src"], row["dst"], row["count"], row["kind"]) for row in answer["data"]]


def test_mentions_and_forwards_are_counted_by_channel(get: Reader, ours: Channel) -> None:
    near, far = make_channel(), make_channel()
    point(
        Pointer(near, AT, names=[ours.username or ""], views=100),
        Pointer(near, AT + HOUR, urls=[f"https://t.me/c/{ours.tg_id}/5"], views=50),
        Pointer(far, AT, origin=ours.tg_id, views=9_000),
        Pointer(far, AT, names=["somebody_else"], origin=123),
    )

    answer = get()

    assert rows(answer) == [(near.username, ours.username, 2, "mention"), (far.username, ours.username, 1, "forward")]
    assert answer["data"][0] == {
        "src": near.username,
        "dst": ours.username,
        "count": 2,
        "kind": "mention",
        "src_id": near.tg_id,
        "src_title": "T",
        "src_subscribers": None,
        "dst_id": ours.tg_id,
        "dst_title": "T",
        "dst_subscribers": None,
        "views": 150,
        "first_at": "2026-06-13T12:00:00Z",
        "last_at": "2026-06-13T13:00:00Z",
        "evidence": ["link", "mention"],
        "examples": [
            {"msg_id": 2, "date": "2026-06-13T13:00:00Z", "permalink": f"https://t.me/{near.username}/2"},
            {"msg_id": 1, "date": "2026-06-13T12:00:00Z", "permalink": f"https://t.me/{near.username}/1"},
        ],
    }
    assert answer["data"][1]["views"] is None
    assert (answer["meta"]["total"], answer["meta"]["total_posts"], answer["meta"]["official"]) == (2, 3, None)
    assert answer["meta"]["provenance"]["count"] == {
        "source": "mtproto",
        "observed_at": "2026-06-15T12:00:00Z",
        "coverage": None,
        "note": "collected_channels_only",
    }


def test_kind_and_limit_narrow_the_list(get: Reader, ours: Channel) -> None:
    near, far = make_channel(), make_channel()
    point(*(Pointer(near, AT, names=[ours.username or ""]) for _ in range(2)), Pointer(far, AT, origin=ours.tg_id))

    assert rows(get("kind=forward")) == [(far.username, ours.username, 1, "forward")]
    assert rows(get("kind=mention")) == [(near.username, ours.username, 2, "mention")]
    assert (len(get("limit=1")["data"]), get("limit=1")["meta"]["total"]) == (1, 2)


def test_a_post_counts_once_however_often_it_points(get: Reader, ours: Channel) -> None:
    other = make_channel()
    point(
        Pointer(other, AT, names=[ours.username or ""] * 3, urls=[f"t.me/c/{ours.tg_id}/1"]),
        # Forwarded from us, and signed with our name: the name is part of our words.
        Pointer(other, AT, names=[ours.username or ""], origin=ours.tg_id),
    )

    assert rows(get()) == [(other.username, ours.username, 1, "forward"), (other.username, ours.username, 1, "mention")]


def test_ourselves_the_deleted_and_other_times_are_left_out(get: Reader, ours: Channel) -> None:
    other, name = make_channel(), ours.username or ""
    point(
        Pointer(ours, AT, names=[name], urls=[f"https://t.me/c/{ours.tg_id}/1"]),
        Pointer(ours, AT, origin=ours.tg_id),
        Pointer(other, AT, names=[name], deleted=True),
        Pointer(other, WEEK.start - DAY, names=[name]),
        Pointer(other, NOW, names=[name]),
        Pointer(other, AT, urls=[f"https://example.org/?to=t.me/c/{ours.tg_id}/1", f"https://t.me/c/{ours.tg_id}9/1"]),
    )

    assert get()["data"] == []


def test_a_private_channel_is_told_to_those_who_track_it_only(
    get: Reader, ours: Channel, workspace: Workspace, client: Client
) -> None:
    private, victim = private_channel(), make_workspace()
    track(victim, private)
    track(victim, ours)
    point(Pointer(private, AT, names=[ours.username or ""]), Pointer(private, AT, origin=ours.tg_id))
    url = f"/api/v2/analytics/channels/{ours.tg_id}/sources?{SPAN}"

    seen = client.get(url, headers=bearer(make_token(victim))).json()

    assert rows(seen) == [
        (str(private.tg_id), ours.username, 1, "forward"),
        (str(private.tg_id), ours.username, 1, "mention"),
    ]
    assert seen["data"][0]["examples"][0]["permalink"] == f"https://t.me/c/{private.tg_id}/2"
    assert (get()["data"], get()["meta"]["total_posts"]) == ([], 0)


def test_a_username_counts_for_whom_held_it_at_the_time(get: Reader, ours: Channel, workspace: Workspace) -> None:
    other, heir = make_channel(), track(workspace, make_channel())
    moved = WEEK.start + 3 * DAY
    ChannelFactChange.objects.create(
        channel=ours, field="username", old="Old_Name", new=ours.username, observed_at=moved, source="mtproto"
    )
    Channel.objects.filter(pk=heir.pk).update(username="old_name")
    point(
        Pointer(other, moved - HOUR, names=["old_name"]),
        Pointer(other, moved + HOUR, names=["old_name"]),
        Pointer(other, moved + HOUR, names=["old_name"]),
        # Who held our present name before we took it is not known.
        Pointer(other, moved - HOUR, names=[ours.username or ""]),
        Pointer(other, moved + HOUR, names=[ours.username or ""]),
    )

    assert rows(get()) == [(other.username, ours.username, 2, "mention")]
    assert rows(get("", heir)) == [(other.username, "old_name", 2, "mention")]
    out = rows(get("direction=out", track(workspace, other)))
    assert {(dst, count) for _src, dst, count, _kind in out} >= {(ours.username, 2), ("old_name", 2)}


def test_owners_see_public_reposts_and_official_figures(get: Reader, ours: Channel, workspace: Workspace) -> None:
    collected = make_channel()
    [own] = point(Pointer(ours, AT))
    point(Pointer(collected, AT, origin=ours.tg_id))
    for tg_id, name, number in [(77, "far_away", 4), (collected.tg_id, collected.username, 1), (ours.tg_id, None, 9)]:
        PublicForwardSeen.objects.create(
            post=own, channel_tg_id=tg_id or 0, channel_username=name, channel_title="Far", message_id=number,
            published_at=AT, views=5, first_seen_at=NOW, last_seen_at=NOW,
        )  # fmt: skip
    for day in (8, 9):
        DailyFact.objects.create(
            channel=ours, day=f"2026-06-0{day}", source="official", observed_at=NOW,
            detail={"views_by_source_graph": {"Search": 3, "PM": None}, "new_followers_by_source_graph": {"URL": 1}},
        )  # fmt: skip

    watched = get()
    track(workspace, ours, Relation.OWNED)
    owned = get()

    assert (rows(watched), watched["meta"]["official"]) == ([(collected.username, ours.username, 1, "forward")], None)
    assert rows(owned) == [
        (collected.username, ours.username, 1, "forward"),
        ("far_away", ours.username, 1, "forward"),
    ]
    assert owned["data"][1]["evidence"] == ["public_forward"]
    assert owned["data"][1]["examples"][0]["permalink"] == "https://t.me/far_away/4"
    assert owned["meta"]["official"] == {
        "views_by_source": {"Search": 6},
        "new_followers_by_source": {"URL": 2},
        "source": "official",
        "observed_at": "2026-06-15T12:00:00Z",
        "coverage": 0.2857,
    }


def test_outgoing_tells_whom_the_channel_points_at(get: Reader, ours: Channel) -> None:
    known, hidden = make_channel(), private_channel()
    point(
        Pointer(ours, AT, origin=known.tg_id),
        Pointer(ours, AT, names=[known.username or "", "stranger", ours.username or ""]),
        Pointer(ours, AT, origin=hidden.tg_id),
        Pointer(ours, AT, urls=[f"tg://privatepost?channel={hidden.tg_id}&post=4", "https://e.org"]),
    )

    answer = get("direction=out")

    assert sorted(rows(answer)) == sorted(
        [
            (ours.username, known.username, 1, "forward"),
            (ours.username, known.username, 1, "mention"),
            (ours.username, "stranger", 1, "mention"),
            (ours.username, str(hidden.tg_id), 1, "forward"),
            (ours.username, str(hidden.tg_id), 1, "mention"),
        ]
    )
    # What another workspace knows of a channel that is not public stays there.
    assert {row["dst_title"] for row in answer["data"] if row["dst"] == str(hidden.tg_id)} == {None}
    assert answer["meta"]["provenance"]["count"]["source"] == "mtproto"


@pytest.mark.parametrize(("query", "field"), [("kind=x", "kind"), ("direction=up", "direction"), ("limit=51", "limit")])
def test_a_wrong_parameter_is_named(
    client: Client, workspace: Workspace, ours: Channel, query: str, field: str
) -> None:
    answer = client.get(
        f"/api/v2/analytics/channels/@{ours.username}/sources?{query}", headers=bearer(make_token(workspace))
    )

    assert (answer.status_code, answer.json()["error"]["field"]) == (400, field)


def test_another_workspaces_channel_is_not_found(client: Client, ours: Channel) -> None:
    answer = client.get(
        f"/api/v2/analytics/channels/@{ours.username}/sources", headers=bearer(make_token(make_workspace()))
    )

    assert answer.status_code == 404


@pytest.mark.parametrize(("relation", "statements"), [(Relation.WATCHED, 1), (Relation.OWNED, 2)])
def test_sources_take_one_statement_and_one_for_official_figures(
    get: Reader, ours: Channel, workspace: Workspace, relation: Relation, statements: int
) -> None:
    track(workspace, ours, relation)
    point(*(Pointer(make_channel(), AT, names=[ours.username or ""]) for _ in range(3)))

    with CaptureQueriesContext(
        connection,
    ) as captured:
        get()

    asked = [one["sql"] for one in captured if "channels_app_post" in one["sql"] or "dailyfact" in one["sql"]]
    assert len(asked) == statements


def test_the_indexes_serve(ours: Channel) -> None:
    with CaptureQueriesContext(connection) as captured:
        ask(ours)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + captured[0]["sql"])
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert {name for name in ("post_forward_origin", "reference_username", "reference_linked_id") if name in plan} == {
        "post_forward_origin",
        "reference_username",
        "reference_linked_id",
    }


def ask(channel: Channel, direction: Direction = Direction.IN) -> Sources:
    return sources(
        StatsQuery(channel.pk, WEEK, now=NOW),
        workspace_id=0,
        tg_id=channel.tg_id,
        username=channel.username,
        direction=direction,
        limit=50,
    )


MADE = st.tuples(
    st.integers(0, 3),  # who points
    st.lists(st.integers(0, 3), max_size=3),  # whom the words mention
    st.lists(st.integers(0, 3), max_size=2),  # to whose post they link by id
    st.none() | st.integers(0, 3),  # whose post is forwarded
    st.sampled_from([-8, -7, -3, 0]),  # days from now
    st.booleans(),  # deleted
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MADE, max_size=12))
def test_any_world_is_counted_like_by_hand(made: list[Any]) -> None:
    channels = [make_channel() for _ in range(4)]
    expected: Counter[tuple[int, int, str]] = Counter()
    for who, names, links, origin, days, deleted in made:
        point(
            Pointer(
                channels[who],
                NOW + days * DAY,
                names=[channels[n].username or "" for n in names],
                urls=[f"https://t.me/c/{channels[n].tg_id}/1" for n in links],
                origin=None if origin is None else channels[origin].tg_id,
                deleted=deleted,
            )
        )
        if deleted or not -7 <= days < 0:
            continue
        if origin is not None:
            expected[who, origin, "forward"] += origin != who
        else:
            for whom in {*names, *links} - {who}:
                expected[who, whom, "mention"] += 1
    number = {channel.username: index for index, channel in enumerate(channels)}

    for index, channel in enumerate(channels):
        came = {(number[row.other.name], str(row.kind)): row.count for row in ask(channel).rows}
        went = {(number[row.other.name], str(row.kind)): row.count for row in ask(channel, Direction.OUT).rows}

        assert came == {(src, kind): n for (src, dst, kind), n in expected.items() if dst == index and n}
        assert went == {(dst, kind): n for (src, dst, kind), n in expected.items() if src == index and n}
