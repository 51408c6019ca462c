"""Charts as SVG, made on the server: frozen input in, markup, text summary and table out. No request, no database."""

from analyticbot.core.charts.band import Band, Reached, Usual
from analyticbot.core.charts.effects import Effect, Effects
from analyticbot.core.charts.heat import Cell, HeatMap
from analyticbot.core.charts.hours import Hours
from analyticbot.core.charts.kinds import Drawable, draw
from analyticbot.core.charts.shapes import Chart, Comparison, Gap, Mark, Point, RenderedChart, Row, Series, Shape
from analyticbot.core.charts.spark import sparkline

__all__ = [
    "Band",
    "Cell",
    "Chart",
    "Comparison",
    "Drawable",
    "Effect",
    "Effects",
    "Gap",
    "HeatMap",
    "Hours",
    "Mark",
    "Point",
    "Reached",
    "RenderedChart",
    "Row",
    "Series",
    "Shape",
    "Usual",
    "draw",
    "sparkline",
]
