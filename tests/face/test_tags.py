"""Tags of channels: put on, taken off, renamed, and the list narrowed by them."""

import re
from datetime import datetime
from html import unescape
from urllib.parse import quote

import pytest
from django.test import Client

from accounts.models import Role, Workspace
from analyticbot.core.models import AuditEntry
from analytics.models import ChannelTag
from analytics.tags.work import Tag, clean_word, key_of
from channels_app.models import TrackedChannel
from tests.factories import make_channel, make_member, make_tracked, make_user, make_workspace

PUT, CHANGE, PAGE = "/app/tags/put/", "/app/tags/change/", "/app/tags/"


def plain(text: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture
def two(workspace: Workspace) -> list[TrackedChannel]:
    """Two channels of the workspace."""
    return [make_tracked(workspace, make_channel(name, title=name.title())) for name in ("apple", "plum")]


def put(page: Client, word: str, *names: str) -> None:
    assert page.post(PUT, {"tag": word, "channels": list(names)}).status_code == 302


def words() -> list[tuple[str, str]]:
    rows = ChannelTag.objects.values_list("tracked__channel__username", "word")
    return sorted((str(name), word) for name, word in rows)


def test_chosen_channels_are_tagged_and_the_list_is_narrowed(page: Client, two: list[TrackedChannel]) -> None:
    chosen = page.get(f"{PAGE}?channels=@apple&channels=@plum").content.decode()
    assert "2 chosen channels" in chosen
    put(page, " #Fruit  trees ", "@apple", "@plum")
    put(page, "red", "@apple")
    assert words() == [("apple", "Fruit trees"), ("apple", "red"), ("plum", "Fruit trees")]
    both = page.get("/app/?tag=fruit+trees").content.decode()
    assert ("Apple" in both, "Plum" in both) == (True, True)
    one = page.get("/app/?tag=fruit+trees&tag=red").content.decode()
    assert ('href="/app/channels/@apple/"' in one, 'href="/app/channels/@plum/"' in one) == (True, False)
    assert 'aria-current="true">red' in one
    none = page.get("/app/?tag=blue").content.decode()
    assert 'class="channels"' not in none
    entry = AuditEntry.objects.filter(action="analytics:tag:changed").latest("pk")
    assert (entry.before, entry.after) == ({"tags": ["Fruit trees"]}, {"tags": ["Fruit trees", "red"]})


def test_spellings_of_a_word_are_one_tag(page: Client, two: list[TrackedChannel]) -> None:
    put(page, "Реклама", "@apple")
    put(page, "РЕКЛАМА", "@apple", "@plum")
    assert words() == [("apple", "Реклама"), ("plum", "Реклама")]


def test_tag_is_taken_off(page: Client, two: list[TrackedChannel]) -> None:
    put(page, "red", "@apple", "@plum")
    page.post(PUT, {"take": "red", "channels": "@plum"})
    assert words() == [("apple", "red")]


def test_tag_is_renamed_everywhere_and_two_may_become_one(page: Client, two: list[TrackedChannel]) -> None:
    put(page, "red", "@apple", "@plum")
    put(page, "rot", "@plum")
    page.post(CHANGE, {"key": "rot", "tag": "Red"})
    assert words() == [("apple", "Red"), ("plum", "Red")]
    assert AuditEntry.objects.get(action="analytics:tag:renamed").after == {"tag": "Red"}
    page.post(CHANGE, {"key": "red", "remove": "1"})
    assert words() == []


def test_what_is_no_word_is_refused_with_words(page: Client, two: list[TrackedChannel]) -> None:
    for word in ("", "   ", "#", "x" * 33, "a,b", "a\x00b", "a\u202eb", "\u200b"):
        response = page.post(PUT, {"tag": word, "channels": "@apple", "next": PAGE}, follow=True)
        assert "notice--bad" in response.content.decode(), word
    for sent in ({"key": "a\x00b", "tag": "c"}, {"key": "\x00", "remove": "1"}, {"key": "none", "remove": "1"}):
        assert page.post(CHANGE, sent).status_code == 302, sent
    assert words() == []


def test_ten_are_enough(page: Client, two: list[TrackedChannel]) -> None:
    for number in range(11):
        put(page, f"tag {number}", "@apple")
    assert len(words()) == 10


def test_hostile_word_is_only_a_word(page: Client, two: list[TrackedChannel]) -> None:
    word = '"><script>x</script>'
    put(page, word, "@apple")
    for address in ("/app/", "/app/?view=table", PAGE, f"/app/?tag={quote(key_of(word))}"):
        html = page.get(address).content.decode()
        assert "<script>x" not in html
        assert word in unescape(html)


def test_tags_are_of_one_workspace_alone(page: Client, two: list[TrackedChannel]) -> None:
    others = make_workspace(name="Other")
    theirs = make_tracked(others, two[0].channel)
    ChannelTag.objects.create(tracked=theirs, key="secret", word="secret")
    strange = make_tracked(others, make_channel("strange_one"))
    for address in ("/app/", PAGE, f"{PAGE}?channels=@strange_one"):
        assert "secret" not in page.get(address).content.decode()
    put(page, "ours", "@apple", "@strange_one")
    page.post(CHANGE, {"key": "secret", "tag": "mine"})
    page.post(CHANGE, {"key": "secret", "remove": "1"})
    page.post(PUT, {"take": "secret", "channels": "@apple"})
    assert list(ChannelTag.objects.filter(tracked=theirs).values_list("word", flat=True)) == ["secret"]
    assert not ChannelTag.objects.filter(tracked=strange).exists()


def test_viewers_see_tags_and_change_none(
    client: Client, page: Client, workspace: Workspace, two: list[TrackedChannel], now: datetime
) -> None:
    put(page, "red", "@apple")
    viewer = make_user()
    make_member(workspace, viewer, Role.VIEWER)
    client.force_login(viewer)
    assert "red" in client.get("/app/").content.decode()
    assert "change-tag" not in client.get(PAGE).content.decode()
    assert client.post(PUT, {"tag": "x", "channels": "@apple"}).status_code == 403
    assert client.post(CHANGE, {"key": "red", "remove": "1"}).status_code == 403
    assert words() == [("apple", "red")]


def test_word_has_its_colour_wherever_it_stands() -> None:
    assert Tag("red", "Red").colour == Tag("red", "RED").colour
    assert {Tag(str(number), "x").colour for number in range(40)} == {1, 2, 3, 4, 5}
    assert clean_word("  #São  Paulo ") == "São Paulo"
    assert key_of("ＦＵＬＬ") == "full"
