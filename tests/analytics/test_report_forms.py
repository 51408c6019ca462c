"""One report in all its forms: the same numbers, letters of every language, nothing that a title could break."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client
from pypdf import PdfReader
from pytest_django import DjangoDbBlocker

from accounts.models import Workspace
from analyticbot.core.audit import SYSTEM
from analyticbot.core.charts import words
from analytics.period import Period
from analytics.questions.answering import iso
from analytics.questions.asking import Reader, channel_for
from analytics.reports.brand import Brand
from analytics.reports.kit import change_kit, kit_of
from analytics.reports.kit_pdf import kit_pdf
from analytics.reports.kit_picture import HEIGHT, WIDTH, kit_png
from analytics.reports.pages import html_of, kit_html
from analytics.reports.pdf import pdf_of
from analytics.reports.report import HEADLINE, Report
from analytics.reports.workbook import xlsx_of
from channels_app.models import Channel, ChannelHour, ChannelSync, CollectionGap, Post, SyncState
from tests.analytics.report_world import NAME, NOW, TASHKENT, TEXT, report_channel, report_of, week
from tests.face.world import full_channel, track
from tests.factories import bearer, make_token, make_workspace

OTHER = "@boshqa_savdo"
PERIODS = (week(), week(date(2025, 10, 10), 28), week(date(2025, 10, 20), 1))


@pytest.fixture(scope="module")
def workspace(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Workspace]:
    """Two channels, built once: nothing here changes them."""
    from django.db import transaction

    with django_db_blocker.unblock():
        transaction.set_autocommit(False)
        try:
            workspace = make_workspace(name="Anna")
            workspace.time_zone = "Asia/Tashkent"
            workspace.save()
            report_channel(workspace)
            second = full_channel(now=NOW, username="boshqa_savdo", days=30, title="Бошқа савдо · oʻzgacha")
            track(workspace, second, now=NOW)
            yield workspace
        finally:
            transaction.rollback()
            transaction.set_autocommit(True)


def text_of_pdf(content: bytes) -> str:
    reader = PdfReader(io.BytesIO(content))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


def sheets_of(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


@pytest.mark.django_db
@pytest.mark.parametrize("period", PERIODS, ids=("week", "month", "day"))
@pytest.mark.parametrize("name", [NAME, OTHER])
def test_numbers_are_equal_in_page_pdf_workbook_csv_and_api(
    workspace: Workspace, client: Client, name: str, period: Period
) -> None:
    from django.utils import timezone

    # The API's own clock is later: what is over does not move any more.
    report = report_of(workspace, name=name, period=period, now=timezone.now(), sections=TEXT)
    bounds = {"from": iso(period.start), "to": iso(period.end)}
    headers = bearer(make_token(workspace))
    api = client.get(f"/api/v2/analytics/channels/{name}/overview", bounds, headers=headers).json()["data"]
    assert {figure.name: figure.value for figure in report.figures} == {one: api[one] for one in HEADLINE}
    assert {figure.name: figure.previous for figure in report.figures} == {
        one: api["previous"][one] for one in HEADLINE
    }

    written = client.get(f"/api/v2/analytics/channels/{name}/overview", {**bounds, "format": "csv"}, headers=headers)
    (row,) = csv.DictReader(io.StringIO(written.content.decode("utf-8-sig")))
    assert {one: float(row[one]) if row[one] else None for one in HEADLINE} == {one: api[one] for one in HEADLINE}

    book = sheets_of(xlsx_of(report))
    summary = {line[0].value: line for line in book["Summary"].iter_rows(min_row=7, max_row=6 + len(HEADLINE))}
    assert [summary[figure.label][1].value for figure in report.figures] == [api[one] for one in HEADLINE]
    posts = client.get(f"/api/v2/analytics/channels/{name}/top-posts", {**bounds, "limit": "10"}, headers=headers)
    listed = [(line[2].value or "", line[3].value) for line in book["Top posts"].iter_rows(min_row=2)]
    assert listed == [(post["title"] or "", post["views"]) for post in posts.json()["data"]]

    page, paper = plain(html_of(report).decode()), plain(text_of_pdf(pdf_of(report)))
    for figure in report.figures:
        shown = words.percent(figure.value, "en") if figure.percent else words.compact_number(figure.value, "en")
        assert plain(shown) in page
        assert plain(shown) in paper


@pytest.mark.django_db
def test_days_of_the_workbook_are_the_steps_of_the_api(workspace: Workspace, client: Client) -> None:
    from django.utils import timezone

    report = report_of(workspace, now=timezone.now())
    asked = {"from": iso(report.period.start), "to": iso(report.period.end), "metrics": ",".join(report.daily)}
    headers = bearer(make_token(workspace))
    api = client.get(f"/api/v2/analytics/channels/{NAME}/statistics", asked, headers=headers).json()["data"]["points"]
    sheet = sheets_of(xlsx_of(report))["By day"]
    rows = [tuple(cell.value for cell in line) for line in sheet.iter_rows(min_row=2)]
    assert [row[1:] for row in rows] == [tuple(point[name] for name in report.daily) for point in api]
    assert [row[0].date() for row in rows] == [
        datetime.fromisoformat(point["t"]).astimezone(TASHKENT).date() for point in api
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "ru", "uz"])
def test_sentences_stand_on_rows_that_are_named_beside_them(workspace: Workspace, language: str) -> None:
    report = report_of(workspace, sections=TEXT, language=language)
    paper = plain(text_of_pdf(pdf_of(report)))
    assert len(report.sentences) >= 5
    for sentence in report.sentences:
        assert sentence.metric
        # The number of the row is in the sentence, whatever its sign.
        assert plain(sentence.value).lstrip("+−") in plain(sentence.text)
        assert plain(sentence.value) in paper


@pytest.mark.django_db
def test_letters_of_all_three_languages_can_be_read_out_of_the_pdf(workspace: Workspace) -> None:
    russian = text_of_pdf(
        pdf_of(report_of(workspace, sections=TEXT, language="ru", brand=Brand("#0b7a6b", None, "Ўқғҳ", own=True)))
    )
    assert "Подписчики" in russian
    assert "Ўқғҳ" in russian
    uzbek = text_of_pdf(pdf_of(report_of(workspace, sections=TEXT, language="uz", name=OTHER)))
    assert "oʻzgacha" in uzbek
    reader = PdfReader(io.BytesIO(pdf_of(report_of(workspace, sections=TEXT, language="uz"))))
    assert str(reader.root_object["/Lang"]) == "uz"
    assert reader.metadata is not None
    assert "Qulay savdo" in str(reader.metadata.title)
    pages = PdfReader(io.BytesIO(pdf_of(report_of(workspace, sections=TEXT)))).pages
    assert f"Page 1 of {len(pages)}" in pages[0].extract_text()


@pytest.mark.django_db
def test_unknown_is_said_and_gaps_are_named(workspace: Workspace) -> None:
    nothing = report_of(workspace, sections=TEXT, name=OTHER, period=week(date(2024, 1, 1)))
    paper = text_of_pdf(pdf_of(nothing))
    assert "How the number of subscribers changed is unknown" in paper
    assert "No posts in this period." in paper
    values = {line[0].value: line[1].value for line in sheets_of(xlsx_of(nothing))["Summary"].iter_rows(min_row=7)}
    assert values["Average reach"] is None
    gap = report_of(workspace, sections=TEXT, period=week(date(2025, 10, 20), 7))
    assert "Not observed, hatched in the charts: Oct 22, 11:30 – Oct 24, 11:30" in text_of_pdf(pdf_of(gap))


@pytest.mark.django_db
def test_what_half_a_week_tells_is_not_said_of_the_whole(workspace: Workspace) -> None:
    """Posts that are not collected yet are not unpublished, and the best of watched days need not be the best."""
    channel = Channel.objects.get(username=NAME.removeprefix("@"))
    start = week().start
    sync = ChannelSync.objects.filter(channel=channel)
    sync.update(started_at=start - timedelta(days=1))
    ChannelHour.objects.bulk_create(
        ChannelHour(channel=channel, hour=start + timedelta(days=day), posts=0, views=day) for day in range(7)
    )
    whole = {sentence.metric for sentence in report_of(workspace, sections=TEXT).sentences}
    assert {"Posts", "Views gained"} <= whole
    Post.objects.filter(channel=channel, published_at__lt=start + timedelta(days=3)).delete()
    sync.update(reached_start=False, state=SyncState.RUNNING)
    gap = {"started_at": start + timedelta(days=1), "ended_at": start + timedelta(days=3), "reason": "test"}
    CollectionGap.objects.create(channel=channel, kind="counters", **gap)
    half = {sentence.metric for sentence in report_of(workspace, sections=TEXT).sentences}
    assert not {"Posts", "Views gained"} & half


@pytest.mark.django_db
def test_workbook_tells_no_difference_where_the_paper_tells_no_change(workspace: Workspace) -> None:
    """Half of the week before is not collected: more posts now are no growth."""
    channel = Channel.objects.get(username=NAME.removeprefix("@"))
    Post.objects.filter(channel=channel, published_at__lt=week().start - timedelta(days=3)).delete()
    ChannelSync.objects.filter(channel=channel).update(reached_start=False, state=SyncState.RUNNING)
    report = report_of(workspace, sections=TEXT)
    posts = next(figure for figure in report.figures if figure.name == "posts")
    lines = sheets_of(xlsx_of(report))["Summary"].iter_rows(min_row=7, max_row=6 + len(HEADLINE))
    line = next(line for line in lines if line[0].value == posts.label)
    assert posts.change is None
    assert line[2].value == posts.previous
    assert line[3].value is None


@pytest.mark.django_db
def test_titles_become_neither_formulas_nor_markup(workspace: Workspace) -> None:
    wild = '=HYPERLINK("http://evil.example","x")<script>alert(1)</script>&amp;'
    posts = Post.objects.filter(channel__username="qulay_savdo", is_forward=False, published_at__lt=week().end)
    post = posts.latest("published_at")
    before = (post.text, post.views)
    Channel.objects.filter(username="qulay_savdo").update(title=wild)
    Post.objects.filter(pk=post.pk).update(text=wild, views=10_000_000)
    try:
        report = report_of(workspace, sections=TEXT)
        page = html_of(report).decode()
        assert "<script" not in page
        book = sheets_of(xlsx_of(report))
        assert all(cell.data_type != "f" for sheet in book for line in sheet.iter_rows() for cell in line)
        assert book["Top posts"]["C2"].value == wild
        assert "<script>alert(1)" in plain(text_of_pdf(pdf_of(report)))
    finally:
        Channel.objects.filter(username="qulay_savdo").update(title="Qulay savdo · Удобные покупки")
        Post.objects.filter(pk=post.pk).update(text=before[0], views=before[1])


@pytest.mark.django_db
def test_media_kit_is_one_page_with_what_the_owner_says(workspace: Workspace) -> None:
    reader = Reader(workspace.pk, "Asia/Tashkent", "ru")
    head = channel_for(reader, NAME)
    change_kit(
        workspace, head, about="Всё о покупках. " * 20, prices="1/24: 900 000 сум\n" * 20, contact="@anna",
        shows_languages=True, actor=SYSTEM, now=NOW,
    )  # fmt: skip
    kit = kit_of(workspace, reader, head, now=NOW, brand=Brand())
    paper = PdfReader(io.BytesIO(kit_pdf(kit)))
    assert len(paper.pages) == 1
    text = " ".join(paper.pages[0].extract_text().split())
    for piece in ("Подписчики", "900 000 сум", "@anna", "Uzbek"):
        assert piece in text
    assert len(kit.posts) == 3
    assert "Uzbek" in kit_html(kit).decode()
    picture = kit_png(kit)
    assert picture.startswith(b"\x89PNG")
    assert (int.from_bytes(picture[16:20]), int.from_bytes(picture[20:24])) == (WIDTH, HEIGHT)


@pytest.mark.django_db
def test_languages_stay_with_the_owner_unless_they_say_so(workspace: Workspace) -> None:
    reader = Reader(workspace.pk, "Asia/Tashkent", "en")
    owned, watched = channel_for(reader, NAME), channel_for(reader, OTHER)
    for head, ticked in ((owned, False), (watched, True)):
        change_kit(
            workspace, head, about="", prices="", contact="", shows_languages=ticked, actor=SYSTEM, now=NOW
        )  # fmt: skip
        assert kit_of(workspace, reader, head, now=NOW, brand=Brand()).languages == ()
    assert not re.search("Uzbek", kit_html(kit_of(workspace, reader, owned, now=NOW, brand=Brand())).decode())


@pytest.mark.django_db
def test_languages_of_long_ago_are_not_sold_as_those_of_today(workspace: Workspace) -> None:
    reader = Reader(workspace.pk, "Asia/Tashkent", "en")
    head = channel_for(reader, NAME)
    change_kit(workspace, head, about="", prices="", contact="", shows_languages=True, actor=SYSTEM, now=NOW)
    assert kit_of(workspace, reader, head, now=NOW, brand=Brand()).languages
    assert kit_of(workspace, reader, head, now=NOW + timedelta(days=90), brand=Brand()).languages == ()


@pytest.mark.django_db
def test_report_is_a_value(workspace: Workspace) -> None:
    first, second = report_of(workspace, sections=TEXT), report_of(workspace, sections=TEXT)
    assert isinstance(first, Report)
    assert first == second
    assert pdf_of(first) == pdf_of(second)
