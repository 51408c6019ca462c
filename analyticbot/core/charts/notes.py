"""Marks of notes on the time axis: the reader's own are round, automatic ones are diamonds."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.html import escape

from analyticbot.core.charts import words
from analyticbot.core.charts.markup import px
from analyticbot.core.charts.shapes import Chart, Mark, NoteLine

# Notes nearer than this many percent share a badge; badges nearer than that stand in two lines: on a narrow screen
# they would cover each other.
_NEAR, _BESIDE = 5.0, 24.0
_LINE = 20
_HALF = 9
_LONGEST = 3


@dataclass(frozen=True, slots=True)
class Note:
    """A mark with its final label."""

    label: str
    mark: Mark


@dataclass(frozen=True, slots=True)
class Cluster:
    """Notes that share a badge, and where each of them lies, in percent."""

    notes: tuple[Note, ...]
    places: tuple[float, ...]
    line: int = 0  # from the top

    @property
    def label(self) -> str:
        """One label; of several the first and the last number, or the first and how many more."""
        first, last = self.notes[0].label, self.notes[-1].label
        if len(self.notes) == 1:
            return first
        numbered = all(not note.mark.label for note in self.notes)
        return f"{first}–{last}" if numbered else f"{first}+{len(self.notes) - 1}"


def notes_of(chart: Chart) -> tuple[Note, ...]:
    """The marks within the span in order of time, each with a label of its own or its number.

    One that began before the chart and reaches into it stands at its edge.
    """
    inside = sorted((mark for mark in chart.marks if _touches(chart, mark)), key=lambda mark: (mark.at, mark.text))
    return tuple(Note(mark.label[:_LONGEST] or str(number), mark) for number, mark in enumerate(inside, 1))


def lines_of(chart: Chart) -> tuple[NoteLine, ...]:
    """The notes as they are told below the chart."""
    return tuple(
        NoteLine(note.label, _when(note.mark, chart), note.mark.text, note.mark.address) for note in notes_of(chart)
    )


def _touches(chart: Chart, mark: Mark) -> bool:
    end = mark.until or mark.at
    return mark.at < chart.end and (mark.at >= chart.start or end > chart.start)


def _when(mark: Mark, chart: Chart) -> str:
    if mark.until is None:
        return words.day(mark.at, chart.language, chart.zone)
    return words.span(mark.at, mark.until, chart.language, chart.zone)


def _place(chart: Chart, at: datetime) -> float:
    share = (at - chart.start) / (chart.end - chart.start) * 100
    return min(max(share, 0.0), 100.0)


def clusters_of(chart: Chart) -> tuple[Cluster, ...]:
    """The notes, those that lie close together as one."""
    clusters: list[Cluster] = []
    for note in notes_of(chart):
        x = _place(chart, note.mark.at)
        if clusters and x - clusters[-1].places[0] < _NEAR:
            last = clusters[-1]
            clusters[-1] = Cluster((*last.notes, note), (*last.places, x))
        else:
            clusters.append(Cluster((note,), (x,)))
    return _in_lines(clusters)


def _in_lines(clusters: list[Cluster]) -> tuple[Cluster, ...]:
    """Badges that would cover each other in turns above and below."""
    ends = [-_BESIDE, -_BESIDE]
    placed = []
    for cluster in clusters:
        x = cluster.places[0]
        line = 0 if x - ends[0] >= _BESIDE or x - ends[1] < _BESIDE else 1
        ends[line] = x
        placed.append(replace(cluster, line=line))
    return tuple(placed)


def room_for(clusters: tuple[Cluster, ...]) -> int:
    """Pixels that badges take above the plot."""
    return _LINE * (1 + max(cluster.line for cluster in clusters)) if clusters else 0


def drawn(chart: Chart, *, top: int, bottom: int) -> str:
    """A thin line for each note, down to `bottom`, a shade over its span, a badge above the plot for each cluster."""
    clusters = clusters_of(chart)
    parts = [_shade(chart, note.mark, top=top, bottom=bottom) for note in notes_of(chart) if note.mark.until]
    for cluster in clusters:
        top = cluster.line * _LINE + 2 * _HALF + 1
        parts.extend(
            f'<line class="chart__mark" x1="{px(x)}%" x2="{px(x)}%" y1="{top}" y2="{bottom}" '
            'stroke="#575b66" stroke-width="1" stroke-dasharray="2 3"/>'
            for x in cluster.places
        )
    return "".join([*parts, *map(_badge, clusters)])


def _shade(chart: Chart, mark: Mark, *, top: int, bottom: int) -> str:
    left, right = _place(chart, mark.at), _place(chart, mark.until or mark.at)
    return (
        f'<rect class="chart__span" x="{px(left)}%" y="{top}" width="{px(right - left)}%" height="{bottom - top}" '
        f'fill="#575b66" fill-opacity=".09"/>'
    )


def _badge(cluster: Cluster) -> str:
    automatic = all(note.mark.automatic for note in cluster.notes)
    wide = 6 + 3.5 * len(cluster.label)
    if automatic:
        # A lozenge.
        tip, edge = px(wide + 3), px(wide - 5)
        shape = f'<path d="M-{tip} 0L-{edge}-9H{edge}L{tip} 0L{edge} 9H-{edge}Z"'
    else:
        shape = f'<rect x="{px(-wide)}" y="-9" width="{px(2 * wide)}" height="18" rx="9"'
    kind = "chart__badge chart__badge--own" if not automatic else "chart__badge"
    fill = "#ffffff" if automatic else "#575b66"
    ink = "#1b1d22" if automatic else "#ffffff"
    title = escape("; ".join(note.mark.text for note in cluster.notes))
    # At the edges a badge is moved inwards.
    x = min(max(cluster.places[0], 0.0), 100.0)
    inwards = px((wide + 4) * (1 if x < 4 else -1 if x > 96 else 0))  # noqa: PLR2004 - about half a badge
    y = cluster.line * _LINE + _HALF + 1
    return (
        f'<svg x="{px(x)}%" y="{y}" overflow="visible"><g class="{kind}" transform="translate({inwards} 0)">'
        f'<title>{title}</title>{shape} fill="{fill}" stroke="#575b66"/>'
        f'<text y="4" text-anchor="middle" font-size="11" fill="{ink}">{escape(cluster.label)}</text></g></svg>'
    )
