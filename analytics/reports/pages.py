"""A report as HTML: the same template on a page of the product and as a file of its own."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

from analyticbot.core.assets import squeezed
from analyticbot.core.charts import draw
from analytics.reports.kit import Kit
from analytics.reports.models import Section
from analytics.reports.report import Report
from analytics.sections.words import MEDIA

_STYLES = ("tokens.css", "base.css", "components.css", "charts.css", "reports.css")


def report_context(report: Report) -> Mapping[str, Any]:
    """What the template of a report takes. Call it in the report's language."""
    kinds = {"mention": translation.gettext("Mention"), "forward": translation.gettext("Forward")}
    return {
        "report": report,
        "logo": picture_address(report.brand.logo),
        "drawings": [draw(chart) for chart in report.charts],
        "posts": [
            {**post, "media_label": MEDIA.get(post["media"]) if post["media"] != "none" else None}
            for post in report.posts
        ],
        "sources": [
            {**row, "title": row["src_title"] or row["src"], "kind_label": kinds.get(row["kind"], row["kind"])}
            for row in report.sources
        ],
        "shows_posts": report.shows(Section.POSTS),
        "shows_sources": report.shows(Section.SOURCES),
        "labels": {section.value: section.label for section in Section},
    }


def html_of(report: Report) -> bytes:
    """The report as one file that needs nothing else: styles and pictures are in it, and no script."""
    with translation.override(report.language), timezone.override(report.period.zone):
        context = {**report_context(report), "styles": styles()}
        return render_to_string("reports/file.html", context).encode()


def kit_html(kit: Kit) -> bytes:
    """The media kit as one file that needs nothing else."""
    with translation.override(kit.language), timezone.override(kit.period.zone):
        context = {"kit": kit, "logo": picture_address(kit.brand.logo), "styles": styles(), "report": kit}
        return render_to_string("reports/kit_file.html", context).encode()


def styles() -> str:
    """The style sheets of the product, for a file of its own."""
    folder = Path(settings.BASE_DIR) / "static" / "css"
    text = "\n".join(squeezed((folder / name).read_text(encoding="utf-8")) for name in _STYLES)
    return mark_safe(text)  # noqa: S308 - files of ours


def picture_address(content: bytes | None) -> str | None:
    """A PNG as an address that holds it."""
    return None if content is None else "data:image/png;base64," + base64.b64encode(content).decode()
