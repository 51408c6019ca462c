"""Real dumps of real channels, checked against counts made with the standard library alone."""

from collections import Counter
from typing import Any

import pytest

from mtproto.parsing import parse_dumped_message
from mtproto.records import MediaKind, MessageRecord, ServiceRecord
from tests.mtproto.dumps import load_dump

DUMPS = ["omazda__BankingInfo_Bot", "AlexTrigolos__spb", "vancho-go__tgparser"]


def parsed(name: str) -> tuple[list[dict[str, Any]], list[MessageRecord]]:
    raw = load_dump(name)
    records = [parse_dumped_message(item) for item in raw]
    assert sum(isinstance(r, ServiceRecord) for r in records) == sum(i["_"] == "MessageService" for i in raw)
    return [i for i in raw if i["_"] == "Message"], [r for r in records if isinstance(r, MessageRecord)]


@pytest.mark.parametrize("name", DUMPS)
def test_real_dump_keeps_every_fact(name: str) -> None:
    raw, records = parsed(name)

    assert [(r.message_id, r.text, r.date.isoformat()) for r in records] == [
        (i["id"], i["message"] or "", i["date"]) for i in raw
    ]
    assert [(r.counters.views, r.counters.forwards, r.grouped_id, r.post_author) for r in records] == [
        (i["views"], i.get("forwards"), i["grouped_id"], i["post_author"]) for i in raw
    ]
    assert [len(r.entities) for r in records] == [len(i["entities"]) for i in raw]
    assert [r.edit_date is None for r in records] == [i["edit_date"] is None for i in raw]
    assert [r.forward is None for r in records] == [i["fwd_from"] is None for i in raw]


def test_real_reactions_polls_and_media_are_counted() -> None:
    _, records = parsed("omazda__BankingInfo_Bot")

    reactions = sum((Counter(r.counters.reactions or {}) for r in records), Counter())
    kinds = Counter(r.media_kind for r in records)

    assert reactions.total() == 12204
    assert reactions["👍"] == 9058
    assert kinds[MediaKind.PHOTO] == 449
    assert kinds[MediaKind.NONE] == 176
    assert kinds[MediaKind.WEB_PAGE] == 32
    assert kinds[MediaKind.POLL] == sum(r.poll is not None for r in records) == 21
    assert all(r.poll.question and r.poll.options for r in records if r.poll)
    assert sum(r.forward is not None for r in records) == 66
    assert sum(r.counters.replies or 0 for r in records) == 1424


def test_real_hashtags_and_links_are_the_ones_in_the_text() -> None:
    raw, records = parsed("omazda__BankingInfo_Bot")

    hashtags = [tag for r in records for tag in r.hashtags]
    assert hashtags
    assert all(f"#{tag}" in r.text.casefold() for r in records for tag in r.hashtags)
    hidden = [r for r in records for e in r.references if e.kind == "hidden_link"]
    assert hidden
    named = {e["url"] for i in raw for e in i["entities"] if e["_"] == "MessageEntityTextUrl"}
    assert {e.url for r in records for e in r.references if e.kind == "hidden_link"} == named
