"""The palette of commands and the sheet of keys."""

import re
from datetime import datetime
from html import unescape

from django.test import Client

from accounts.models import Workspace
from analytics.palette import GROUPS
from analytics.picker import KEYS, LABELS
from channels_app.models import Channel
from tests.face.world import new_channel, track
from tests.factories import make_tracked, make_workspace

ADDRESS = "/app/palette/"


def read(page: Client) -> str:
    return " ".join(unescape(page.get(ADDRESS).content.decode()).split())


def test_palette_lists_pages_and_channels(page: Client, workspace: Workspace, full: Channel, now: datetime) -> None:
    track(workspace, new_channel(None, now=now), now=now)
    text = read(page)
    assert 'href="/app/channels/@qulay_savdo/"' in text
    assert 'href="/app/exports/"' in text
    assert text.count('href="/app/channels/') == 1  # an invite link that was not resolved has no page


def test_palette_names_nothing_of_others(page: Client, full: Channel) -> None:
    other = make_tracked(make_workspace(name="Other"))
    assert f"@{other.channel.username}" not in read(page)


def test_title_is_escaped(page: Client, full: Channel) -> None:
    Channel.objects.update(title="<script>alert(1)</script>")
    assert "<script" not in page.get(ADDRESS).content.decode()


def test_sheet_lists_every_key_once(page: Client) -> None:
    listed = re.findall(r'data-keys="([^"]+)"', read(page))
    assert listed == [one.keys for group in GROUPS for one in group.shortcuts]
    assert len(set(listed)) == len(listed)
    # No key begins what another one ends: it could never be pressed.
    assert not [key for key in listed for other in listed if other.startswith(f"{key} ")]


def test_each_preset_of_the_period_has_a_key(page: Client) -> None:
    listed = re.findall(r'data-keys="(p \w)"', read(page))
    assert listed == [*(f"p {KEYS[name]}" for name in LABELS), "p c"]


def test_every_page_says_where_the_palette_is(page: Client, client: Client) -> None:
    for address in ("/app/", "/app/compare/", "/app/exports/", "/account/"):
        assert f'data-palette="{ADDRESS}"' in page.get(address).content.decode()
    page.logout()
    assert "data-palette" not in page.get("/").content.decode()


def test_each_section_of_a_channel_has_a_key(page: Client, full: Channel) -> None:
    tabs = re.findall(
        r'class="tabs__tab"[^>]*>([^<]+)<', unescape(page.get("/app/channels/@qulay_savdo/").content.decode())
    )
    text = read(page)
    for number, tab in enumerate(tabs[:9], start=1):
        row = text.split(f'data-keys="{number}"')[1].split("</div>")[0]
        assert re.search(rf"<dd>\s*{re.escape(tab.strip())}\s*</dd>", row)
    assert len(tabs) > 5


def test_palette_on_a_channels_page_offers_its_sections_and_what_to_do_with_it(page: Client, full: Channel) -> None:
    text = " ".join(unescape(page.get(ADDRESS, {"at": "/app/channels/@qulay_savdo/growth/"}).content.decode()).split())
    for address in ("timing/", "audience/", "notes/", "notes/add/"):
        assert f'href="/app/channels/@qulay_savdo/{address}"' in text
    assert 'href="/app/exports/?channel=%40qulay_savdo"' in text
    for press in ("theme'][value='dark'", "language'][value='uz'"):
        assert press in text
    elsewhere = read(page)
    assert "notes/add/" not in elsewhere


def test_palette_knows_no_sections_of_others(page: Client, full: Channel) -> None:
    other = make_tracked(make_workspace(name="Other"))
    at = f"/app/channels/@{other.channel.username}/"
    assert at not in page.get(ADDRESS, {"at": at}).content.decode()
