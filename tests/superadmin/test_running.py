"""Pages about the running of the service, through their doors."""

import pytest
from django.test import Client
from django.utils import timezone

from superadmin.running.sampling import take_sample
from tests.factories import make_tracked, make_workspace
from tests.superadmin.staff import enter, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def page() -> Client:
    return enter(make_staff())


@pytest.mark.parametrize(
    "path",
    [
        "system/",
        "system/now/",
        "business/",
        "configuration/",
        "configuration/EXPORT_ENABLED/",
        "configuration/DEFAULT_PLAN/",
        "work/",
        "work/channels_app.collecttask/",
        "channels_app/channel/",
        "mtproto/telegramaccount/",
        "analytics/exportfile/",
        "analytics/reportfile/",
        "core/auditentry/",
        "core/auditentry/?by=as",
        "audit/verify/",
    ],
)
def test_page_opens(page: Client, path: str) -> None:
    take_sample(now=timezone.now())
    make_tracked(make_workspace())
    answer = page.get(f"/superadmin/{path}")
    assert answer.status_code == 200, answer.content[:2000]
