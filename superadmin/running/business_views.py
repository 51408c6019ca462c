"""The business page: sign-ups, active workspaces, channels, plans, and who stays."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analyticbot.core.charts import Chart, Point, RenderedChart, Shape, draw
from billing.plans import Plan
from superadmin.details import Fact, Table
from superadmin.running import business
from superadmin.site import site
from superadmin.tiers import Act, tier_required


@require_safe
@tier_required(Act.BUSINESS_LOOK)
def overview(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    found = business.summary(now=timezone.now())
    return site.page(
        request,
        "superadmin/running/business.html",
        title=_("Business"),
        about=_("Sums over everybody, by UTC days, made every five minutes. Active: somebody was here."),
        figures=_figures(found.numbers),
        charts=[
            _daily("sign-ups", _("Sign-ups a day"), found.sign_ups, now=found.at),
            _daily("added", _("Channels added a day"), found.channels_added, now=found.at, colour=3),
        ],
        tables=[_retention(found.cohorts), _plans(found.plans)],
    )


def _figures(found: business.Numbers) -> list[Fact]:
    told = (
        (_("People"), found.people),
        (_("New in 7 days"), found.new_people),
        (_("Workspaces"), found.workspaces),
        (_("Active in 7 days"), found.active_week),
        (_("Active in 28 days"), found.active_month),
        (_("Workspaces with channels"), found.with_channels),
        (_("Channels tracked"), found.channels),
        (_("Of them owned"), found.owned_channels),
    )
    return [Fact(label, f"{count:,}") for label, count in told]


def _daily(name: str, title: str, counts: Mapping[date, int], *, now: datetime, colour: int = 1) -> RenderedChart:
    """Days without any are 0 here: every row of the tables is known."""
    end = datetime.combine(now.date() + timedelta(days=1), time(), tzinfo=UTC)
    days = [end - timedelta(days=back) for back in range(business.DAYS, 0, -1)]
    points = tuple(Point(day, counts.get(day.date(), 0), until=day + timedelta(days=1)) for day in days)
    chart = Chart(
        name=f"business-{name}",
        title=title,
        shape=Shape.BARS,
        points=points,
        start=days[0],
        end=end,
        zone=ZoneInfo("UTC"),
        language=get_language() or "en",
        colour=colour,
        height=190,
    )
    return draw(chart)


def _retention(cohorts: Sequence[business.Cohort]) -> Table:
    headings = [_("Week of signing up"), _("People")]
    headings += [_("Here after %(weeks)s wk") % {"weeks": weeks} for weeks in business.RETURNS]
    rows = [
        (
            one.week.isoformat(),
            f"{one.people:,}",
            *("–" if count is None else f"{count / one.people:.0%} ({count:,})" for count in one.returned),
        )
        for one in cohorts
    ]
    return Table(_("Who stays"), headings, rows, _("Nobody has signed up in these weeks."))


def _plans(found: Mapping[Plan, int]) -> Table:
    everything = sum(found.values())
    rows = [
        (plan.label, f"{count:,}", f"{count / everything:.0%}" if everything else "–") for plan, count in found.items()
    ]
    return Table(_("Plans"), (_("Plan"), _("Workspaces"), _("Share")), rows, "")
