"""The page of the channels: what it shows, how one is added and let go of."""

from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, Workspace
from channels_app.models import Channel, ChannelSync, SyncState, TrackedChannel
from tests.face.world import full_channel, new_channel, track, whole_world
from tests.factories import make_channel, make_member, make_user, make_workspace

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

HTMX = {"HX-Request": "true"}
# Person, memberships with workspace; who is listed, sums of posts, what is around them, the rows with all they need,
# tags; the first steps, what is live.
QUERIES_OF_THE_LIST = 9


def text_of(response: "Response") -> str:
    return " ".join(response.content.decode().split())


def test_visitor_is_sent_to_sign_in(client: Client, db: None) -> None:
    response = client.get("/app/")
    assert response.status_code == 302
    assert response["Location"] == "/account/login/?next=/app/"


def test_htmx_of_a_visitor_loads_the_sign_in_page(client: Client, db: None) -> None:
    response = client.get("/app/", headers=HTMX)
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/account/login/"


def test_list_without_channels_offers_to_add_one(page: Client) -> None:
    response = page.get("/app/")
    assert response.status_code == 200
    assert "No channels yet" in text_of(response)
    assert "Add the first channel" in text_of(response)


def test_list_shows_each_state(page: Client, workspace: Workspace, now: datetime) -> None:
    whole_world(workspace, now=now)
    text = text_of(page.get("/app/"))
    for words in ("Up to date", "Collecting", "Waiting to start", "Not collected", "Yours", "Watched", "48.2K"):
        assert words in text
    assert "Telegram knows no channel by this name or link." in text
    # Only what may change soon is asked for again.
    assert text.count('hx-trigger="every 2s"') == 3


def test_unknown_numbers_are_dashes_and_not_zero(page: Client, workspace: Workspace, now: datetime) -> None:
    track(workspace, new_channel("just_added", now=now), now=now)
    text = text_of(page.get("/app/"))
    assert text.count('<span class="unknown" title="Unknown">—</span>') == 4


@pytest.mark.parametrize("channels", [1, 3])
def test_list_takes_the_same_queries_for_any_number_of_channels(
    page: Client, workspace: Workspace, now: datetime, channels: int
) -> None:
    for number in range(channels):
        track(workspace, full_channel(now=now, username=f"channel_{number}", days=3), now=now)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert page.get("/app/").status_code == 200
    assert len(queries) == QUERIES_OF_THE_LIST


@pytest.mark.parametrize(
    "ref", ["@Some_Channel", "https://t.me/some_channel", "t.me/s/some_channel/12", "some_channel"]
)
def test_added_channel_waits_in_the_list(page: Client, workspace: Workspace, ref: str) -> None:
    response = page.post("/app/add/", {"ref": ref}, follow=True)
    assert response.redirect_chain == [("/app/", 302)]
    assert "@some_channel" in text_of(response)
    assert "Waiting to start" in text_of(response)
    assert TrackedChannel.objects.get(workspace=workspace).channel.username == "some_channel"


def test_channel_added_by_htmx_answers_with_the_list_alone(page: Client) -> None:
    response = page.post("/app/add/", {"ref": "@some_channel"}, headers=HTMX)
    assert response.status_code == 200
    assert "<html" not in text_of(response)
    assert "@some_channel" in text_of(response)


@pytest.mark.parametrize("ref", ["", "not a channel!", "https://example.org/x", "@" + "a" * 300])
def test_what_names_no_channel_is_said_at_the_input(page: Client, ref: str) -> None:
    response = page.post("/app/add/", {"ref": ref})
    assert response.status_code == 422
    text = text_of(response)
    assert 'aria-invalid="true"' in text
    assert 'id="ref-error" role="alert"' in text
    assert not Channel.objects.exists()


def test_what_was_typed_is_escaped(page: Client) -> None:
    text = text_of(page.post("/app/add/", {"ref": '"><script>alert(1)</script>'}))
    assert "<script>alert" not in text


def test_progress_asks_again_only_while_collecting(page: Client, workspace: Workspace, now: datetime) -> None:
    channel = new_channel("growing", now=now, state=SyncState.RUNNING, posts=5)
    tracked = track(workspace, channel, now=now)
    address = f"/app/tracked/{tracked.pk}/"
    assert "every 2s" in text_of(page.get(address, headers=HTMX))
    ChannelSync.objects.filter(channel=channel).update(state=SyncState.COMPLETE, reached_start=True)
    text = text_of(page.get(address, headers=HTMX))
    assert "every 2s" not in text
    assert "Up to date" in text


def test_progress_on_the_channel_page_ends_with_a_fresh_page(page: Client, workspace: Workspace, now: datetime) -> None:
    channel = new_channel("growing", now=now, state=SyncState.RUNNING, posts=5)
    tracked = track(workspace, channel, now=now)
    address = f"/app/tracked/{tracked.pk}/collecting/"
    assert "5 posts collected so far" in text_of(page.get(address, headers=HTMX))
    ChannelSync.objects.filter(channel=channel).update(state=SyncState.COMPLETE, reached_start=True)
    assert page.get(address, headers=HTMX)["HX-Refresh"] == "true"


def test_removed_channel_leaves_the_list_and_says_so(page: Client, workspace: Workspace, full: Channel) -> None:
    tracked = TrackedChannel.objects.get(workspace=workspace)
    response = page.post(f"/app/tracked/{tracked.pk}/remove/", follow=True)
    assert "was removed from this workspace" in text_of(response)
    assert not TrackedChannel.objects.exists()
    assert Channel.objects.filter(pk=full.pk).exists()


def test_stranger_finds_nothing(client: Client, full: Channel, workspace: Workspace) -> None:
    tracked = TrackedChannel.objects.get(workspace=workspace)
    stranger = make_user()
    make_workspace(owner=stranger)
    client.force_login(stranger)
    assert client.get("/app/channels/@qulay_savdo/").status_code == 404
    assert client.get(f"/app/channels/{full.tg_id}/").status_code == 404
    assert client.get(f"/app/tracked/{tracked.pk}/").status_code == 404
    assert client.get(f"/app/tracked/{tracked.pk}/collecting/").status_code == 404
    assert client.post(f"/app/tracked/{tracked.pk}/remove/").status_code == 404
    assert TrackedChannel.objects.filter(pk=tracked.pk).exists()


def test_viewer_reads_but_changes_nothing(client: Client, full: Channel, workspace: Workspace) -> None:
    viewer = make_user()
    make_member(workspace, viewer, Role.VIEWER)
    client.force_login(viewer)
    text = text_of(client.get("/app/"))
    assert "Qulay savdo" in text
    assert 'name="ref"' not in text
    tracked = TrackedChannel.objects.get(workspace=workspace)
    assert client.post("/app/add/", {"ref": "@other"}).status_code == 403
    assert client.post(f"/app/tracked/{tracked.pk}/remove/").status_code == 403


def test_channel_named_by_markup_is_escaped(page: Client, workspace: Workspace, now: datetime) -> None:
    track(workspace, make_channel("named", title="<img src=x onerror=alert(1)>"), now=now)
    for address in ("/app/", "/app/channels/@named/"):
        assert "<img src=x" not in text_of(page.get(address))


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("USERNAME_NOT_OCCUPIED: raw", "Telegram knows no channel by this name or link."),
        ("CHANNEL_PRIVATE: raw", "The channel is private"),
        ("SOMETHING_NEW: In Telegram's words.", "In Telegram&#x27;s words."),
        ("ValueError: list index out of range", "Something went wrong; we will try again."),
    ],
)
def test_failed_channel_says_why_in_words(
    page: Client, workspace: Workspace, now: datetime, error: str, shown: str
) -> None:
    track(workspace, new_channel("broken", now=now, state=SyncState.FAILED, error=error), now=now)
    for address in ("/app/", "/app/channels/@broken/"):
        text = text_of(page.get(address))
        assert shown in text
        assert "raw" not in text
        assert "list index" not in text


def test_address_of_a_form_leads_back_to_its_page(page: Client) -> None:
    assert page.get("/app/add/")["Location"] == "/app/"
    assert page.get("/app/tracked/1/remove/").status_code == 405
