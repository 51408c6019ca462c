"""The media kit as PDF: one page of A4, whatever its owner writes into it."""

import io
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Frame, KeepInFrame, Spacer, Table

from analyticbot.core.charts import words
from analytics.reports.kit import Kit
from analytics.reports.paper import BOLD, LINE, MARGIN, PLAIN, SOFT, SUNKEN, marked, paragraph, plain_text, styles
from analytics.reports.pdf import draw_logo
from analytics.reports.sentences import shortened

_WIDTH, _HEIGHT = A4
_ROOM = _WIDTH - 2 * MARGIN
_COVER = 58 * mm


def kit_pdf(kit: Kit) -> bytes:
    """The page. What the owner wrote too much of is drawn smaller, never cut."""
    with translation.override(kit.language):
        styles()
        file = io.BytesIO()
        canvas = Canvas(file, pagesize=A4, invariant=1, lang=kit.language)
        canvas.setTitle(f"{plain_text(kit.title)} · {_('Media kit')}")
        canvas.setAuthor(kit.brand.name)
        canvas.setSubject(_("Media kit of a Telegram channel"))
        canvas.setCreator("AnalyticBot")
        _cover(canvas, kit)
        height = _HEIGHT - _COVER - 26 * mm
        frame = Frame(MARGIN, 18 * mm, _ROOM, height, 0, 0, 0, 0)
        frame.addFromList([KeepInFrame(_ROOM, height, _story(kit), mode="shrink")], canvas)
        _foot(canvas, kit)
        canvas.showPage()
        canvas.save()
        return file.getvalue()


def _cover(canvas: Any, kit: Kit) -> None:
    canvas.saveState()
    canvas.setFillColor(HexColor(kit.brand.colour))
    canvas.rect(0, _HEIGHT - _COVER, _WIDTH, _COVER, stroke=0, fill=1)
    left = MARGIN + draw_logo(canvas, kit.brand, top=_HEIGHT - 13 * mm)
    canvas.setFillColor(HexColor("#ffffff"))
    canvas.setFont(BOLD, 10)
    canvas.drawString(left, _HEIGHT - 13 * mm - 9, plain_text(kit.brand.name))
    canvas.setFont(PLAIN, 9)
    canvas.drawRightString(_WIDTH - MARGIN, _HEIGHT - 13 * mm - 9, _("Media kit"))
    link = f'<link href="{kit.link}">{marked(kit.link)}</link>' if kit.link else ""
    y = _HEIGHT - _COVER + 8 * mm
    for flowable in (paragraph(link, "white"), paragraph(marked(shortened(kit.title)), "title")):
        _used, height = flowable.wrap(_ROOM, _COVER)
        flowable.drawOn(canvas, MARGIN, y)
        y += height + 2
    canvas.restoreState()


def _foot(canvas: Any, kit: Kit) -> None:
    canvas.setFillColor(SOFT)
    canvas.setFont(PLAIN, 7)
    told = _("Numbers of %(days)s, counted by AnalyticBot from public counters of Telegram")
    canvas.drawString(MARGIN, 10 * mm, plain_text(told % {"days": kit.days_words}))


def _story(kit: Kit) -> list[Flowable]:
    story: list[Flowable] = []
    if kit.about:
        story += [paragraph(marked(kit.about)), Spacer(0, 5 * mm)]
    story += [_figures(kit), Spacer(0, 5 * mm), _facts(kit)]
    if kit.languages:
        story += [_heading(_("Languages of the audience")), _languages(kit)]
    if kit.posts:
        story += [_heading(_("Top posts")), _posts(kit)]
    if kit.prices:
        story += [_heading(_("Prices")), *(paragraph(marked(line)) for line in kit.prices)]
    if kit.contact:
        story += [_heading(_("Contact")), paragraph(f"<b>{marked(kit.contact)}</b>")]
    return story


def _heading(text: str) -> Flowable:
    return paragraph(marked(text), "heading")


def _figures(kit: Kit) -> Table:
    cells = [
        [
            paragraph(marked(figure.label), "label"),
            paragraph(marked(figure.shown), "value"),
            paragraph(marked(figure.hint), "label"),
        ]
        for figure in kit.figures
    ]
    table = Table([cells], colWidths=[_ROOM / len(cells)] * len(cells))
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BOX", (0, 0), (-1, -1), 0.6, LINE),
            ("INNERGRID", (0, 0), (-1, -1), 0.6, LINE),
            ("TOPPADDING", (0, 0), (-1, -1), 8),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 8),
        ]
    )
    return table


def _facts(kit: Kit) -> Table | Spacer:
    if not kit.facts:
        return Spacer(0, 0)
    rows = [[paragraph(marked(name), "small"), paragraph(marked(text))] for name, text in kit.facts]
    return _plain(rows, (0.28, 0.72))


def _languages(kit: Kit) -> Table:
    rows = [
        [paragraph(marked(name)), paragraph(marked(words.percent(share, kit.language, digits=0)), "number"), ""]
        for name, share in kit.languages
    ]
    table = _plain(rows, (0.28, 0.12, 0.6))
    for line, (_name, share) in enumerate(kit.languages):
        bar = Table([[""]], colWidths=[_ROOM * 0.58 * share / 100], rowHeights=[6])
        bar.setStyle([("BACKGROUND", (0, 0), (-1, -1), HexColor(kit.brand.colour))])
        bar.hAlign = "LEFT"
        table._cellvalues[line][2] = bar
    return table


def _posts(kit: Kit) -> Table:
    rows = []
    for post in kit.posts:
        title = marked(shortened(post["title"])) if post["title"] else marked(_("without text"))
        if post["permalink"]:
            title = f'<link href="{marked(post["permalink"])}">{title}</link>'
        views = _("%(number)s views") % {"number": post["views_words"]}
        rows.append([paragraph(title), paragraph(marked(post["when"]), "small"), paragraph(marked(views), "number")])
    return _plain(rows, (0.62, 0.16, 0.22), headed=False)


def _plain(rows: list[list[Any]], widths: tuple[float, ...], *, headed: bool = True) -> Table:
    table = Table(rows, colWidths=[_ROOM * width for width in widths])
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("LEFTPADDING", (0, 0), (0, -1), 6),
            ("TOPPADDING", (0, 0), (-1, -1), 4.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4.5),
            *([("BACKGROUND", (0, 0), (0, -1), SUNKEN)] if headed else []),
        ]
    )
    return table
