"""The media kit as a picture: one upright screen, to be posted as it is."""

import base64
import re
from collections.abc import Iterator

import resvg_py
from django.utils import translation
from django.utils.html import escape
from django.utils.translation import gettext as _
from reportlab.pdfbase import pdfmetrics

from analyticbot.core.charts import words
from analyticbot.core.charts.files import FONT
from analytics.reports.kit import Kit
from analytics.reports.paper import BOLD, PLAIN, known_letters, plain_text
from analytics.reports.sentences import shortened

WIDTH, HEIGHT = 1080, 1350
_MARGIN = 64
_ROOM = WIDTH - 2 * _MARGIN
_INK, _SOFT, _LINE, _WHITE = "#1b1d22", "#575b66", "#e4e1da", "#ffffff"
_COVER = 270
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def kit_png(kit: Kit) -> bytes:
    """The picture, 1080 × 1350 pixels. What does not fit at the end is left out: the PDF has all of it."""
    with translation.override(kit.language):
        document = _NOT_XML.sub("", kit_svg(kit))
    fonts = [str(FONT), str(FONT.with_name("DejaVuSans-Bold.ttf"))]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=document,
            skip_system_fonts=True,
            font_files=fonts,
            font_family="DejaVu Sans",
            sans_serif_family="DejaVu Sans",
        )
    )


def kit_svg(kit: Kit) -> str:
    """The drawing, in words of the active language."""
    known_letters()
    sheet = _Sheet()
    _cover(sheet, kit)
    _figures(sheet, kit)
    if kit.about:
        sheet.lines(kit.about, size=25, most=3, after=18)
    for name, text in kit.facts:
        sheet.row(name, text)
    if kit.languages:
        shares = (f"{name} {words.percent(share, kit.language, digits=0)}" for name, share in kit.languages)
        sheet.row(_("Languages"), " · ".join(shares), wide=0.25)
    if kit.posts and sheet.fits(150):
        sheet.heading(_("Top posts"))
        for post in kit.posts:
            title = shortened(post["title"]) if post["title"] else _("without text")
            sheet.row(title, _("%(number)s views") % {"number": post["views_words"]}, wide=0.7)
    if kit.prices and sheet.fits(120):
        sheet.heading(_("Prices"))
        sheet.lines(" · ".join(kit.prices), size=25, most=3, after=14)
    if kit.contact and sheet.fits(60):
        sheet.lines(kit.contact, size=28, most=1, after=0, bold=True, colour=kit.brand.colour)
    told = _("Numbers of %(days)s, counted by AnalyticBot") % {"days": kit.days_words}
    sheet.text(_MARGIN, HEIGHT - 40, told, size=20, colour=_SOFT)
    return sheet.document()


def _cover(sheet: "_Sheet", kit: Kit) -> None:
    sheet.parts.append(f'<rect width="{WIDTH}" height="{_COVER}" fill="{kit.brand.colour}"/>')
    left = _MARGIN
    if kit.brand.logo:
        address = "data:image/png;base64," + base64.b64encode(kit.brand.logo).decode()
        sheet.parts.append(
            f'<rect x="{_MARGIN}" y="36" width="96" height="96" rx="14" fill="{_WHITE}"/>'
            f'<image x="{_MARGIN + 8}" y="44" width="80" height="80" href="{address}"/>'
        )
        left += 120
    sheet.text(left, 80, kit.brand.name, size=26, bold=True, colour=_WHITE)
    sheet.text(WIDTH - _MARGIN, 80, _("Media kit"), size=26, colour=_WHITE, end=True)
    size = next(size for size in (60, 50, 42, 36, 30) if size == 30 or _wide(kit.title, size, bold=True) <= _ROOM)  # noqa: PLR2004
    sheet.text(_MARGIN, 190, _cut(kit.title, size, _ROOM, bold=True), size=size, bold=True, colour=_WHITE)
    sheet.text(_MARGIN, 236, kit.link or kit.handle or "", size=28, colour=_WHITE)
    sheet.y = _COVER + 30


def _figures(sheet: "_Sheet", kit: Kit) -> None:
    """Two and two."""
    wide, high = _ROOM / 2, 128
    for number, figure in enumerate(kit.figures):
        x, y = _MARGIN + (number % 2) * wide, sheet.y + (number // 2) * high
        sheet.text(x, y + 24, figure.label, size=22, colour=_SOFT)
        sheet.text(x, y + 74, figure.shown, size=50, bold=True)
        sheet.text(x, y + 104, _cut(figure.hint, 20, wide - 20), size=20, colour=_SOFT)
    sheet.y += high * ((len(kit.figures) + 1) // 2) + 12


class _Sheet:
    """What is drawn so far, and how far down it reaches."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = 0.0

    def fits(self, height: float) -> bool:
        """Whether there is room for that much above the last line."""
        return self.y + height <= HEIGHT - 70

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: int,
        bold: bool = False,
        colour: str = _INK,
        end: bool = False,
    ) -> None:
        """One line at its base line."""
        more = ' font-weight="bold"' if bold else ""
        more += ' text-anchor="end"' if end else ""
        words_of = escape(plain_text(text))
        self.parts.append(f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}"{more}>{words_of}</text>')

    def lines(self, text: str, *, size: int, most: int, after: int, bold: bool = False, colour: str = _INK) -> None:
        """Several lines, as many as there is room for."""
        for line in _wrapped(plain_text(text), size, _ROOM, most, bold=bold):
            if not self.fits(size * 1.4):
                return
            self.y += size * 1.4
            self.text(_MARGIN, self.y, line, size=size, bold=bold, colour=colour)
        self.y += after

    def heading(self, text: str) -> None:
        """What follows."""
        self.y += 46
        self.text(_MARGIN, self.y, text, size=28, bold=True)
        self.y += 8

    def row(self, name: str, text: str, *, wide: float = 0.36) -> None:
        """A line of two texts above a thin rule; nothing when there is no room."""
        if not self.fits(52):
            return
        self.y += 38
        left, right = _ROOM * wide - 16, _ROOM * (1 - wide)
        self.text(_MARGIN, self.y, _cut(plain_text(name), 23, left), size=23, colour=_SOFT if wide < 0.5 else _INK)  # noqa: PLR2004
        self.text(WIDTH - _MARGIN, self.y, _cut(plain_text(text), 23, right), size=23, bold=True, end=True)
        self.y += 14
        self.parts.append(f'<path d="M{_MARGIN} {self.y:g}H{WIDTH - _MARGIN}" stroke="{_LINE}" stroke-width="1.5"/>')

    def document(self) -> str:
        """The whole drawing."""
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{_WHITE}"/>'
            f"<g font-family=\"'DejaVu Sans', sans-serif\">{''.join(self.parts)}</g></svg>"
        )


def _wide(text: str, size: int, *, bold: bool = False) -> float:
    return float(pdfmetrics.stringWidth(plain_text(text), BOLD if bold else PLAIN, size))


def _cut(text: str, size: int, room: float, *, bold: bool = True) -> str:
    """The text, cut with an ellipsis where it is wider than `room`."""
    if _wide(text, size, bold=bold) <= room:
        return text
    while text and _wide(text + "…", size, bold=bold) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def _wrapped(text: str, size: int, room: float, most: int, *, bold: bool) -> Iterator[str]:
    """Lines of whole words; the last one is cut where there is more."""
    line, done = "", 0
    rest = text.split(" ")
    while rest and done < most - 1:
        word = rest[0]
        if line and _wide(f"{line} {word}", size, bold=bold) > room:
            yield _cut(line, size, room, bold=bold)
            line, done = "", done + 1
            continue
        line = f"{line} {word}" if line else word
        rest.pop(0)
    last = " ".join([line, *rest]).strip()
    if last:
        yield _cut(last, size, room, bold=bold)
