"""Who points at the channel, whom it points at, its place among cited channels, and how others of its size do."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.metrics import METRICS
from analytics.questions.answering import Answer
from analytics.sections.choices import choices_of
from analytics.sections.explaining import told
from analytics.sections.figures import row_change
from analytics.sections.over_time import days_words
from analytics.sections.telegram_names import spoken
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
    earlier = visit.before.ask("sources", asked) if visit.before else None
    return {
        "compared": days_words(visit.before),
        "direction": direction,
        "directions": choices_of(visit, "direction", _DIRECTIONS, direction, default="in"),
        "kinds": choices_of(visit, "kind", _KINDS, kind, default=""),
        "rows": tuple(_row(row, "src" if direction == "in" else "dst", earlier) for row in answer.data),
        "earliest": _earliest(answer.data, "src" if direction == "in" else "dst"),
        "total": answer.more["total"],
        "total_posts": answer.more["total_posts"],
        "official": _official(answer.more["official"]),
        "told": told(
            answer.provenance["count"],
            [POINTING],
            _("Views are those of the mentioning posts. A forward shows its original's counter, so it has none."),
        ),
        **_of_today(visit),
    }


def _of_today(visit: Visit) -> Mapping[str, Any]:
    """Its place and its standing, which are those of today: a shared link over days long past does not tell them."""
    if visit.doors.locked and visit.picked.period.end < visit.now - timedelta(days=1):
        return {"of_today": False}
    return {"of_today": True, **_citation(visit), **_benchmarks(visit)}


def _earliest(rows: Iterable[Mapping[str, Any]], other: str) -> Mapping[str, Any] | None:
    """Who was first in the period, and when."""
    first = min(rows, key=lambda row: row["first_at"], default=None)
    return {"title": first[f"{other}_title"] or first[other], "at": first["first_at"]} if first else None


def _row(row: Mapping[str, Any], other: str, earlier: Answer | None) -> Mapping[str, Any]:
    name = row[other]
    then = (
        next((one for one in earlier.data if (one[other], one["kind"]) == (name, row["kind"])), None) if earlier else {}
    )
    # Who is not among all of the earlier ones was not there; of a list that was cut nobody knows.
    none = {"count": 0, "views": 0} if earlier and earlier.more["total"] <= len(earlier.data) else {}
    return {
        "count_change": row_change("posts", {"posts": row["count"]}, {"posts": (then or none).get("count")}),
        "views_change": row_change("views", row, then or none),
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
    return [(spoken(name), count) for name, count in sorted(items, key=lambda item: (-(item[1] or 0), item[0]))]


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
