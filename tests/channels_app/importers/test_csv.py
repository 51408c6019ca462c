"""Tables: delimiters, encodings, blanks, and everything a spreadsheet does to a number."""

import csv
import gzip
import io
import sys
from typing import Any

import pytest

from channels_app.importers.findings import Findings, Note
from channels_app.importers.reading import ReadOptions, open_reading, username_in_name
from channels_app.importers.refusal import ImportRefused
from mtproto.records import Counters, MediaKind, Reference, ReferenceKind
from tests.channels_app.importers.places import NOW

HEADER = ["id", "date", "text", "views", "forwards", "replies"]
ROW = ["5", "2024-01-01T10:00:00+00:00", "Привет, мир", "10", "2", ""]


def read(data: bytes, **options: Any) -> tuple[list[Any], Findings]:
    opened = open_reading(io.BytesIO(data), name="channel.csv", options=ReadOptions(now=NOW, **options))
    return list(opened.reading), opened.reading.findings


def table(*rows: list[str], header: list[str] | None = None, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([header or HEADER, *rows])
    return out.getvalue().encode(encoding)


def read_row(**cells: str) -> Any:
    values = {"id": "5", "date": "2024-01-01T10:00:00Z", "text": "x"} | cells
    (record,), _findings = read(table(list(values.values()), header=list(values)))
    return record


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters_and_encodings(delimiter: str, encoding: str) -> None:
    (record,), findings = read(table(ROW, delimiter=delimiter, encoding=encoding))

    assert (record.message_id, record.text, record.counters) == (5, "Привет, мир", Counters(10, 2, None))
    assert findings.notes[Note.ENCODING_GUESSED] == (encoding == "cp1251")


def test_gzip_and_quoted_line_breaks() -> None:
    row = [*ROW[:2], 'Строка\n"вторая"\r\nтретья', *ROW[3:]]

    (record,), _findings = read(gzip.compress(table(row)))

    assert record.text == 'Строка\n"вторая"\r\nтретья'


def test_names_of_columns_in_any_case_and_order() -> None:
    header = ["Views", "MESSAGE_ID", "Text", "Date", "something"]

    (record,), findings = read(table(["7", "3", "t", "2024-01-01 10:00:00", "?"], header=header))

    assert (record.message_id, record.counters.views) == (3, 7)
    assert findings.notes[Note.COLUMNS_IGNORED] == 1
    assert findings.notes[Note.LOCAL_DATES] == 1


@pytest.mark.parametrize(
    ("cell", "wanted"), [("", None), ("nan", None), ("None", None), ("-", None), ("0", 0), ("12.0", 12), (" 7 ", 7)]
)
def test_cells_of_counters(cell: str, wanted: int | None) -> None:
    assert read_row(views=cell).counters == Counters(views=wanted)


def test_abbreviated_counters_are_approximate() -> None:
    assert read_row(views="37.2K").counters == Counters(views=37_200, approximate=True)


def test_negative_counters_are_unknown_and_noted() -> None:
    (record,), findings = read(table([*ROW[:3], "-1", "2", "99999999999999999"]))

    assert record.counters == Counters(None, 2, None)
    assert findings.notes[Note.COUNTERS_IMPOSSIBLE] == 2


def test_columns_beyond_the_necessary() -> None:
    record = read_row(
        reactions='{"👍": 3, "paid": 1}',
        media="photo",
        grouped_id="-77",
        post_author="Анна",
        reply_to="2",
        pinned="true",
    )

    assert record.counters.reactions == {"👍": 3, "paid": 1}
    assert (record.media_kind, record.grouped_id, record.post_author) == (MediaKind.PHOTO, -77, "Анна")
    assert (record.reply_to, record.pinned) == (2, True)


def test_text_is_searched_for_references() -> None:
    record = read_row(text="**[сайт](https://example.com/a)** t.me/Some_Name/5 @other #Тег a@mail.ru #12")

    assert record.references == (
        Reference(ReferenceKind.LINK, "https://example.com/a"),
        Reference(ReferenceKind.MENTION, "t.me/Some_Name/5", "some_name", 5),
        Reference(ReferenceKind.MENTION, username="other"),
    )
    assert record.hashtags == ("тег",)


def test_fields_of_a_million_characters_pass() -> None:
    text = "ю" * 1_000_000

    assert read_row(text=text).text == text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"PK\x03\x04....", "ZIP"),
        (b"<html></html>", "HTML"),
        (b"\x00\x01\x02\x03 binary", "not a text file"),
        (table(["5"], header=["text"]), "must name the columns"),
        (table(ROW, header=["id", "date", "text", "views", "views", "x"]), "Two columns"),
        (table(ROW[:4]), "Line 2: 4 values, but 6 columns"),
        (table(ROW)[:-6], "columns|no number|cut off"),
        (table([*ROW[:2], 'open "quote', *ROW[3:]])[:-14], "cut off"),
        (table(["0", *ROW[1:]]), "Line 2: the message id 0"),
        (table(["1e3", *ROW[1:]]), "message id 1e3"),
        (table(["5", "yesterday", *ROW[2:]]), "Line 2: yesterday is not a date"),
        (table(["5", "1999-01-01", *ROW[2:]]), "before Telegram"),
        (table(["5", "2027-01-01", *ROW[2:]]), "future"),
        (table([*ROW[:3], "many", "2", ""]), "views is many"),
        (table(ROW)[:60] + "é".encode("latin-1") * 3 + table(ROW)[60:], "not UTF-8"),
        (table(ROW).rstrip() + "я".encode()[:1], "middle of a character"),
        (gzip.compress(table(ROW), mtime=0)[:-9], "cut off"),
        (gzip.compress(b"id,date\n" + b"\n" * 64 * 2**20, mtime=0), "unpacks to more"),
        (table([*ROW[:2], "x" * (4 * 2**20 + 1), *ROW[3:]]), "field larger"),
    ],
)
def test_refusals_name_the_place_and_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(ImportRefused, match=words):
        read(data)


def test_a_wide_field_is_refused_whatever_limit_another_reader_has_set() -> None:
    before = csv.field_size_limit(sys.maxsize)
    try:
        with pytest.raises(ImportRefused, match="field larger"):
            read(table([*ROW[:2], "x" * (4 * 2**20 + 1), *ROW[3:]]))
    finally:
        csv.field_size_limit(before)


def test_last_line_without_its_end_is_noted() -> None:
    records, findings = read(table(ROW).rstrip())

    assert len(records) == 1
    assert findings.notes[Note.NO_FINAL_LINE_BREAK] == 1


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("rbc_news.csv.gz", "rbc_news"),
        ("Durov.csv", "durov"),
        ("my channel.csv", None),
        ("1st.csv", None),
        ("a.csv", None),
    ],
)
def test_username_in_the_name_of_a_file(name: str, wanted: str | None) -> None:
    assert username_in_name(name) == wanted
