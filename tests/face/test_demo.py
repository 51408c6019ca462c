"""The public demo: every page opens for anybody, nothing that is sent changes anything."""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.access import user_actor
from accounts.models import Workspace
from accounts.preferences import show_as_demo
from analyticbot.core.audit import SYSTEM
from analyticbot.core.ratelimit import Limit
from analytics.models import ExportFile
from analytics.notes.work import add_note
from analytics.reports.schedules import Wish, create_schedule
from analytics.reports.timetable import Every
from analytics.sharing.links import create_link
from analytics.sharing.terms import Terms
from channels_app.models import TrackedChannel
from tests.api.routes import all_routes
from tests.face.world import full_channel, track
from tests.factories import bearer, make_token

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Response

HTMX = {"HX-Request": "true"}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def text_of(response: "Response") -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def shown(workspace: Workspace, full: Any, now: datetime, settings: Settings) -> Workspace:
    """A workspace that is the demo, with a channel, an export and a token."""
    settings.PUBLIC_DEMO = True
    settings.API_LIMIT_FACTOR = 1_000
    ExportFile.objects.create(
        workspace=workspace, actor=["user", 1, "anna@example.org"], what="overview", channel="@qulay_savdo",
        format="csv", language="en", created_at=now,
    )  # fmt: skip
    make_token(workspace)
    return show_as_demo(workspace, actor=SYSTEM, now=now)


@pytest.fixture
def visitor(shown: Workspace) -> Client:
    """A browser that checks forms as a real one is checked, and has entered the demo."""
    visitor = Client(enforce_csrf_checks=True)
    response = visitor.get("/demo/")
    assert (response.status_code, response["Location"]) == (302, "/app/")
    return visitor


def addresses(prefix: str) -> Iterator[str]:
    """Every address below `prefix`, filled with what the demo has, and with what nobody has where it has nothing."""
    filled = {
        "<str:name>": "@qulay_savdo",
        "<str:channel>": "@qulay_savdo",
        "<int:msg_id>": "10",
        "<int:pk>": str(TrackedChannel.objects.get().pk),
        "<uuid:public_id>": str(ExportFile.objects.get().public_id),
        "<uuid": "00000000-0000-4000-8000-000000000000",
        "<int": "1",
        "<slug": "x",
        "<str": "x",
    }
    for route in all_routes():
        if not route.startswith(prefix) or route.startswith("api/^"):
            continue
        address = route
        for part in re.findall(r"<[^>]+>", route):
            address = address.replace(part, next(value for name, value in filled.items() if part.startswith(name)))
        yield f"/{address}"


def rows() -> dict[str, list[str]]:
    """Every row of every table but sessions, as text."""
    models = [one for one in apps.get_models() if one._meta.managed and one._meta.label != "sessions.Session"]
    return {one._meta.label: sorted(map(str, one._default_manager.values())) for one in models}


def test_every_page_opens_in_the_demo(visitor: Client) -> None:
    before = rows()
    opened = 0
    for address in addresses("app/"):
        response = visitor.get(address)
        allowed = {200, 302, 404}
        if response.status_code == 405:  # it takes only what is sent, and that is refused
            assert visitor.post(address).status_code == 403, address
            continue
        assert response.status_code in allowed, (address, response.status_code)
        if response.status_code == 302:
            assert response["Location"].startswith("/app/"), address
        opened += response.status_code == 200
        assert "anna@example.org" not in response.content.decode(), address
        assert "abk_live_" not in response.content.decode(), address
    assert opened > 15
    assert rows() == before


def test_nothing_that_is_sent_in_the_demo_changes_anything(visitor: Client) -> None:
    before = rows()
    for address in [*addresses("app/"), *addresses("api/v2/")]:
        for method in UNSAFE:
            # Whole pages for what forms send, parts for what only scripts send.
            part = {} if method == "POST" else HTMX
            response = visitor.generic(method, address, "x=1", "application/x-www-form-urlencoded", headers=part)
            assert response.status_code == 403, (method, address, response.status_code)
            if address.startswith("/api/"):
                assert response.json()["error"]["code"] == "demo_read_only"
            else:
                assert "/account/signup/" in text_of(response)
    assert rows() == before


def test_part_of_a_page_is_refused_with_a_part(visitor: Client) -> None:
    response = visitor.post("/app/add/", {"ref": "@x"}, headers={"HX-Request": "true"})
    assert response.status_code == 403
    assert "Sign up to have channels of your own" in text_of(response)
    assert "<html" not in text_of(response)
    script = visitor.post("/app/add/", {"ref": "@x"}, headers={"Accept": "application/json"})
    assert script.json()["error"]["code"] == "demo_read_only"


def test_demo_says_what_it_is_and_is_left_again(shown: Workspace) -> None:
    visitor = Client()
    visitor.get("/demo/")
    text = text_of(visitor.get("/app/"))
    assert "You are looking at a demo" in text
    assert "Qulay savdo" in text
    assert "Signed in as" not in text
    assert visitor.post("/demo/leave/")["Location"] == "/"
    assert visitor.get("/app/")["Location"] == "/account/login/?next=/app/"


def test_demo_has_no_settings(visitor: Client) -> None:
    assert 'href="/account/"' not in text_of(visitor.get("/app/"))
    for part in ("", "workspace/", "people/", "tokens/", "plan/"):
        assert visitor.get(f"/account/{part}")["Location"] == f"/account/login/?next=/account/{part}"


def test_api_reads_in_the_demo_what_pages_ask_for(visitor: Client, shown: Workspace) -> None:
    assert visitor.get("/api/v2/analytics/channels/@qulay_savdo/overview").status_code == 200
    assert visitor.get("/api/v2/exports").status_code == 200
    assert visitor.get("/api/v2/channels").json()["data"][0]["username"] == "qulay_savdo"
    other = bearer(make_token(shown, scopes=["channels:read"]))
    refused = visitor.get("/api/v2/analytics/channels/@qulay_savdo/overview", headers=other)
    assert refused.status_code == 403  # a token speaks for itself


def test_stranger_without_the_demo_is_sent_to_sign_in_and_finds_it_there(shown: Workspace) -> None:
    stranger = Client()
    response = stranger.get("/app/")
    assert response["Location"] == "/account/login/?next=/app/"
    assert 'href="/demo/"' in text_of(stranger.get("/account/login/"))
    assert stranger.get("/api/v2/channels").status_code == 401


def test_demo_that_is_switched_off_opens_to_nobody(visitor: Client, settings: Settings) -> None:
    settings.PUBLIC_DEMO = False
    assert visitor.get("/app/")["Location"] == "/account/login/?next=/app/"
    assert visitor.get("/api/v2/channels").status_code == 401
    assert visitor.get("/demo/").status_code == 404
    assert 'href="/demo/"' not in text_of(visitor.get("/account/login/"))


def test_demo_opens_no_other_workspace(visitor: Client, now: datetime) -> None:
    from tests.factories import make_workspace

    other = make_workspace(name="Other")
    track(other, full_channel(now=now, username="secret_of_others", days=3), now=now)
    assert visitor.get("/app/channels/@secret_of_others/").status_code == 404
    assert "secret_of_others" not in text_of(visitor.get("/app/"))
    assert visitor.get("/api/v2/analytics/channels/@secret_of_others/overview").status_code == 404


def test_who_is_signed_in_sees_their_own_channels(shown: Workspace) -> None:
    from tests.factories import make_user, make_workspace

    somebody = make_user()
    make_workspace(owner=somebody, name="Theirs")
    client = Client()
    client.get("/demo/")
    client.force_login(somebody)
    text = text_of(client.get("/app/"))
    assert "You are looking at a demo" not in text
    assert "Qulay savdo" not in text
    assert client.post("/app/add/", {"ref": "@their_channel"}).status_code == 302
    assert "these are your own channels" in text_of(client.get("/demo/", follow=True))


def test_command_chooses_the_demo_and_there_is_only_one(shown: Workspace, settings: Settings) -> None:
    from tests.factories import make_user, make_workspace

    other = make_workspace(owner=make_user("other@example.org"), name="Other")
    out = StringIO()
    call_command("show_demo", "other@example.org", stdout=out)
    assert "Other is the public demo" in out.getvalue()
    assert list(Workspace.objects.filter(is_demo=True)) == [other]
    call_command("show_demo", "other@example.org", "--off", stdout=out)
    assert not Workspace.objects.filter(is_demo=True).exists()
    with pytest.raises(CommandError):
        call_command("show_demo", "nobody@example.org")


def test_page_that_would_write_while_it_is_looked_at_is_refused(
    visitor: Client, shown: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A long list asked for as a file becomes an export, by a GET: the database refuses, and nobody sees a crash."""
    monkeypatch.setattr("analytics.sections.file_views.MOST_ROWS", 1)
    before = rows()
    response = visitor.get("/app/channels/@qulay_savdo/posts/files/posts.csv")
    assert response.status_code == 403
    assert "Nothing is changed in the demo" in text_of(response)
    assert rows() == before


def test_files_of_the_demo_may_be_taken_along_without_a_trace(visitor: Client) -> None:
    before = rows()
    response = visitor.get("/app/channels/@qulay_savdo/growth/files/statistics.csv")
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment")
    assert rows() == before


def test_no_address_of_anybody_is_told_in_the_demo(visitor: Client, shown: Workspace, full: Any, now: datetime) -> None:
    owner = shown.memberships.get().user
    actor = user_actor(owner)
    note = add_note(shown, full, text="A note", at=now, until=None, author=owner, actor=actor, now=now)
    wish = Wish("Weekly", ("@qulay_savdo",), ("reader@example.org", owner.email), Every.WEEK, 1, time(9), "en")
    schedule = create_schedule(shown, wish=wish, actor=actor, now=now)
    terms = Terms(name="Partners", expires_at=now + timedelta(days=1), sections=("overview",), preset="28d")
    link, _token = create_link(TrackedChannel.objects.get(), terms=terms, creator=owner, actor=actor, now=now)
    saved = f"/app/reports/saved/{schedule.public_id}/"
    for address in (
        "/app/reports/", saved, f"{saved}preview/", f"/app/shared/{link.public_id}/",
        "/app/channels/@qulay_savdo/notes/", "/api/v2/channels/@qulay_savdo/notes",
        f"/api/v2/channels/@qulay_savdo/notes/{note.public_id}",
    ):  # fmt: skip
        response = visitor.get(address)
        assert response.status_code == 200, address
        assert "@example.org" not in response.content.decode(), address


def test_one_visitor_of_the_demo_cannot_keep_it_busy(
    visitor: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_LIMIT_FACTOR = 1
    monkeypatch.setattr("accounts.middleware.DEMO_PAGES", Limit("demo-pages-few", 2, 60))
    here = "203.0.113.77"
    codes = [visitor.get("/app/exports/", REMOTE_ADDR=here).status_code for _number in range(3)]
    assert codes == [200, 200, 429]
    assert visitor.get("/app/exports/", REMOTE_ADDR="203.0.113.78").status_code == 200
    assert int(visitor.get("/app/exports/", REMOTE_ADDR=here)["Retry-After"]) > 0


def test_one_visitor_of_the_demo_does_not_use_up_the_files_of_others(
    visitor: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_LIMIT_FACTOR = 1
    monkeypatch.setattr("billing.throttling.EXPORTS", Limit("exports-few", 3, 3600))
    place = "/app/channels/@qulay_savdo/growth/files/statistics.csv"
    codes = [visitor.get(place, REMOTE_ADDR=f"203.0.113.{number}").status_code for number in (80, 80, 80, 80, 81)]
    assert codes == [200, 200, 200, 429, 200]
