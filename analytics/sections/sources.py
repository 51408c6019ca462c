"""Who points at the channel, whom it points at, its place among cited channels, and how others of its size do."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.metrics import METRICS
from analytics.questions.answering import Answer
from analytics.sections.choices import choices_of
from analytics.sections.explaining import told
from analytics.sections.visit import Visit

OWN = ("direction", "kind")
_MOST = "50"
_DIRECTIONS = {"in": gettext_lazy("Who points at this channel"), "out": gettext_lazy("Whom it points at")}
_KINDS = {
    "": gettext_lazy("Mentions and forwards"),
    "mention": gettext_lazy("Mentions"),
    "forward": gettext_lazy("Forwards"),
}
KINDS_OF_SOURCE = {"mention": gettext_lazy("Mention"), "forward": gettext_lazy("Forward")}
# What the number of posts is.
POINTING = (
    gettext_lazy("Posts"),
    gettext_lazy("Posts of the period that forward the channel, name it or link to it; each post counts once."),
)


def build(visit: Visit) -> Mapping[str, Any]:
    """What the section shows."""
    direction = visit.word("direction", _DIRECTIONS, "in")
    kind = visit.word("kind", _KINDS, "")
    asked = {"direction": direction, "limit": _MOST} | ({"kind": kind} if kind else {})
    answer = visit.ask("sources", asked)
    return {
        "direction": direction,
        "directions": choices_of(visit, "direction", _DIRECTIONS, direction, default="in"),
        "kinds": choices_of(visit, "kind", _KINDS, kind, default=""),
        "rows": tuple(_row(row, "src" if direction == "in" else "dst") for row in answer.data),
        "total": answer.more["total"],
        "total_posts": answer.more["total_posts"],
        "official": _official(answer.more["official"]),
        "told": told(
            answer.provenance["count"],
            [POINTING],
            _("Views are those of the mentioning posts. A forward shows its original's counter, so it has none."),
        ),
        **_citation(visit),
        **_benchmarks(visit),
    }


def _row(row: Mapping[str, Any], other: str) -> Mapping[str, Any]:
    name = row[other]
    return {
        **row,
        "name": name,
        "title": row[f"{other}_title"] or name,
        "subscribers": row[f"{other}_subscribers"],
        "link": None if name.lstrip("-").isdigit() else f"https://t.me/{name}",
        "kind_label": KINDS_OF_SOURCE[row["kind"]],
    }


def _official(found: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Telegram's figures by kind of source, most first; None for watchers."""
    if found is None:
        return None
    return {
        **found,
        "views": _most_first(found["views_by_source"].items()),
        "followers": _most_first(found["new_followers_by_source"].items()),
        "percent": None if found["coverage"] is None else found["coverage"] * 100,
    }


def _most_first(items: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    return sorted(items, key=lambda item: (-(item[1] or 0), item[0]))


def _citation(visit: Visit) -> Mapping[str, Any]:
    if not visit.card.status.id:
        return {"citation": None, "citation_run": None}
    answer: Answer = visit.ask_workspace("citation-index", channels=visit.card.status.name)
    return {
        "citation": answer.data[0] if answer.data else None,
        "citation_run": answer.more,
        "citation_told": told(answer.provenance["rank"], [(_("Citation index"), _CITATION)]),
    }


_CITATION = gettext_lazy(
    "How often a reader who follows mentions and forwards from channel to channel would arrive here (PageRank); "
    "1 is the mean of all public channels that are collected."
)


def _benchmarks(visit: Visit) -> Mapping[str, Any]:
    if not visit.card.status.id:
        return {"standings": ()}
    answer: Answer = visit.ask_workspace("benchmarks", channel=visit.card.status.name)
    bands = {(row["subscribers_from"], row["metric"]): row for row in answer.data["bands"]}
    rows = [
        {
            **row,
            "label": METRICS[row["metric"]].label,
            "formula": METRICS[row["metric"]].formula,
            "ratio": row["metric"] == "virality",
            "band": bands.get((row["subscribers_from"], row["metric"])),
        }
        for row in answer.data["standing"]
    ]
    return {
        "standings": rows,
        "band": rows[0] if rows else None,
        "benchmarks_run": answer.more,
        "benchmarks_told": told(
            next(iter(answer.provenance.values()), None),
            [(row["label"], row["formula"]) for row in rows],
            _("Over the last 30 whole days, among public channels that are collected. Your place is the share of the "
              "other channels of the band that are below; a tie counts half."),
        ),
    }  # fmt: skip
