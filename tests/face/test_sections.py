"""The sections of a channel's page: their numbers are the questions' answers, their state is the address."""

import pytest
from django.test import Client

from channels_app.models import Channel

BASE = "/app/channels/@qulay_savdo/"
NAMES = ("growth", "posts", "timing", "content", "trending", "sources", "audience", "changes")


@pytest.mark.parametrize("name", NAMES)
def test_section_is_a_page(page: Client, full: Channel, name: str) -> None:
    response = page.get(f"{BASE}{name}/")
    assert response.status_code == 200
