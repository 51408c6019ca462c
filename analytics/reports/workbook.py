"""A report as a workbook: summary, days, top posts, sources; numbers as numbers, texts never as formulas."""

import io
from datetime import date, datetime
from typing import Any

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _

from analyticbot.core.charts import words
from analytics.exports.writers import heading_of
from analytics.metrics import METRICS, Unit
from analytics.reports.models import Section
from analytics.reports.report import Report

# What Excel can hold in a cell (its own limit).
_LONGEST = 32_767
_MOMENTS = {"ru": "dd.mm.yyyy hh:mm", "uz": "dd.mm.yyyy hh:mm"}
_DAYS = {"ru": "dd.mm.yyyy", "uz": "dd.mm.yyyy"}
_POST = ("views", "forwards", "reactions", "replies", "er_views")


def xlsx_of(report: Report) -> bytes:
    """The whole workbook. Nothing in a title, however it begins, becomes a formula or a link by itself."""
    file = io.BytesIO()
    safe = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with translation.override(report.language):
        book = xlsxwriter.Workbook(file, safe)
        try:
            # A workbook has no language of its own; when it was made is not when this machine wrote it.
            book.set_properties(
                {
                    "title": f"{report.title} · {report.days_words}",
                    "author": report.brand.name,
                    "created": _wall(report),
                }
            )
            writer = _Writer(book, report)
            writer.summary()
            writer.days()
            if report.shows(Section.POSTS):
                writer.posts()
            if report.shows(Section.SOURCES):
                writer.sources()
        finally:
            book.close()
    return file.getvalue()


def _wall(report: Report) -> datetime:
    return report.made_at.astimezone(report.period.zone).replace(tzinfo=None)


class _Writer:
    """Writes the sheets one after the other."""

    def __init__(self, book: Any, report: Report) -> None:
        self.book, self.report, self.zone = book, report, report.period.zone
        language = report.language
        self.title = book.add_format({"bold": True, "font_size": 16, "font_color": report.brand.colour})
        self.soft = book.add_format({"font_color": "#575b66"})
        self.head = book.add_format({"bold": True, "bottom": 1, "valign": "top", "text_wrap": True})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.whole = book.add_format({"num_format": "#,##0"})
        self.part = book.add_format({"num_format": "#,##0.0###"})
        # Figures in percent are written as they are, not as fractions, like everywhere in the product.
        self.percent = book.add_format({"num_format": '0.0##"%"'})
        self.moment = book.add_format({"num_format": _MOMENTS.get(language, "yyyy-mm-dd hh:mm"), "align": "left"})
        self.day = book.add_format({"num_format": _DAYS.get(language, "yyyy-mm-dd"), "align": "left"})

    def summary(self) -> None:
        """Headline numbers with comparison and origin; the sentences below them."""
        page, report = self._page(_("Summary"), (30, 16, 16, 16, 30, 20, 12, 60))
        self._text(page, 0, 0, report.title, self.title)
        parts = (report.handle, report.days_words, str(report.period.zone))
        self._text(page, 1, 0, " · ".join(part for part in parts if part), self.soft)
        self._text(page, 2, 0, _("Compared with %(days)s") % {"days": report.previous_words}, self.soft)
        self._text(page, 3, 0, _("Made on"), self.soft)
        page.write_datetime(3, 1, _wall(report), self.moment)
        names = (
            _("Number"), _("This period"), _("Period before"), _("Difference"), _("Source"), _("Last observed"),
            _("Coverage"), _("How it is counted"),
        )  # fmt: skip
        self._heads(page, 5, names)
        for line, figure in enumerate(report.figures, start=6):
            self._text(page, line, 0, figure.label)
            self._number(page, line, 1, figure.value, percent=figure.percent)
            self._number(page, line, 2, figure.previous, percent=figure.percent)
            self._number(page, line, 3, figure.difference, percent=figure.percent)
            self._text(page, line, 4, figure.source or _("nothing observed in this period"))
            self._moment(page, line, 5, figure.observed_at)
            self._number(page, line, 6, figure.coverage, percent=True)
            self._text(page, line, 7, " ".join((figure.formula, *figure.notes)))
        line = self._sentences(page, 7 + len(report.figures))
        for number, gap in enumerate(report.gap_words):
            self._text(page, line + number, 0, _("Not observed") if number == 0 else "")
            self._text(page, line + number, 1, gap)

    def _sentences(self, page: Any, line: int) -> int:
        """Each with its row: metric, value, source. Returns the line after them."""
        if not self.report.sentences:
            return line
        self._heads(page, line, (_("What was measured"), _("Value"), _("Source"), "", str(Section.SENTENCES.label)))
        for row, sentence in enumerate(self.report.sentences, start=line + 1):
            self._text(page, row, 0, sentence.metric)
            self._text(page, row, 1, sentence.value)
            self._text(page, row, 2, sentence.source or _("nothing observed"))
            self._text(page, row, 4, sentence.text)
        return line + 2 + len(self.report.sentences)

    def days(self) -> None:
        """One row for each local day."""
        report = self.report
        page, _report = self._page(_("By day"), (14, *(14 for _name in report.daily)))
        self._heads(page, 0, (_("Day"), *(heading_of(name) for name in report.daily)))
        for line, row in enumerate(report.days, start=1):
            page.write_datetime(line, 0, _day(row["t"], report), self.day)
            for column, name in enumerate(report.daily, start=1):
                self._number(page, line, column, row[name], percent=METRICS[name].unit is Unit.PERCENT)
        page.freeze_panes(1, 1)

    def posts(self) -> None:
        """The best posts of the period."""
        page, report = self._page(str(Section.POSTS.label), (6, 18, 60, 12, 12, 12, 12, 12, 40))
        names = (*(heading_of(name) for name in _POST), _("Address"))
        self._heads(page, 0, ("#", _("Published"), _("Post"), *names))
        for line, post in enumerate(report.posts, start=1):
            self._number(page, line, 0, line)
            self._moment(page, line, 1, datetime.fromisoformat(post["date"]))
            self._text(page, line, 2, post["title"] or "")
            for column, name in enumerate(_POST, start=3):
                self._number(page, line, column, post[name], percent=name == "er_views")
            self._text(page, line, 3 + len(_POST), post["permalink"] or "")
        page.freeze_panes(1, 0)

    def sources(self) -> None:
        """Who pointed at the channel."""
        page, report = self._page(_("Sources"), (40, 24, 14, 10, 12, 14, 18, 18))
        heads = (
            _("Channel"), _("Username"), _("Kind"), _("Posts"), _("Views"), _("Subscribers"), _("First"), _("Last"),
        )  # fmt: skip
        self._heads(page, 0, heads)
        kinds = {"mention": _("Mention"), "forward": _("Forward")}
        for line, row in enumerate(report.sources, start=1):
            self._text(page, line, 0, row["src_title"] or row["src"])
            self._text(page, line, 1, row["src"])
            self._text(page, line, 2, kinds.get(row["kind"], row["kind"]))
            for column, name in enumerate(("count", "views", "src_subscribers"), start=3):
                self._number(page, line, column, row[name])
            self._moment(page, line, 6, datetime.fromisoformat(row["first_at"]))
            self._moment(page, line, 7, datetime.fromisoformat(row["last_at"]))
        page.freeze_panes(1, 0)

    def _page(self, name: str, widths: tuple[int, ...]) -> tuple[Any, Report]:
        page = self.book.add_worksheet(name[:31])
        for column, width in enumerate(widths):
            page.set_column(column, column, width)
        page.set_landscape()
        page.set_paper(9)  # A4
        page.fit_to_pages(1, 0)
        return page, self.report

    def _heads(self, page: Any, line: int, names: tuple[str, ...]) -> None:
        for column, name in enumerate(names):
            self._text(page, line, column, name, self.head)

    def _text(self, page: Any, line: int, column: int, text: str, look: Any = None) -> None:
        page.write_string(line, column, str(text)[:_LONGEST], look)

    def _number(self, page: Any, line: int, column: int, value: float | int | None, *, percent: bool = False) -> None:
        """An unknown number leaves its cell empty: it is no zero."""
        if not words.is_known(value):
            return
        look = self.percent if percent else self.whole if float(value).is_integer() else self.part
        page.write_number(line, column, value, look)

    def _moment(self, page: Any, line: int, column: int, moment: datetime | None) -> None:
        if moment is not None:
            page.write_datetime(line, column, moment.astimezone(self.zone).replace(tzinfo=None), self.moment)


def _day(text: str, report: Report) -> date:
    return datetime.fromisoformat(text).astimezone(report.period.zone).date()
