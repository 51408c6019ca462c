"""Several channels side by side over one period: numbers of the whole, of the period before, and of each step.

All of them are read together: two to five statements however many channels there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from django.utils.translation import gettext as _

from analyticbot.core.errors import InvalidInput
from analytics.queries.figures import Span, figures
from analytics.queries.question import Number, StatsQuery
from analytics.queries.statistics import StepWidth, steps_of

# Steps of all channels together; each is looked up by itself.
MAX_STEPS_IN_ALL = 4000

Numbers = Mapping[str, Number]


@dataclass(frozen=True, slots=True)
class ComparedChannel:
    """One channel's numbers by metric name: of the period, of the equal one before, and of each step."""

    channel_id: int
    totals: Numbers
    previous: Numbers
    series: tuple[Numbers, ...]


@dataclass(frozen=True, slots=True)
class ComparedChannels:
    """The channels in the order asked, over the same steps (first moment, end exclusive)."""

    steps: tuple[tuple[datetime, datetime], ...]
    channels: tuple[ComparedChannel, ...]


def compare_channels(
    queries: Sequence[StatsQuery], *, metrics: Sequence[str], window: StepWidth = StepWidth.DAY
) -> ComparedChannels:
    """Numbers of each query's channel; all queries have the same period, `now` and segment.

    InvalidInput for more than MAX_STEPS_IN_ALL steps.
    """
    first = queries[0]
    period, previous = first.period, first.period.previous
    steps = steps_of(period, window, now=first.now)
    if len(steps) * len(queries) > MAX_STEPS_IN_ALL:
        raise InvalidInput(
            _("The period has too many steps for so many channels: choose a shorter one or wider steps."), field="from"
        )
    spans = [
        span
        for query in queries
        for span in (
            Span(query.channel_id, period.start, period.end, query.owned),
            Span(query.channel_id, previous.start, previous.end, query.owned),
            *(Span(query.channel_id, start, end, query.owned, is_step=True) for start, end in steps),
        )
    ]
    found = iter([{name: numbers[name] for name in metrics} for numbers in figures(first, spans, metrics)])
    channels = [
        ComparedChannel(query.channel_id, next(found), next(found), tuple(islice(found, len(steps))))
        for query in queries
    ]
    return ComparedChannels(steps, tuple(channels))
