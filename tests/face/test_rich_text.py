"""A post's text with its formatting: what is safe, what is well formed, what UTF-16 means."""

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.rich_text import rich_text


def entity(kind: str, offset: int, length: int, url: str | None = None) -> dict[str, Any]:
    return {"kind": kind, "offset": offset, "length": length, "url": url}


class Reader(HTMLParser):
    """What a browser would read; fails on tags that do not nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        assert tag in {"strong", "em", "u", "s", "code", "span", "details", "summary", "a"}
        assert {name for name, _value in attrs} <= {"class", "href", "rel"}
        self.links.extend(value or "" for name, value in attrs if name == "href")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "summary" not in self.open:
            self.words.append(data)


def read(markup: str) -> Reader:
    reader = Reader()
    reader.feed(markup)
    reader.close()
    assert reader.open == []
    return reader


def test_offsets_are_utf16() -> None:
    assert rich_text("😀 bold", [entity("bold", 3, 4)]) == "😀 <strong>bold</strong>"
    assert rich_text("👨‍👩‍👧x", [entity("italic", 8, 1)]) == "👨‍👩‍👧<em>x</em>"


def test_text_is_escaped_within_and_without() -> None:
    markup = rich_text('<b>"a"&<script>', [entity("bold", 0, 3)])
    assert markup == "<strong>&lt;b&gt;</strong>&quot;a&quot;&amp;&lt;script&gt;"


def test_nested_ranges_nest() -> None:
    markup = rich_text("one two", [entity("italic", 4, 3), entity("bold", 0, 7)])
    assert markup == "<strong>one <em>two</em></strong>"


def test_overlapping_ranges_are_cut() -> None:
    markup = rich_text("abcdef", [entity("bold", 0, 4), entity("italic", 2, 4)])
    assert markup == "<strong>ab<em>cd</em></strong><em>ef</em>"


@pytest.mark.parametrize(
    ("kind", "text", "url", "address"),
    [
        ("text_url", "here", "https://example.org/a?b=1&c=2", "https://example.org/a?b=1&c=2"),
        ("text_url", "here", "example.org/a", "https://example.org/a"),
        ("url", "example.org", None, "https://example.org"),
        ("url", "http://example.org/x", None, "http://example.org/x"),
        ("mention", "@Some_Name", None, "https://t.me/Some_Name"),
        ("email", "a@example.org", None, "mailto:a@example.org"),
        ("phone", "+998 90 123", None, "tel:+99890123"),
    ],
)
def test_links_lead_where_they_say(kind: str, text: str, url: str | None, address: str) -> None:
    markup = rich_text(text, [entity(kind, 0, len(text), url)])
    assert read(markup).links == [address]
    assert 'rel="noreferrer nofollow"' in markup


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", " JaVaScript:alert(1)", "data:text/html,x", "vbscript:x", "//evil", "", None, "x"]
)
def test_address_that_nobody_should_follow_stays_words(url: str | None) -> None:
    assert rich_text("here", [entity("text_url", 0, 4, url)]) == "here"


def test_spoiler_opens_without_a_script() -> None:
    markup = rich_text("who did it", [entity("spoiler", 8, 2)])
    assert markup == (
        'who did <details class="rich__spoiler"><summary>Hidden text</summary><span class="rich__hidden">it'
        "</span></details>"
    )


KINDS = ["bold", "italic", "underline", "strike", "code", "pre", "blockquote", "spoiler", "url", "text_url", "mention"]
ENTITIES = st.lists(
    st.builds(
        entity,
        st.sampled_from([*KINDS, "custom_emoji", "hashtag", "unheard_of"]),
        st.integers(-3, 40),
        st.integers(-3, 60),
        st.one_of(st.none(), st.sampled_from(["https://a.example/", "javascript:x", 'https://a.example/"><script>'])),
    ),
    max_size=8,
)


@given(text=st.text(alphabet="ab<&\"'> \n😀ў@.", max_size=30), entities=ENTITIES)
def test_any_ranges_give_well_formed_markup_of_the_same_text(text: str, entities: list[dict[str, Any]]) -> None:
    reader = read(rich_text(text, entities))
    units = "".join(reader.words)
    # A range may cut a pair of surrogates; nothing else is lost.
    assert units.replace("�", "") == text or "😀" in text
    assert all(link.startswith(("https://", "http://", "mailto:", "tel:", "tg:")) for link in reader.links)
