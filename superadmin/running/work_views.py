"""Pages of the work queue: what waits, what is in hand, what was given up, and giving it another try."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import user_actor
from analyticbot.core.backlog import MOST_REPLAYED, STATES, backlogs, replay, replay_parked, work_models
from analyticbot.core.errors import AppError
from analyticbot.core.work import DueWork
from superadmin.details import Table, Way, link, moment
from superadmin.people.forms import NoForm
from superadmin.people.views import ask_page, staff_of
from superadmin.running.words import WORK_KINDS, WORK_STATES, work_name
from superadmin.site import site
from superadmin.tiers import Act, may, tier_required

_SHOWN = 100


@require_safe
@tier_required(Act.WORK_LOOK)
def overview(request: HttpRequest) -> HttpResponse:
    """Each kind of work with its counts."""
    found = list(backlogs())
    table = Table(
        _("Work that is not done"),
        (_("Work"), _("Due"), _("In hand"), _("Given up"), _("Waits since")),
        [
            (
                link(_called(one.table, one.kind), "admin:work-rows", one.table),
                one.due,
                one.leased,
                one.parked,
                moment(one.oldest),
            )
            for one in found
        ],
        _("Nothing waits, and nothing was given up."),
    )
    idle = [name for name in work_models() if name not in {one.table for one in found}]
    about = _("Work stands in rows that say when they are due. After eight failures a row is given up until replayed.")
    if idle:
        about += " " + _("Idle: %(names)s.") % {"names": ", ".join(str(work_name(name)) for name in idle)}
    return site.page(request, "superadmin/running/tables.html", title=_("Work"), about=about, tables=[table])


def _called(table: str, kind: str) -> str:
    name = str(work_name(table))
    return f"{name}: {WORK_KINDS.get(kind, kind)}" if kind else name


@require_safe
@tier_required(Act.WORK_LOOK)
def rows(request: HttpRequest, table: str) -> HttpResponse:
    """Rows of one table in each state, those that wait longest first."""
    model = _model(table)
    mine = model._default_manager.order_by("due_at", "pk")
    can_replay = may(request.user, Act.WORK_REPLAY)
    tables = []
    for state, condition in STATES.items():
        found = list(mine.filter(condition)[:_SHOWN])
        tables.append(_state_table(state, found, table=table, can_replay=can_replay))
    parked = model._default_manager.filter(STATES["parked"]).exists()
    ways = []
    if parked and may(request.user, Act.WORK_REPLAY_ALL):
        ways.append(Way(_("Replay all that was given up"), resolve_url("admin:work-replay-all", table)))
    about = _("The first %(most)s of each state.") % {"most": _SHOWN}
    return site.page(
        request, "superadmin/running/tables.html", title=str(work_name(table)), about=about, tables=tables, ways=ways
    )


def _state_table(state: str, found: list[Any], *, table: str, can_replay: bool) -> Table:
    replays = state == "parked" and can_replay
    headings = [_("Row"), _("Due"), _("Held by"), _("Failures"), _("Given up"), _("Last error")]
    shown = []
    for row in found:
        cells = [
            str(row),
            moment(row.due_at),
            row.leased_by or "–",
            row.attempts,
            moment(row.parked_at),
            row.last_error[:300] or "–",
        ]
        if replays:
            cells.append(link(_("Replay"), "admin:work-replay", table, row.pk))
        shown.append(tuple(cells))
    return Table(WORK_STATES[state], [*headings, ""] if replays else headings, shown, _("None."))


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.WORK_REPLAY)
def replay_one(request: HttpRequest, table: str, pk: str) -> HttpResponse:
    """Give one row another try."""
    row = _row(_model(table), pk)
    form = NoForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        try:
            replay(row, actor=user_actor(staff_of(request)), now=timezone.now())
        except AppError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("Due at once."))
            return redirect("admin:work-rows", table)
    says = _("It is tried again at once, as if it had never failed.")
    return ask_page(
        request, title=_("Replay"), says=says, form=form, subject=str(row), back=resolve_url("admin:work-rows", table)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.WORK_REPLAY_ALL)
def replay_all(request: HttpRequest, table: str) -> HttpResponse:
    """Give all parked rows of a table another try."""
    model = _model(table)
    back = resolve_url("admin:work-rows", table)
    form = NoForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        replayed = replay_parked(model, actor=user_actor(staff_of(request)), now=timezone.now())
        told = ngettext("%(count)s row is due at once.", "%(count)s rows are due at once.", replayed)
        messages.success(request, told % {"count": replayed})
        return HttpResponseRedirect(back)
    says = _("Up to %(most)s rows, those that were given up first. Mend the cause before, or they come back here.")
    return ask_page(
        request,
        title=_("Replay all"),
        says=says % {"most": MOST_REPLAYED},
        form=form,
        subject=work_name(table),
        back=back,
    )


def _model(table: str) -> type[DueWork]:
    model = work_models().get(table)
    if model is None:
        raise Http404
    return model


def _row(model: type[DueWork], pk: str) -> DueWork:
    try:
        row: DueWork | None = model._default_manager.filter(pk=pk).first()
    except (ValueError, ValidationError, OverflowError):
        row = None
    if row is None:
        raise Http404
    return row
