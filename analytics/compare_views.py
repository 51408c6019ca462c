"""The comparison of channels: `?channels=@a,@b&metric=…` and the period picker's parameters."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core.errors import AppError
from analytics.compare_pages import COMPARED, DEFAULT, CompareReport, compare_report, name_of, title_of
from analytics.picker import ALL, Picked, pick
from analytics.queries import StatsQuery
from analytics.queries.segments import SEGMENT_NAMES, Segment
from analytics.questions.asking import ChannelHead, Reader, ask_workspace
from analytics.questions.several import MAX_CHANNELS, all_tracked, channels_asked
from analytics.saved.work import segments_for_workspace
from analytics.sections.places import Chip
from analytics.sections.tools import SavedChoice, saved_choices
from analytics.sections.visit import ZONE, segment_of
from analytics.sections.words import segment_words
from analytics.views import is_partial, page, zone_of
from channels_app.queries import channels_for_workspace, status_of

_CHANNELS = "channels"


@require_safe
@page(Permission.ANALYTICS_READ)
def compare(request: WorkspaceRequest) -> HttpResponse:
    """Up to ten channels side by side."""
    chosen = request.GET.getlist(_CHANNELS)
    if len(chosen) > 1:  # as a form sends ticked boxes; the address of the page names them once
        others = {name: value for name, value in request.GET.items() if name != _CHANNELS}
        together = urlencode({_CHANNELS: ",".join(chosen), **others}, safe=",@")
        return redirect(f"{reverse('pages:compare')}?{together}")
    names = chosen[0] if chosen else ""
    metric = request.GET.get("metric", "")
    metric = metric if metric in COMPARED else DEFAULT
    workspace, now = request.access.workspace, timezone.now()
    segment, problem = segment_of(request.GET.dict())
    reader = Reader(workspace.pk, workspace.time_zone, get_language() or "en")
    report, picked, error, status = None, None, None, 200
    try:
        heads = channels_asked(ask_workspace(reader, {_CHANNELS: names}, now=now)) if names else ()
        if heads:
            picked, report = _report(request, heads, metric, segment, now=now)
    except AppError as problem:
        heads, error, status = (), problem.message, int(problem.status)
    context = {
        "section": "compare",
        "report": report,
        "picked": picked,
        "error": error or problem,
        "part": {"has_filters": True},
        **_filters(request, segment),
        "choices": [(name_of(head), title_of(head), head in heads) for head in all_tracked(reader) if name_of(head)],
        "kept": _kept(request, metric),
        "most": MAX_CHANNELS,
    }
    template = "compare.html#report" if is_partial(request) else "compare.html"
    return render(request, template, context, status=status)


def _report(
    request: WorkspaceRequest, heads: tuple[ChannelHead, ...], metric: str, segment: Segment, *, now: datetime
) -> tuple[Picked, CompareReport]:
    zone = zone_of(request)
    filters = {name: request.GET[name] for name in (ZONE, *SEGMENT_NAMES) if request.GET.get(name)}
    together = {_CHANNELS: ",".join(map(name_of, heads)), "metric": metric, **filters}
    oldest = _oldest(request, heads) if request.GET.get("period") == ALL else None
    picked = pick(request.GET, now=now, zone=zone, oldest=oldest, keep=together)
    queries = [StatsQuery(head.id, picked.period, owned=head.owned, now=now, segment=segment) for head in heads]
    kept = together | {name: request.GET[name] for name in _OF_THE_PERIOD if request.GET.get(name)}
    return picked, compare_report(heads, queries, picked, metric, kept)


def _filters(request: WorkspaceRequest, segment: Segment) -> dict[str, Any]:
    """The filters that hold and those that are saved, as links to this page."""
    kept = {name: value for name, value in request.GET.items() if value}

    def address(**changes: str | None) -> str:
        changed = {**kept, **changes}
        return "?" + urlencode([(name, value) for name, value in changed.items() if value], safe=",@")

    held = [(name, getattr(segment, name)) for name in SEGMENT_NAMES]
    saved: tuple[SavedChoice, ...] = saved_choices(
        segments_for_workspace(request.access.workspace.pk), address=address, held=segment
    )
    return {
        "chips": [
            Chip(segment_words(name, value), address(**{name: None})) for name, value in held if value is not None
        ],
        "unfiltered": address(**dict.fromkeys(SEGMENT_NAMES)),
        "saved": saved,
        "can_save": request.access.allows(Permission.SEGMENTS_WRITE),
        "here": request.get_full_path(),
    }


_OF_THE_PERIOD = ("period", "first", "last", "from", "to")


def _kept(request: WorkspaceRequest, metric: str) -> dict[str, str]:
    """What a new choice of channels leaves as it is."""
    names = (*_OF_THE_PERIOD, ZONE, *SEGMENT_NAMES)
    kept = {name: request.GET[name] for name in names if request.GET.get(name)}
    return kept | ({"metric": metric} if metric != DEFAULT else {})


def _oldest(request: WorkspaceRequest, heads: tuple[ChannelHead, ...]) -> datetime | None:
    """Publication of the oldest post of any of them."""
    rows: Any = channels_for_workspace(request.access.workspace).filter(channel_id__in=[head.id for head in heads])
    return min((moment for row in rows if (moment := status_of(row).sync.oldest)), default=None)
