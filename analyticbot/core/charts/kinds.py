"""One door to every kind of chart."""

from analyticbot.core.charts.band import Band, draw_band
from analyticbot.core.charts.drawing import draw_over_time
from analyticbot.core.charts.effects import Effects, draw_effects
from analyticbot.core.charts.heat import HeatMap, draw_heat_map
from analyticbot.core.charts.hours import Hours, draw_hours
from analyticbot.core.charts.shapes import Chart, RenderedChart

Drawable = Chart | HeatMap | Band | Effects | Hours


def draw(chart: Drawable) -> RenderedChart:
    """Markup, sentence and table of any chart. Raises ValueError for what cannot be laid out (an empty span)."""
    match chart:
        case Chart():
            return draw_over_time(chart)
        case HeatMap():
            return draw_heat_map(chart)
        case Band():
            return draw_band(chart)
        case Effects():
            return draw_effects(chart)
        case Hours():
            return draw_hours(chart)
