"""Pages about the running of the service, through their doors."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Tier
from analyticbot.core import runtime
from analyticbot.core.models import AuditEntry, ConfigurationVersion
from channels_app.collect.claims import tasks_for
from channels_app.collect.live import followed_rows
from channels_app.models import Channel, CollectTask, Hold, TrackedChannel
from mtproto.accounts import lease_account, renew_lease
from mtproto.models import AccountState, TelegramAccount
from superadmin.running.acts import ACCOUNT_DEALS, CHANNEL_DEALS
from superadmin.running.sampling import take_sample
from superadmin.tiers import LEAST_TIER
from tests.factories import make_channel, make_tracked, make_workspace, owner_of
from tests.mtproto.rows import make_account
from tests.superadmin.staff import enter, make_staff

pytestmark = pytest.mark.django_db
TIERS = [tier for tier in Tier if tier]


@pytest.fixture
def page() -> Client:
    return enter(make_staff())


PAGES = (
    "system/",
    "system/now/",
    "business/",
    "configuration/",
    "configuration/EXPORT_ENABLED/",
    "configuration/DEFAULT_PLAN/",
    "configuration/SNAPSHOT_RAW_DAYS/",
    "work/",
    "work/channels_app.collecttask/",
    "work/analytics.exportfile/replay/",
    "channels_app/channel/",
    "channels_app/channel/?state=failed&q=%40some",
    "mtproto/telegramaccount/",
    "telegram/sign-in/",
    "analytics/exportfile/",
    "analytics/reportfile/?state=parked",
    "core/auditentry/",
    "core/auditentry/?by=as",
    "audit/verify/",
    "audit/export/",
)


def test_each_page_opens(page: Client) -> None:
    take_sample(now=timezone.now())
    make_tracked(make_workspace())
    for path in PAGES:
        assert page.get(f"/superadmin/{path}").status_code == 200, path


def test_each_act_asks_for_its_tier() -> None:
    channel, account = make_channel(), make_account()
    for tier in TIERS:
        browser = enter(make_staff(tier))
        for deal, path in [
            *((deal, f"channels/{channel.pk}") for deal in CHANNEL_DEALS),
            *((deal, f"telegram/{account.pk}") for deal in ACCOUNT_DEALS),
        ]:
            answer = browser.get(f"/superadmin/{path}/{deal.slug}/")
            assert answer.status_code == (200 if tier >= LEAST_TIER[deal.act] else 403), f"{deal.slug} for {tier.label}"


NASTY = (
    "%",
    "' OR 1=1 --",
    "9" * 30,
    "@",
    "workspace:" + "9" * 18,
    "a.b:" + "c" * 90,
    "ß" * 300,
    "t.me/",
    "-1",
)


@pytest.mark.parametrize("path", ["channels_app/channel/", "mtproto/telegramaccount/", "core/auditentry/"])
def test_lists_take_any_search(page: Client, path: str) -> None:
    for term in NASTY:
        assert page.get(f"/superadmin/{path}", {"q": term, "before": term}).status_code == 200, term


# -- channels


def test_paused_channel_is_asked_nothing_and_shown_on(page: Client, client: Client) -> None:
    account, tracked = make_account(), make_tracked(make_workspace())
    CollectTask.objects.update(due_at=timezone.now())
    assert tasks_for(account).count() == 1
    answer = page.post(f"/superadmin/channels/{tracked.channel_id}/pause/", {"reason": "its owner asks"})
    assert answer.status_code == 302
    assert tasks_for(account).count() == 0
    client.force_login(owner_of(tracked.workspace))
    assert client.get(f"/app/channels/@{tracked.channel.username}/").status_code == 200
    page.post(f"/superadmin/channels/{tracked.channel_id}/go-on/", {"reason": "enough"})
    assert tasks_for(account).count() == 1
    story = AuditEntry.objects.filter(object_type="channels_app.channel").order_by("pk")
    assert [entry.action for entry in story] == ["channels:channel:paused", "channels:channel:resumed"]


def test_blocked_channel_is_nowhere(page: Client, client: Client) -> None:
    account, tracked = make_account(), make_tracked(make_workspace())
    name = f"@{tracked.channel.username}"
    client.force_login(owner_of(tracked.workspace))
    kept = client.get(f"/api/v2/analytics/channels/{name}/overview")
    assert kept.status_code == 200
    page.post(f"/superadmin/channels/{tracked.channel_id}/block/", {"reason": "a court asks"})
    assert client.get(f"/app/channels/{name}/").status_code == 404
    assert client.get(f"/api/v2/channels/{name}").status_code == 404
    assert client.get("/api/v2/channels").json()["data"] == []
    again = client.get(f"/api/v2/analytics/channels/{name}/overview", headers={"If-None-Match": kept["ETag"]})
    assert again.status_code == 404
    added = client.post("/api/v2/channels", {"ref": name}, content_type="application/json")
    assert (added.status_code, added.json()["error"]["code"]) == (400, "channel_blocked")
    assert tasks_for(account).count() == 0
    assert followed_rows(account) == []
    page.post(f"/superadmin/channels/{tracked.channel_id}/unblock/", {"reason": "it was won"})
    assert client.get(f"/app/channels/{name}/").status_code == 200


def test_channel_is_looked_at_anew_unless_it_is_held(page: Client) -> None:
    channel = make_tracked(make_workspace()).channel
    CollectTask.objects.update(parked_at=timezone.now(), attempts=8)
    page.post(f"/superadmin/channels/{channel.pk}/resync/")
    assert CollectTask.objects.filter(channel=channel, kind="history", parked_at=None, due_at__isnull=False).exists()
    Channel.objects.update(hold=Hold.PAUSED, held_at=timezone.now())
    assert page.post(f"/superadmin/channels/{channel.pk}/resync/").status_code == 422


def test_hold_needs_a_reason(page: Client) -> None:
    channel = make_channel()
    assert page.post(f"/superadmin/channels/{channel.pk}/block/", {"reason": ""}).status_code == 422
    assert not Channel.objects.exclude(hold="").exists()
    assert not TrackedChannel.objects.exists()


# -- Telegram accounts


def test_account_out_of_use_loses_its_lease_and_comes_back(page: Client) -> None:
    make_account()
    held = lease_account(owner="collector", lease=timedelta(minutes=1))
    assert held is not None
    page.post(f"/superadmin/telegram/{held.pk}/disable/", {"reason": "too slow"})
    assert not renew_lease(held, lease=timedelta(minutes=1))
    assert TelegramAccount.objects.get().state == AccountState.DISABLED
    page.post(f"/superadmin/telegram/{held.pk}/use/")
    assert TelegramAccount.objects.get().state == AccountState.ACTIVE


def test_lease_is_taken_from_who_holds_it(page: Client) -> None:
    make_account()
    held = lease_account(owner="stuck", lease=timedelta(hours=1))
    assert held is not None
    assert lease_account(owner="other", lease=timedelta(minutes=1)) is None
    page.post(f"/superadmin/telegram/{held.pk}/release/")
    assert lease_account(owner="other", lease=timedelta(minutes=1)) is not None
    assert page.post(f"/superadmin/telegram/{make_account().pk}/release/").status_code == 422


def test_pages_of_accounts_hold_no_secrets(page: Client) -> None:
    account = make_account(phone="+998901112233")
    for path in ("", f"{account.pk}/change/"):
        shown = page.get(f"/superadmin/mtproto/telegramaccount/{path}").content.decode()
        assert str(account.session) not in shown
        assert str(account.phone) not in shown


# -- configuration


def test_flag_is_switched_with_a_reason_and_brought_back(page: Client, client: Client) -> None:
    workspace = make_workspace()
    client.force_login(owner_of(workspace))
    answer = page.post(
        "/superadmin/configuration/EXPORT_ENABLED/", {"seen": 0, "value": "off", "reason": "the disk is full"}
    )
    assert answer.status_code == 302
    assert client.get("/api/v2/exports").status_code in {200, 403}
    assert runtime.EXPORTS.now() is False
    page.post("/superadmin/configuration/EXPORT_ENABLED/", {"seen": 1, "value": "on", "reason": "it is not"})
    page.post("/superadmin/configuration/EXPORT_ENABLED/1/", {"seen": 2, "reason": "it is again"})
    assert runtime.EXPORTS.now() is False
    page.post(
        "/superadmin/configuration/EXPORT_ENABLED/", {"seen": 3, "value": "off", "reason": "as set up", "default": "1"}
    )
    assert runtime.EXPORTS.now() is True
    assert ConfigurationVersion.objects.count() == 4


@pytest.mark.parametrize(
    "given",
    [
        {"seen": 0, "value": "perhaps", "reason": "x"},
        {"seen": 0, "value": "off", "reason": ""},
        {"seen": 7, "value": "off", "reason": "x"},
        {"seen": "", "value": "", "reason": "\x00"},
    ],
)
def test_configuration_refuses_what_does_not_fit(page: Client, given: dict[str, Any]) -> None:
    assert page.post("/superadmin/configuration/EXPORT_ENABLED/", given).status_code == 422
    assert not ConfigurationVersion.objects.exists()


def test_value_of_an_older_declaration_can_be_mended(page: Client) -> None:
    ConfigurationVersion.objects.create(
        key="SNAPSHOT_RAW_DAYS", version=1, value=5, at=timezone.now(), actor_kind="system", reason="was allowed once"
    )
    address = "/superadmin/configuration/SNAPSHOT_RAW_DAYS/"
    assert page.get(address).status_code == 200
    assert page.post(address, {"seen": 1, "value": "90", "reason": "five are too few"}).status_code == 302
    assert runtime.RAW_DAYS.now() == 90


def test_limits_are_for_the_highest_tier_alone() -> None:
    admin = enter(make_staff(Tier.ADMIN))
    given = {"seen": 0, "value": "pro", "reason": "x"}
    assert admin.post("/superadmin/configuration/DEFAULT_PLAN/", given).status_code == 403
    assert enter(make_staff()).post("/superadmin/configuration/DEFAULT_PLAN/", given).status_code == 302


def test_closed_sign_up_takes_nobody(page: Client, client: Client) -> None:
    given = {"seen": 0, "value": "off", "reason": "an attack"}
    page.post("/superadmin/configuration/SIGN_UP_OPEN/", given)
    answer = client.get("/account/signup/")
    assert "No new accounts" in answer.content.decode()


# -- work


def test_work_that_was_given_up_is_replayed(page: Client) -> None:
    tasks = [make_tracked(make_workspace()).channel.tasks.get() for _ in range(3)]
    CollectTask.objects.update(parked_at=timezone.now(), attempts=8, last_error="BROKE: it broke")
    table = "/superadmin/work/channels_app.collecttask/"
    assert "BROKE" in page.get(table).content.decode()
    page.post(f"{table}{tasks[0].pk}/replay/")
    tasks[0].refresh_from_db()
    assert (tasks[0].parked_at, tasks[0].attempts) == (None, 0)
    assert CollectTask.objects.due().count() == 1
    assert page.post(f"{table}{tasks[0].pk}/replay/").status_code == 422
    page.post(f"{table}replay/")
    assert CollectTask.objects.due().count() == 3
    assert AuditEntry.objects.filter(action="channels:work:replayed").count() == 3


@pytest.mark.parametrize("path", ["accounts.user/", "nonsense/", "channels_app.collecttask/x/replay/"])
def test_only_work_is_looked_at_as_work(page: Client, path: str) -> None:
    assert page.get(f"/superadmin/work/{path}").status_code == 404
