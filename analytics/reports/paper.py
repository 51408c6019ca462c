"""What every PDF of ours is made with: fonts that know Latin, Cyrillic and Uzbek letters, styles, page numbers."""

import re
from functools import lru_cache
from typing import Any

from django.utils.html import escape
from django.utils.translation import gettext as _
from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from analyticbot.core.charts.files import FONT
from analyticbot.core.charts.words import NO_BREAK

PLAIN, BOLD = "DejaVuSans", "DejaVuSans-Bold"
INK, SOFT, LINE, SUNKEN = HexColor("#1b1d22"), HexColor("#575b66"), HexColor("#e4e1da"), HexColor("#f7f6f3")
GOOD, BAD, WHITE = HexColor("#0a6b47"), HexColor("#b3261e"), HexColor("#ffffff")
MARGIN = 18 * mm
_HOLES = re.compile("[ \u00a0]*\u200b+")


@lru_cache(maxsize=1)
def known_letters() -> frozenset[int]:
    """Code points that the fonts can draw. Registers them with reportlab, once."""
    plain, bold = TTFont(PLAIN, str(FONT)), TTFont(BOLD, str(FONT.with_name("DejaVuSans-Bold.ttf")))
    for font in (plain, bold):
        pdfmetrics.registerFont(font)
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)
    return frozenset(plain.face.charToGlyph) & frozenset(bold.face.charToGlyph)


def plain_text(text: str) -> str:
    """The text on one line, without what cannot be drawn: emoji, controls, and spaces that stood before them."""
    letters = known_letters()
    drawn = "".join(letter if ord(letter) in letters else "\u200b" for letter in text)
    # An emoji goes with the blank before it.
    drawn = _HOLES.sub("", drawn)
    return " ".join(drawn.split(" ")).strip() if NO_BREAK in drawn else " ".join(drawn.split())


def marked(text: str) -> str:
    """The text as reportlab's paragraphs take it: nothing in it is markup."""
    return str(escape(plain_text(text)))


def style(name: str, **changes: Any) -> ParagraphStyle:
    """A style of ours by what is different about it."""
    known_letters()
    usual: dict[str, Any] = {"fontName": PLAIN, "fontSize": 9, "leading": 12.5, "textColor": INK, "splitLongWords": 1}
    return ParagraphStyle(name, **(usual | changes))


@lru_cache(maxsize=1)
def styles() -> dict[str, ParagraphStyle]:
    """All styles by name."""
    return {
        "text": style("text"),
        "small": style("small", fontSize=7.5, leading=10, textColor=SOFT),
        "cell": style("cell", fontSize=8, leading=10.5),
        "number": style("number", fontSize=8, leading=10.5, alignment=TA_RIGHT),
        "head": style("head", fontSize=7, leading=9, textColor=SOFT),
        "head-number": style("head-number", fontSize=7, leading=9, textColor=SOFT, alignment=TA_RIGHT),
        "heading": style("heading", fontName=BOLD, fontSize=13, leading=17, spaceBefore=5 * mm, spaceAfter=2.5 * mm),
        "chart": style("chart", fontName=BOLD, fontSize=10, leading=13, spaceBefore=3 * mm, spaceAfter=1 * mm),
        "label": style("label", fontSize=7.5, leading=9.5, textColor=SOFT),
        "value": style("value", fontName=BOLD, fontSize=17, leading=21),
        "title": style("title", fontName=BOLD, fontSize=23, leading=28, textColor=WHITE),
        "white": style("white", fontSize=10.5, leading=14, textColor=WHITE),
        "white-small": style("white-small", fontSize=8.5, leading=11.5, textColor=WHITE),
        "empty": style("empty", fontSize=9, leading=12.5, textColor=SOFT),
    }


def paragraph(text: str, name: str = "text") -> Paragraph:
    """Trusted markup (see `marked`) in one of the styles."""
    return Paragraph(text, styles()[name])


class NumberedCanvas(Canvas):  # type: ignore[misc]  # reportlab has no types
    """Writes "page 2 of 5" and a line of origin below each page, once it is known how many there are."""

    def __init__(self, *args: Any, foot: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._foot = plain_text(foot)
        self._kept: list[dict[str, Any]] = []

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Keep the page until the number of pages is known."""
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write all pages."""
        for number, kept in enumerate(self._kept, start=1):
            self.__dict__.update(kept)
            self._foot_of(number, len(self._kept))
            super().showPage()
        super().save()

    def _foot_of(self, number: int, total: int) -> None:
        width, _height = self._pagesize
        self.setStrokeColor(LINE)
        self.setLineWidth(0.5)
        self.line(MARGIN, 14 * mm, width - MARGIN, 14 * mm)
        self.setFillColor(SOFT)
        self.setFont(PLAIN, 7)
        self.drawString(MARGIN, 10 * mm, self._foot)
        words = _("Page %(number)s of %(total)s") % {"number": number, "total": total}
        self.drawRightString(width - MARGIN, 10 * mm, words)
