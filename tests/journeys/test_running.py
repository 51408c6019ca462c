"""Staff looks after the running service in a browser: nothing is refused by the policy, nothing hangs over."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from channels_app.models import CollectTask
from superadmin.running.models import SystemSample
from superadmin.running.sampling import read_state
from tests.factories import make_tracked, make_workspace
from tests.journeys.conftest import Travel
from tests.superadmin.staff import enter, make_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_figures_of_the_open_page_are_renewed(travel: Travel) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    state = read_state(now=now)
    SystemSample.objects.bulk_create(
        SystemSample(at=now - timedelta(minutes=minute), values=state) for minute in range(120)
    )
    task = make_tracked(make_workspace()).channel.tasks.get()
    from playwright.sync_api import expect  # only where there is a browser

    guest = travel(viewport={"width": 320, "height": 700}, color_scheme="dark")
    session = enter(make_staff()).cookies[settings.SESSION_COOKIE_NAME].value
    guest.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": guest.server.url}])
    guest.go("/superadmin/system/")
    assert guest.page.locator(".run-chart").count() == 9
    assert not guest.has_sideways_scroll()
    CollectTask.objects.filter(pk=task.pk).update(parked_at=timezone.now())
    parked = guest.page.locator(".run-figures > div", has_text="Given up").locator("dd")
    expect(parked).to_have_text("1")
    guest.go("/superadmin/configuration/EXPORT_ENABLED/")
    guest.page.locator("select[name=value]").select_option("off")
    guest.page.locator("input[name=reason]").fill("the disk is full")
    guest.page.get_by_role("button", name="Change").click()
    guest.page.get_by_text("the disk is full").wait_for()
    assert not guest.has_sideways_scroll()
