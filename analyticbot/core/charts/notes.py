"""Marks of notes on the time axis: the reader's own are round, automatic ones are diamonds."""

from dataclasses import dataclass

from django.utils.html import escape

from analyticbot.core.charts.frame import Frame
from analyticbot.core.charts.markup import px
from analyticbot.core.charts.shapes import Chart, Mark

# Badges nearer than this many percent share one: on a narrow screen they would cover each other.
_NEAR = 5.0
_ROOM = 10
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

    @property
    def label(self) -> str:
        """One label, or the first and how many more."""
        first = self.notes[0].label
        return first if len(self.notes) == 1 else f"{first}+{len(self.notes) - 1}"


def notes_of(chart: Chart) -> tuple[Note, ...]:
    """The marks within the span in order of time, each with a label of its own or its number."""
    inside = sorted((mark for mark in chart.marks if chart.start <= mark.at < chart.end), key=lambda mark: mark.at)
    return tuple(Note(mark.label[:_LONGEST] or str(number), mark) for number, mark in enumerate(inside, 1))


def clusters_of(chart: Chart, frame: Frame) -> tuple[Cluster, ...]:
    """The notes, those that lie close together as one."""
    clusters: list[Cluster] = []
    for note in notes_of(chart):
        x = frame.x(note.mark.at)
        if clusters and x - clusters[-1].places[0] < _NEAR:
            last = clusters[-1]
            clusters[-1] = Cluster((*last.notes, note), (*last.places, x))
        else:
            clusters.append(Cluster((note,), (x,)))
    return tuple(clusters)


def drawn(clusters: tuple[Cluster, ...], frame: Frame) -> str:
    """A thin line for each note and a badge above the plot for each cluster."""
    parts: list[str] = []
    for cluster in clusters:
        bottom = frame.top + frame.plot
        parts.extend(
            f'<line class="chart__mark" x1="{px(x)}%" x2="{px(x)}%" y1="{frame.top - 11}" y2="{bottom}" '
            'stroke="#575b66" stroke-width="1" stroke-dasharray="2 3"/>'
            for x in cluster.places
        )
        parts.append(_badge(cluster))
    return "".join(parts)


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
    return (
        f'<svg x="{px(x)}%" y="{_ROOM}" overflow="visible"><g class="{kind}" transform="translate({inwards} 0)">'
        f'<title>{title}</title>{shape} fill="{fill}" stroke="#575b66"/>'
        f'<text y="4" text-anchor="middle" font-size="11" fill="{ink}">{escape(cluster.label)}</text></g></svg>'
    )
