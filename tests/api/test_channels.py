"""API v2 of the channels."""

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Workspace
from analyticbot.core.models import AuditEntry
from channels_app.models import (
    Channel,
    ChannelSync,
    CollectKind,
    CollectTask,
    Post,
    Relation,
    SyncState,
    TrackedChannel,
)
from mtproto.models import PeerAccess, TelegramAccount
from tests.factories import WHEN, bearer, make_channel, make_token, make_tracked, make_workspace

URL = "/api/v2/channels"
NO_ACCOUNT = {
    "code": "NO_ACCOUNT", "message": "No Telegram account is signed in yet, so nothing can be collected.",
}  # fmt: skip


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make_workspace()


@pytest.fixture
def api(client: Client, workspace: Workspace) -> Client:
    client.defaults["HTTP_AUTHORIZATION"] = bearer(make_token(workspace))["Authorization"]
    return client


def add(api: Client, ref: Any) -> Any:
    return api.post(URL, {"ref": ref}, content_type="application/json")


def make_post(channel: Any, message_id: Any, when: Any = WHEN) -> Any:
    return Post.objects.create(
        channel=channel,
        message_id=message_id,
        published_at=when,
        text_hash=b"0" * 16,
        content_hash=b"0" * 8,
        content_source="mtproto",
        text_at=when,
        seen_at=when,
        media_kind="none",
        first_seen_at=when,
        first_source="mtproto",
    )


def test_adding_a_channel_makes_its_collecting_due(api: Client, workspace: Workspace) -> None:
    response = add(api, "@Durov")

    assert response.status_code == 201
    body = response.json()
    assert (body["id"], body["username"], body["relation"], body["name"]) == (None, "durov", "watched", "@durov")
    assert body["sync"] == {
        "state": "pending", "posts": 0, "oldest": None, "newest": None, "error": None, "total": None,
        "waiting": NO_ACCOUNT,
    }  # fmt: skip
    task = CollectTask.objects.get(kind=CollectKind.HISTORY)
    assert (task.channel.username, task.parked_at) == ("durov", None)
    assert task.due_at is not None
    assert task.due_at <= timezone.now()
    entry = AuditEntry.objects.get(action="channels:channel:tracked")
    assert (entry.workspace_id, entry.actor_kind) == (workspace.pk, "token")


@pytest.mark.parametrize("again", ["@durov", "https://t.me/durov", "durov.t.me", "DUROV", "t.me/s/durov/12"])
def test_adding_it_again_by_another_name_changes_nothing(api: Client, again: Any) -> None:
    assert add(api, "durov").status_code == 201

    response = add(api, again)

    assert response.status_code == 200
    assert (Channel.objects.count(), TrackedChannel.objects.count()) == (1, 1)
    assert AuditEntry.objects.filter(action="channels:channel:tracked").count() == 1


def test_channel_of_another_workspace_is_shared_not_doubled(api: Client) -> None:
    theirs = make_tracked(make_workspace(), make_channel("durov"))

    response = add(api, theirs.channel.tg_id)

    assert response.status_code == 201
    assert response.json()["username"] == "durov"
    assert Channel.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [{}, {"ref": ""}, {"ref": None}, {"ref": True}, {"ref": ["@x"]}, [], '"text"', {"ref": "@no spaces"},
     {"ref": "https://example.org/x"}, {"ref": "x" * 300}, {"ref": "-100"}, {"ref": "@a\x00bc"}],
)  # fmt: skip
def test_adding_what_names_no_channel_is_refused_with_advice(api: Client, body: Any) -> None:
    response = api.post(URL, body, content_type="application/json")

    assert response.status_code == 400
    error = response.json()["error"]
    assert error["field"] == "ref"
    assert error["code"] in {"required", "reference_invalid"}
    assert len(error["message"]) > 10
    assert not Channel.objects.exists()


def test_adding_a_failed_channel_again_tries_again(api: Client) -> None:
    add(api, "@gone")
    channel = Channel.objects.get()
    ChannelSync.objects.update(state=SyncState.FAILED, error_code="PEER_NOT_FOUND", error="No such channel.")
    CollectTask.objects.update(due_at=None, parked_at=WHEN, attempts=8, last_error="PEER_NOT_FOUND")
    failed = api.get(f"{URL}/@gone").json()["sync"]
    assert failed["state"] == "failed"
    assert failed["error"] == {"code": "PEER_NOT_FOUND", "message": "No such channel."}

    response = add(api, "@gone")

    assert response.status_code == 200
    assert response.json()["sync"]["state"] == "pending"
    assert response.json()["sync"]["error"] is None
    task = CollectTask.objects.get(channel=channel, kind=CollectKind.HISTORY)
    assert (task.parked_at, task.attempts) == (None, 0)
    assert task.due_at is not None


def test_private_channel_of_others_cannot_be_taken_by_its_id(api: Client, workspace: Workspace) -> None:
    private = make_channel(None, tg_id=777, title="Board room")
    make_tracked(make_workspace(), private)

    refused = add(api, "777")

    assert refused.status_code == 400
    assert "Board room" not in refused.content.decode()
    account = TelegramAccount.objects.create(
        tg_id=1, workspace_id=workspace.pk, label="ours", state="disabled", created_at=WHEN
    )
    PeerAccess.objects.create(account=account, channel_tg_id=777, access_hash=1, resolved_at=WHEN, is_member=True)
    assert add(api, "777").status_code == 201


def test_channel_shows_posts_and_their_span(api: Client, workspace: Workspace) -> None:
    tracked = make_tracked(workspace, make_channel("news", tg_id=555), relation=Relation.OWNED)
    make_post(tracked.channel, 3, datetime(2026, 10, 3, tzinfo=UTC))
    make_post(tracked.channel, 2, datetime(2026, 10, 2, tzinfo=UTC))
    Channel.objects.update(subscribers=0)
    ChannelSync.objects.update(state=SyncState.RUNNING, total_messages=9)

    by_id, by_name = api.get(f"{URL}/555").json(), api.get(f"{URL}/@News").json()

    assert by_id == by_name
    assert (by_id["id"], by_id["relation"], by_id["subscribers"]) == (555, "owned", 0)
    assert by_id["sync"] == {
        "state": "running", "posts": 2, "oldest": "2026-10-02T00:00:00Z", "newest": "2026-10-03T00:00:00Z",
        "error": None, "total": 9, "waiting": NO_ACCOUNT,
    }  # fmt: skip


def test_unresolved_invite_link_is_named_by_its_hash(api: Client) -> None:
    name = add(api, "https://t.me/+AbCdEfGhIjKlMnOp").json()["name"]

    assert name == "+AbCdEfGhIjKlMnOp"
    assert api.get(f"{URL}/{name}").status_code == 200
    assert api.delete(f"{URL}/{name}").status_code == 204


def test_removed_channel_is_gone_here_and_kept_for_others(api: Client, workspace: Workspace) -> None:
    tracked = make_tracked(workspace, make_channel("news"))
    make_tracked(make_workspace(), tracked.channel)
    make_post(tracked.channel, 1)

    response = api.delete(f"{URL}/@news")

    assert (response.status_code, response.content) == (204, b"")
    assert api.get(f"{URL}/@news").status_code == 404
    assert (Post.objects.count(), TrackedChannel.objects.count()) == (1, 1)
    assert AuditEntry.objects.filter(action="channels:channel:untracked", workspace_id=workspace.pk).count() == 1


def test_removed_channel_can_be_added_again(api: Client, workspace: Workspace) -> None:
    make_tracked(workspace, make_channel("news"))
    api.delete(f"{URL}/@news")

    assert add(api, "@news").status_code == 201
    assert CollectTask.objects.get(kind=CollectKind.HISTORY).due_at is not None


@pytest.mark.parametrize("name", ["@other", "12", "0", "-5", "٣", "@", "+", "9" * 40, "@%00", "%00", "%27;--"])
def test_unknown_channel_is_not_found(api: Client, name: str) -> None:
    response = api.get(f"{URL}/{name}")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "not_found"


def test_list_pages_by_key_and_shows_each_once(api: Client, workspace: Workspace) -> None:
    names = [make_tracked(workspace).channel.username for _ in range(5)]
    make_tracked(make_workspace())

    seen, cursor = [], ""
    while cursor is not None:
        page = api.get(URL, {"limit": 2} | ({"cursor": cursor} if cursor else {})).json()
        seen += [row["username"] for row in page["data"]]
        cursor = page["meta"]["next"]

    assert seen == names[::-1]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [({"limit": "0"}, "limit"), ({"limit": "101"}, "limit"), ({"limit": "x"}, "limit"), ({"limit": "²"}, "limit"),
     ({"limit": "9" * 5000}, "limit"), ({"cursor": "!!"}, "cursor"), ({"cursor": "eHg"}, "cursor"),
     ({"cursor": "é"}, "cursor"), ({"cursor": "a" * 500}, "cursor")],
)  # fmt: skip
def test_list_with_a_wrong_parameter_is_refused(api: Client, parameters: Any, field: Any) -> None:
    response = api.get(URL, parameters)

    assert response.status_code == 400
    assert response.json()["error"]["field"] == field


@pytest.mark.parametrize("count", [1, 3])
def test_list_takes_the_same_queries_however_long(
    api: Client, workspace: Workspace, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        make_post(make_tracked(workspace).channel, 1)
    api.get(URL)  # the token's last use is written now, and not again within a minute

    with django_assert_num_queries(2):
        assert len(api.get(URL).json()["data"]) == count


@pytest.mark.django_db(transaction=True)
def test_adding_waits_for_the_collector_to_say_who_it_is(client: Client, settings: Any) -> None:
    settings.CHANNEL_RESOLVE_WAIT = 5.0
    token = make_token(make_workspace())

    def collect() -> None:
        deadline = datetime.now(UTC).timestamp() + 5
        while not Channel.objects.update(tg_id=4242, title="Durov") and datetime.now(UTC).timestamp() < deadline:
            pass
        connection.close()

    collector = threading.Thread(target=collect)
    collector.start()
    response = client.post(URL, {"ref": "@durov"}, content_type="application/json", headers=bearer(token))
    collector.join()

    assert response.status_code == 201
    assert response.json()["id"] == 4242


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("ref", "status"), [("@renamed", 201), ("https://t.me/+AbCdEfGhIjKl", 409)])
def test_adding_a_known_channel_by_another_name_leads_to_it(
    client: Client, settings: Any, ref: str, status: int
) -> None:
    settings.CHANNEL_RESOLVE_WAIT = 5.0
    workspace = make_workspace()
    known = make_tracked(workspace, make_channel(None, tg_id=99)).channel

    def merge() -> None:
        deadline = datetime.now(UTC).timestamp() + 5
        merged = 0
        while not merged and datetime.now(UTC).timestamp() < deadline:
            with transaction.atomic():
                merged = Channel.objects.filter(tg_id=None).delete()[0]
                if merged:
                    Channel.objects.filter(pk=known.pk).update(username="renamed" if "@" in ref else None)
        connection.close()

    collector = threading.Thread(target=merge)
    collector.start()
    response = client.post(URL, {"ref": ref}, content_type="application/json", headers=bearer(make_token(workspace)))
    collector.join()

    assert response.status_code == status
    if status == 201:
        assert response.json()["id"] == 99
