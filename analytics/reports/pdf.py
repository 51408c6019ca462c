"""A report as PDF: cover and headline, sentences, charts, posts, sources, and where the numbers come from."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.platypus import (
    BaseDocTemplate,
    CondPageBreak,
    Flowable,
    Frame,
    Image,
    KeepTogether,
    NextPageTemplate,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

from analyticbot.core.charts import words
from analytics.comparison import Direction
from analytics.metrics import METRICS
from analytics.reports.brand import Brand
from analytics.reports.models import Section
from analytics.reports.paper import (
    BAD,
    BOLD,
    GOOD,
    LINE,
    MARGIN,
    PLAIN,
    SOFT,
    SUNKEN,
    NumberedCanvas,
    marked,
    paragraph,
    plain_text,
    styles,
)
from analytics.reports.pictures import picture_of
from analytics.reports.report import Report, ReportFigure
from analytics.reports.sentences import shortened

_WIDTH, _HEIGHT = A4
_ROOM = _WIDTH - 2 * MARGIN
_COVER = 66 * mm
_LOGO = 15 * mm
_COLUMNS = 4


def pdf_of(report: Report) -> bytes:
    """The whole document. Letters are embedded, text can be searched and copied."""
    with translation.override(report.language):
        file = io.BytesIO()
        styles()
        story = [*_headline(report), *_sentences(report), *_charts(report), *_posts(report), *_sources(report)]
        story += _origins(report)
        document = _document(file, report)
        foot = f"{report.title} · {report.days_words} · {report.brand.name}"
        document.build([NextPageTemplate("later"), *story], canvasmaker=partial(NumberedCanvas, foot=foot))
        return file.getvalue()


def _document(file: io.BytesIO, report: Report) -> BaseDocTemplate:
    document = BaseDocTemplate(
        file,
        pagesize=A4,
        title=f"{plain_text(report.title)} · {report.days_words}",
        author=report.brand.name,
        subject=_("Statistics of a Telegram channel"),
        creator="AnalyticBot",
        lang=report.language,
        invariant=1,
    )
    bottom = 18 * mm
    first = Frame(MARGIN, bottom, _ROOM, _HEIGHT - bottom - _COVER - 6 * mm, 0, 0, 0, 0)
    later = Frame(MARGIN, bottom, _ROOM, _HEIGHT - bottom - 13 * mm, 0, 0, 0, 0)
    document.addPageTemplates(
        [
            PageTemplate("first", [first], onPage=lambda canvas, _document: _cover(canvas, report)),
            PageTemplate("later", [later]),
        ]
    )
    return document


def _cover(canvas: Any, report: Report) -> None:
    """The band at the head of the first page."""
    canvas.saveState()
    canvas.setFillColor(HexColor(report.brand.colour))
    canvas.rect(0, _HEIGHT - _COVER, _WIDTH, _COVER, stroke=0, fill=1)
    left = MARGIN + draw_logo(canvas, report.brand, top=_HEIGHT - 13 * mm)
    canvas.setFillColor(HexColor("#ffffff"))
    canvas.setFont(BOLD, 10)
    canvas.drawString(left, _HEIGHT - 13 * mm - 9, plain_text(report.brand.name))
    canvas.setFont(PLAIN, 8.5)
    made = _("Made on %(moment)s (%(zone)s)") % {"moment": report.made_words, "zone": report.period.zone}
    canvas.drawRightString(_WIDTH - MARGIN, _HEIGHT - 13 * mm - 9, made)
    block: list[Flowable] = [
        paragraph(marked(shortened(report.title)), "title"),
        paragraph(
            " · ".join(marked(part) for part in (report.handle, report.days_words) if part),
            "white",
        ),
        paragraph(
            marked(_("Compared with %(days)s") % {"days": report.previous_words}),
            "white-small",
        ),
    ]
    y = _HEIGHT - _COVER + 7 * mm
    for flowable in reversed(block):
        _used, height = flowable.wrap(_ROOM, _COVER)
        flowable.drawOn(canvas, MARGIN, y)
        y += height + 2
    canvas.restoreState()


def draw_logo(canvas: Any, brand: Brand, *, top: float) -> float:
    """The logo with its head at `top`; returns how much room it took, with the air beside it."""
    if brand.logo is None:
        return 0.0
    picture = ImageReader(io.BytesIO(brand.logo))
    across, down = picture.getSize()
    ratio = across / down
    width, height = (_LOGO * 2, _LOGO * 2 / ratio) if ratio > 2 else (_LOGO * ratio, _LOGO)  # noqa: PLR2004
    air = 2 * mm
    canvas.setFillColor(HexColor("#ffffff"))
    canvas.roundRect(MARGIN, top - height - air, width + 2 * air, height + 2 * air, 2 * mm, stroke=0, fill=1)
    canvas.drawImage(picture, MARGIN + air, top - height, width, height, mask="auto")
    return float(width + 2 * air + 4 * mm)


def _headline(report: Report) -> list[Flowable]:
    cells = [_figure(figure) for figure in report.figures]
    rows = [cells[start : start + _COLUMNS] for start in range(0, len(cells), _COLUMNS)]
    rows[-1] += [[]] * (_COLUMNS - len(rows[-1]))
    table = Table(rows, colWidths=[_ROOM / _COLUMNS] * _COLUMNS)
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BOX", (0, 0), (-1, -1), 0.6, LINE),
            ("INNERGRID", (0, 0), (-1, -1), 0.6, LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 8),
            ("RIGHTPADDING", (0, 0), (-1, -1), 6),
            ("TOPPADDING", (0, 0), (-1, -1), 7),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
        ]
    )
    return [table, *_gaps(report)]


def _figure(figure: ReportFigure) -> list[Flowable]:
    before = _("before: %(value)s") % {"value": figure.previous_shown}
    if figure.change is None:
        line = marked(before)
    else:
        colour = {Direction.UP: GOOD, Direction.DOWN: BAD}.get(figure.direction or Direction.SAME, SOFT)
        change = _("%(points)s pp") % {"points": figure.change} if figure.percent else figure.change
        line = f'<font name="{BOLD}" color="{colour.hexval().replace("0x", "#")}">{marked(change)}</font>'
        line += f"&nbsp; {marked(before)}"
    return [
        paragraph(marked(figure.label), "label"),
        paragraph(marked(figure.shown), "value"),
        paragraph(line, "label"),
    ]


def _gaps(report: Report) -> list[Flowable]:
    """Spans without observation, named."""
    if not report.gaps:
        return []
    spans, more = "; ".join(report.gap_words[:6]), "…" if len(report.gap_words) > 6 else ""  # noqa: PLR2004 - two lines
    text = _("Not observed, hatched in the charts: %(spans)s") % {"spans": spans + more}
    return [Spacer(0, 2 * mm), paragraph(marked(text), "small")]


def _sentences(report: Report) -> list[Flowable]:
    if not report.sentences:
        return []
    rows = [
        [
            paragraph(marked(sentence.text)),
            paragraph(f"{marked(sentence.metric)}<br/>{marked(sentence.source or _('nothing observed'))}", "small"),
            paragraph(f"<b>{marked(sentence.value)}</b>", "number"),
        ]
        for sentence in report.sentences
    ]
    table = Table(rows, colWidths=[_ROOM * 0.6, _ROOM * 0.26, _ROOM * 0.14])
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -2), 0.4, LINE),
            ("LEFTPADDING", (0, 0), (0, -1), 0),
            ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ]
    )
    return [_heading(Section.SENTENCES.label), table]


def _charts(report: Report) -> list[Flowable]:
    story: list[Flowable] = []
    for number, chart in enumerate(report.charts):
        picture, width, height = picture_of(chart)
        image = Image(io.BytesIO(picture), width=_ROOM, height=_ROOM * height / width)
        lead = [_heading(Section.CHARTS.label)] if number == 0 else []
        title = paragraph(marked(chart.title), "chart")
        story.append(KeepTogether([*lead, title, image]))
    return story


def _posts(report: Report) -> list[Flowable]:
    if not report.shows(Section.POSTS):
        return []
    names = ("views", "forwards", "reactions", "replies", "er_views")
    head = ["", _("Post"), *(_short(name) for name in names)]
    rows = [
        [
            paragraph(str(number), "small"),
            _post(report, post),
            *(_number(report, post[name], percent=name == "er_views") for name in names),
        ]
        for number, post in enumerate(report.posts, start=1)
    ]
    widths = [0.05, 0.43, 0.115, 0.105, 0.105, 0.095, 0.10]
    return _section(str(Section.POSTS.label), head, rows, widths, numbers_from=2, empty=_("No posts in this period."))


def _post(report: Report, post: Mapping[str, Any]) -> Paragraph:
    moment = words.moment_words(_moment(post["date"]), report.language, report.period.zone, year=False)
    title = marked(shortened(post["title"])) if post["title"] else ""
    title = title or f'<font color="#575b66">{marked(_("without text"))}</font>'
    if post["permalink"]:
        title = f'<link href="{marked(post["permalink"])}">{title}</link>'
    return paragraph(f'{title}<br/><font size="7" color="#575b66">{marked(moment)}</font>', "cell")


def _sources(report: Report) -> list[Flowable]:
    if not report.shows(Section.SOURCES):
        return []
    head = [_("Channel"), _("Kind"), _("Posts"), _("Views"), _("Subscribers")]
    kinds = {"mention": _("Mention"), "forward": _("Forward")}
    rows = [
        [
            paragraph(marked(shortened(row["src_title"] or row["src"])), "cell"),
            paragraph(marked(kinds.get(row["kind"], row["kind"])), "cell"),
            *(_number(report, row[name]) for name in ("count", "views", "src_subscribers")),
        ]
        for row in report.sources
    ]
    widths = [0.44, 0.17, 0.11, 0.13, 0.15]
    empty = _("No post of a collected channel pointed at this one.")
    return _section(str(Section.SOURCES.label), head, rows, widths, numbers_from=2, empty=empty)


def _origins(report: Report) -> list[Flowable]:
    head = [_("Number"), _("How it is counted"), _("Source"), _("Coverage")]
    rows = [
        [
            paragraph(f"{marked(figure.label)}<br/><b>{marked(figure.shown)}</b>", "cell"),
            paragraph("<br/>".join([marked(figure.formula), *(marked(note) for note in figure.notes)]), "small"),
            paragraph(_origin(report, figure), "small"),
            paragraph(
                words.UNKNOWN if figure.coverage is None else marked(words.percent(figure.coverage, report.language)),
                "head-number",
            ),
        ]
        for figure in report.figures
    ]
    widths = [0.2, 0.45, 0.24, 0.11]
    return _section(_("Where the numbers come from"), head, rows, widths, numbers_from=3, empty="")


def _origin(report: Report, figure: ReportFigure) -> str:
    """Whose word a number is, and as of when."""
    source = marked(figure.source or _("nothing observed in this period"))
    if figure.observed_at is None:
        return source
    moment = words.moment_words(figure.observed_at, report.language, report.period.zone, year=False)
    return f"{source}<br/>{marked(moment)}"


def _section(
    title: str,
    head: Sequence[str],
    rows: list[list[Flowable]],
    widths: Sequence[float],
    *,
    numbers_from: int,
    empty: str,
) -> list[Flowable]:
    heading = _heading(title)
    if not rows:
        return [KeepTogether([heading, paragraph(marked(empty), "empty")])]
    heads = [
        paragraph(marked(name), "head-number" if column >= numbers_from else "head") for column, name in enumerate(head)
    ]
    table = Table([heads, *rows], colWidths=[_ROOM * width for width in widths], repeatRows=1)
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), SUNKEN),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, LINE),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 2.6),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 2.8),
        ]
    )
    # A heading with a row or two beneath it, or on the next page.
    return [CondPageBreak(45 * mm), heading, table]


def _heading(title: Any) -> Paragraph:
    return paragraph(marked(str(title)), "heading")


def _short(name: str) -> str:
    return _("ER") if name == "er_views" else str(METRICS[name].label)


def _number(report: Report, value: float | int | None, *, percent: bool = False) -> Paragraph:
    text = words.percent(value, report.language) if percent else words.full_number(value, report.language)
    return paragraph(marked(text), "number")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
