"""How a question about "lately" is asked: a width of time, and an end that follows channels whose data are old."""

from datetime import timedelta

from analytics.queries.spans import Span
from analytics.questions.asking import AskedOfChannel

# Enough posts behind each hour of the week, and still the audience of today.
USUAL = timedelta(days=180)


def span_of(asked: AskedOfChannel, width: timedelta) -> Span:
    """The span of that width that ends at `to`; without `to` it ends now, or with the latest post if that is older."""
    given = asked.parameters.text("to")
    return Span(width, asked.period.end if given else asked.now, fixed=given is not None)


def period_span(asked: AskedOfChannel) -> Span:
    """From `from` to `to` or now; without `from` the last 180 days, as `span_of` ends them."""
    if not asked.parameters.text("from"):
        return span_of(asked, USUAL)
    period = asked.period
    end = period.end if asked.parameters.text("to") else max(asked.now, period.start + timedelta(microseconds=1))
    return Span(end - period.start, end, fixed=True)
