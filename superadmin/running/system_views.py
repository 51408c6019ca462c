"""The live system page: figures of the moment, curves of 24 hours, processes, tables, statements and waits."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import Error as DatabaseError
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analyticbot.core.heartbeat import ACCOUNT_KIND, ALIVE_FOR
from analyticbot.core.models import Heartbeat
from mtproto.models import FloodWaitRow
from superadmin.details import Fact, Table, link, moment
from superadmin.running.curves import SPAN, answered, charts_of, latency_of, requests_of, samples_since
from superadmin.running.models import SystemSample
from superadmin.running.sampling import Values, read_state
from superadmin.site import site
from superadmin.tiers import Act, tier_required

_SHOWN = 15
# What is still well, and what somebody should look at: seconds, shares.
_LATE, _VERY_LATE = 60, 600
_LAG, _GREAT_LAG = 900, 3_600
_DISK_LOW, _DISK_SHORT = 0.2, 0.1
_LONG_TRANSACTION = 300

_TABLES = """
SELECT coalesce(i.inhparent::regclass::text, s.relname) AS name, sum(pg_total_relation_size(s.relid)) AS size,
  CASE WHEN NOT bool_or(c.reltuples < 0 AND pg_relation_size(s.relid) > 0)
    THEN sum(greatest(c.reltuples, 0))::bigint END AS rows
FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid LEFT JOIN pg_inherits i ON i.inhrelid = s.relid
WHERE c.relkind <> 'p'
GROUP BY 1 ORDER BY 2 DESC LIMIT %s
"""
_STATEMENTS = """
SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 200), calls, mean_exec_time, total_exec_time, rows
FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
ORDER BY total_exec_time DESC LIMIT %s
"""


@require_safe
@tier_required(Act.SYSTEM_LOOK)
def overview(request: HttpRequest) -> HttpResponse:
    """The whole page."""
    now = timezone.now()
    zone = ZoneInfo(timezone.get_current_timezone_name())
    samples = samples_since(now - SPAN)
    charts = charts_of(samples, now=now, zone=zone, language=get_language() or "en")
    return site.page(
        request,
        "superadmin/running/system.html",
        title=_("System"),
        figures=_figures(now),
        charts=charts,
        tables=[_processes(now), _floods(now), largest_tables(), _statements()],
        sampled=bool(samples),
    )


@require_safe
@tier_required(Act.SYSTEM_LOOK)
def present(request: HttpRequest) -> HttpResponse:
    """The figures alone, for the page that is open."""
    now = timezone.now()
    return site.page(request, "superadmin/running/figures.html", title=_("System"), figures=_figures(now), now=now)


def _figures(now: datetime) -> list[Fact]:
    state = read_state(now=now)
    before = SystemSample.objects.filter(at__lt=now).order_by("-at").first()
    return [
        *_work_figures(state),
        *_collecting_figures(state),
        *_answer_figures(state, before, now=now),
        *_store_figures(state),
    ]


def _work_figures(state: Values) -> list[Fact]:
    age = state.get("queue_age")
    parked = state.get("parked")
    return [
        Fact(_("Due work"), _count(state.get("due"))),
        Fact(_("Longest wait"), _seconds(age), _tone(age, _LATE, _VERY_LATE)),
        Fact(_("In hand"), _count(state.get("leased"))),
        Fact(_("Given up"), _count(parked), "warn" if parked else "good" if parked == 0 else ""),
    ]


def _collecting_figures(state: Values) -> list[Fact]:
    lag, floods = state.get("sync_lag"), state.get("floods")
    alive = state.get("processes", {})
    return [
        Fact(_("Collectors"), _count(alive.get("collector", 0)), "good" if alive.get("collector") else "warn"),
        Fact(_("Workers"), _count(alive.get("worker", 0)), "good" if alive.get("worker") else "bad"),
        Fact(_("Telegram accounts in use"), _count(state.get("accounts"))),
        Fact(_("Channel looked at longest ago"), _seconds(lag), _tone(lag, _LAG, _GREAT_LAG)),
        Fact(_("Flood waits"), _count(floods), "warn" if floods else "good" if floods == 0 else ""),
    ]


def _answer_figures(state: Values, before: SystemSample | None, *, now: datetime) -> list[Fact]:
    """Since the last sample, which is a minute or two ago."""
    risen = answered(before.values, state) if before else None
    if before is None or risen is None:
        return [Fact(_("Requests a minute"), "–")]
    minutes = max((now - before.at).total_seconds() / 60, 1 / 60)
    total, failed = requests_of(risen), risen.get("n|5xx", 0)
    late = latency_of(risen, 0.95)
    return [
        Fact(_("Requests a minute"), f"{total / minutes:.0f}"),
        Fact(_("Errors of ours"), _count(failed), "bad" if failed else "good"),
        Fact(_("Time to answer (95 of 100)"), "–" if late is None else f"{late * 1000:.0f} ms"),
    ]


def _store_figures(state: Values) -> list[Fact]:
    free, total = state.get("disk_free"), state.get("disk_total")
    share = free / total if free is not None and total else None
    tone = "" if share is None else "bad" if share < _DISK_SHORT else "warn" if share < _DISK_LOW else "good"
    longest = state.get("longest_transaction")
    return [
        Fact(_("Database"), _bytes(state.get("database_bytes"))),
        Fact(_("Connections to it"), _count(state.get("connections"))),
        Fact(_("Longest transaction"), _seconds(longest), _tone(longest, _LATE, _LONG_TRANSACTION)),
        Fact(_("Cache"), _bytes(state.get("cache_bytes"))),
        Fact(_("Disk free"), "–" if share is None else f"{_bytes(free)} ({share:.0%})", tone),
    ]


def _processes(now: datetime) -> Table:
    rows = Heartbeat.objects.exclude(kind=ACCOUNT_KIND).order_by("kind", "name")[:100]
    return Table(
        _("Processes"),
        (_("Kind"), _("Process"), _("Since"), _("Last sign of life"), _("State")),
        [
            (
                one.kind,
                one.name,
                moment(one.started_at),
                _seconds((now - one.seen_at).total_seconds()),
                _("alive") if now - one.seen_at < ALIVE_FOR else _("silent"),
            )
            for one in rows
        ],
        _("None has given a sign of life."),
    )


def _floods(now: datetime) -> Table:
    rows = FloodWaitRow.objects.filter(until__gt=now).select_related("account").order_by("-until")[:_SHOWN]
    return Table(
        _("Flood waits that run"),
        (_("Account"), _("Method"), _("Still")),
        [
            (
                link(one.account, "admin:mtproto_telegramaccount_change", one.account_id),
                one.method,
                _seconds((one.until - now).total_seconds()),
            )
            for one in rows
        ],
        _("None."),
    )


def largest_tables() -> Table:
    """Tables with their partitions, by size. Rows are the database's own estimate; a dash before it has made one."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [_SHOWN])
        rows = cursor.fetchall()
    return Table(
        _("Largest tables"),
        (_("Table"), _("Size"), _("Rows, about")),
        [(name, filesizeformat(int(size)), _count(count)) for name, size, count in rows],
        _("None."),
    )


def _statements() -> Table:
    """By the database's own account, where its operator has put pg_stat_statements in."""
    title, headings = _("Statements that take most time"), (_("Statement"), _("Calls"), _("Mean"), _("Altogether"))
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_STATEMENTS, [_SHOWN])
            rows = cursor.fetchall()
    except DatabaseError:
        return Table(title, headings, [], _("The database keeps no account of them: pg_stat_statements is not there."))
    shown = [(query, f"{calls:,}", f"{mean:.1f} ms", _seconds(total / 1000)) for query, calls, mean, total, _n in rows]
    return Table(title, headings, shown, _("None yet."))


def _count(value: Any) -> str:
    return "–" if value is None else f"{int(value):,}"


def _bytes(value: Any) -> str:
    return "–" if value is None else str(filesizeformat(int(value)))


def _seconds(value: float | None) -> str:
    """In the unit that fits."""
    if value is None:
        return "–"
    minutes = int(value // 60)
    if value < 120:  # noqa: PLR2004 - two minutes in seconds
        return _("%(count)d s") % {"count": value}
    if minutes < 120:  # noqa: PLR2004 - two hours in minutes
        return _("%(count)d min") % {"count": minutes}
    if minutes < 48 * 60:
        return _("%(count)d h") % {"count": minutes // 60}
    days = minutes // 60 // 24
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}


def _tone(value: float | None, fair: float, poor: float) -> str:
    if value is None:
        return ""
    return "good" if value < fair else "warn" if value < poor else "bad"
