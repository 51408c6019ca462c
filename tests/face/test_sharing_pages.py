"""The pages on which members make, change and take back shared links."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Role, User, Workspace
from analyticbot.core.audit import SYSTEM
from analyticbot.core.models import AuditEntry, AuditWords
from analytics.sharing.forgetting import forget_visits
from analytics.sharing.models import SharedLink, SharedLinkViews
from analytics.tasks import forget_old_visits
from billing.changing import change_plan
from billing.plans import LIMITS, Plan
from channels_app.models import Channel
from tests.face.sharing_world import Share, share, stranger
from tests.factories import make_member, make_user

__all__ = ["share", "stranger"]
FORM = {
    "channel": "@qulay_savdo",
    "name": "For Toshkent Tea",
    "period": "28d",
    "ends": "7",
    "sections": ["overview", "posts"],
    "theme": "system",
    "frame_ancestors": "",
}


def told(response: Any) -> str:
    return str(response.content.decode())


def actions() -> list[str]:
    found = AuditEntry.objects.filter(action__startswith="analytics:share").order_by("pk")
    return [action.rpartition(":")[2] for action in found.values_list("action", flat=True)]


def test_a_link_is_made_shown_once_and_listed(full: Channel, page: Client, stranger: Client, now: datetime) -> None:
    made = page.post("/app/shared/new/", {**FORM, "password": "tea with milk", "frame_ancestors": "Example.org/about"})

    assert made.status_code == 200 and made["Cache-Control"] == "no-store"
    address = re.findall(r'id="share-address">http://testserver(/s/[^<]+/)<', told(made))[0]
    link = SharedLink.objects.get()
    assert (link.sections, link.preset, link.frame_ancestors) == (["overview", "posts"], "28d", ["https://example.org"])
    assert timedelta(days=6) < link.expires_at - now < timedelta(days=8)
    assert stranger.get(address).status_code == 200
    token = address.split("/")[2]
    for later in ("/app/shared/", f"/app/shared/{link.public_id}/"):
        text = told(page.get(later))
        assert token not in text and f"/s/{token[:5]}…" in text and "For Toshkent Tea" in text
    assert actions() == ["created"]


def test_the_form_begins_with_what_is_on_screen(full: Channel, page: Client) -> None:
    channel = told(page.get("/app/channels/@qulay_savdo/growth/?first=2026-05-01&last=2026-05-31"))
    way = re.search(r'href="(/app/shared/new/\?[^"]+)"', channel)
    assert way

    form = told(page.get(way.group(1).replace("&amp;", "&")))

    assert '<option value="@qulay_savdo" selected>' in form
    assert '<option value="custom" selected>' in form and 'value="2026-05-31"' in form
    checked = re.findall(r'name="sections" value="(\w+)"[^>]*checked', form)
    assert checked == ["growth"]
    other = told(page.get("/app/channels/@qulay_savdo/?period=7d"))
    assert "section=overview&amp;period=7d" in other


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"),
        ({"sections": []}, "sections"),
        ({"sections": ["changes"]}, "sections"),
        ({"sections": ["audience"]}, "owner_facts"),
        ({"period": "custom"}, "first"),
        ({"period": "custom", "first": "2026-02-02", "last": "2026-01-01"}, "first"),
        ({"period": "fortnight"}, "period"),
        ({"ends": "custom", "ends_on": "2020-01-01"}, "ends"),
        ({"ends": "custom", "ends_on": "2090-01-01"}, "ends"),
        ({"ends": "custom", "ends_on": "9999-12-31"}, "ends"),
        ({"period": "custom", "first": "2026-01-01", "last": "9999-12-31"}, "last"),
        ({"password": "short"}, "password"),
        ({"frame_ancestors": "https://example.org; script-src *"}, "frame_ancestors"),
        ({"frame_ancestors": "\n".join(f"https://{number}.org" for number in range(11))}, "frame_ancestors"),
    ],
    ids=str,
)
def test_what_cannot_be_shared_is_told_at_its_field(
    full: Channel, page: Client, change: dict[str, Any], field: str
) -> None:
    response = page.post("/app/shared/new/", {**FORM, **change})

    assert response.status_code == 422
    assert "field__error" in told(response), field
    assert not SharedLink.objects.exists()


def test_terms_password_address_and_end_are_changed_later(share: Share, page: Client, stranger: Client) -> None:
    link, root = share(exports=True)
    place = f"/app/shared/{link.public_id}/"

    assert page.post(place, {**FORM, "ends": "keep", "sections": ["growth"], "theme": "dark"}).status_code == 302
    assert 'data-theme="dark"' in told(stranger.get(root))
    assert stranger.get(f"{root}posts/").status_code == 404
    assert page.post(f"{place}password/", {"password": "tea with milk"}).status_code == 302
    assert 'type="password"' in told(stranger.get(root))
    assert page.post(f"{place}password/", {"remove": "yes"}).status_code == 302
    assert 'type="password"' not in told(stranger.get(root))
    turned = told(page.post(f"{place}rotate/"))
    fresh = re.findall(r'id="share-address">http://testserver(/s/[^<]+/)<', turned)[0]
    assert (stranger.get(root).status_code, stranger.get(fresh).status_code) == (404, 200)
    assert page.post(f"{place}revoke/").status_code == 302
    assert stranger.get(fresh).status_code == 404
    assert page.post(f"{place}rotate/").status_code == 409
    assert "Make a new address" not in told(page.get(place))
    assert actions() == ["created", "changed", "changed", "changed", "rotated", "revoked"]
    assert "tea with milk" not in str(list(AuditWords.objects.values()))


def test_the_page_tells_who_looked(share: Share, page: Client, now: datetime) -> None:
    link, _root = share()
    hour = now.replace(minute=0, second=0, microsecond=0)
    SharedLinkViews.objects.create(
        link=link, hour=hour, referrer="t.me", browser="Chrome", device="phone", language="uz", count=3
    )

    text = told(page.get(f"/app/shared/{link.public_id}/"))

    assert "t.me" in text and "Uzbek" in text and "Phone" in text
    assert re.search(r"<dd>\s*3\s*</dd>", told(page.get("/app/shared/")))


def test_visits_of_more_than_400_days_ago_are_forgotten(share: Share, page: Client, now: datetime) -> None:
    link, other = share()[0], share()[0]
    hour = now.replace(minute=0, second=0, microsecond=0)
    for days, count in ((402, 5), (401, 7), (399, 11), (0, 13)):
        for one in (link, other):
            SharedLinkViews.objects.create(
                link=one, hour=hour - timedelta(days=days), browser="Chrome", device="phone", count=count
            )

    assert forget_old_visits.apply().get() == 4
    assert forget_old_visits.apply().get() == 0

    assert list(SharedLinkViews.objects.filter(link=link).order_by("hour").values_list("count", flat=True)) == [11, 13]
    assert re.search(r"<dd>\s*24\s*</dd>", told(page.get("/app/shared/")))
    for days in range(401, 406):
        SharedLinkViews.objects.create(link=link, hour=hour - timedelta(days=days), browser="Chrome", device="phone")
    assert forget_visits(now=now, at_once=2) == 5
    assert SharedLinkViews.objects.count() == 4


def test_viewers_see_the_list_and_change_nothing(
    share: Share, workspace: Workspace, person: User, now: datetime
) -> None:
    link, _root = share()
    viewer = make_user("viewer@example.org")
    make_member(workspace, viewer, Role.VIEWER)
    client = Client()
    client.force_login(viewer)
    place = f"/app/shared/{link.public_id}/"

    assert "For advertisers" in told(client.get("/app/shared/"))
    assert client.get(place).status_code == 200
    assert "/app/shared/new/" not in told(client.get("/app/channels/@qulay_savdo/"))
    codes = [client.get("/app/shared/new/").status_code, client.post(place, FORM).status_code]
    codes += [client.post(f"{place}{act}/").status_code for act in ("password", "rotate", "revoke")]
    assert codes == [403] * 5
    assert actions() == ["created"]


def test_the_plan_limits_links_that_work(full: Channel, page: Client, workspace: Workspace, now: datetime) -> None:
    change_plan(workspace, plan=Plan.FREE, actor=SYSTEM, now=now)
    most = LIMITS[Plan.FREE].shared_links
    assert most == 1

    assert page.post("/app/shared/new/", FORM).status_code == 200
    beyond = page.post("/app/shared/new/", FORM)
    assert beyond.status_code == 422 and "1 shared links at a time" in told(beyond)
    link = SharedLink.objects.get()
    page.post(f"/app/shared/{link.public_id}/revoke/")
    assert page.post("/app/shared/new/", FORM).status_code == 200


def test_switched_off_links_are_told_as_such(share: Share, page: Client, settings: Any) -> None:
    link, _root = share()
    settings.SHARE_LINKS_ENABLED = False

    assert "SHARE_LINKS_ENABLED=1" in told(page.get("/app/shared/"))
    assert page.post("/app/shared/new/", FORM).status_code == 422
    assert page.get(f"/app/shared/{link.public_id}/").status_code == 200
    assert "/app/shared/new/" not in told(page.get("/app/channels/@qulay_savdo/"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_any_number(
    share: Share, page: Client, django_assert_num_queries: Any, count: int
) -> None:
    for _number in range(count):
        share()
    page.get("/app/shared/")

    with django_assert_num_queries(3):  # person, membership, links
        page.get("/app/shared/")
