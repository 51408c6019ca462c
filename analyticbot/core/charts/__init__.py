"""Charts as SVG, made on the server: frozen input in, markup, text summary and table out. No request, no database."""

from analyticbot.core.charts.drawing import draw
from analyticbot.core.charts.shapes import Chart, Gap, Point, RenderedChart, Row, Shape
from analyticbot.core.charts.spark import sparkline

__all__ = ["Chart", "Gap", "Point", "RenderedChart", "Row", "Shape", "draw", "sparkline"]
