"""The pages of the sections: find the channel, read the address, let the section ask, render."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analytics.live.page import live_of, stamped, unchanged
from analytics.pages import card_of
from analytics.period import zone_named
from analytics.picker import pick
from analytics.queries.segments import SEGMENT_NAMES
from analytics.questions.asking import ChannelHead, Reader
from analytics.sections.places import SECTIONS, Section, chips_of, tabs_of
from analytics.sections.visit import PERIOD_NAMES, Visit, segment_of
from analytics.views import is_partial, page
from channels_app.models import Relation, TrackedChannel
from channels_app.queries import find_tracked, status_of


def section_view(name: str) -> Callable[..., HttpResponse]:
    """The view of one section."""
    section = SECTIONS[name]

    @require_safe
    @page(Permission.ANALYTICS_READ)
    def view(request: WorkspaceRequest, name: str) -> HttpResponse:
        if (same := unchanged(request, name, moves_every=section.moves_every)) is not None:
            return same
        tracked = find_tracked(request.access.workspace, name)
        if tracked is None:
            raise Http404
        return _section_page(request, section, tracked)

    return view


def _section_page(request: WorkspaceRequest, section: Section, tracked: TrackedChannel) -> HttpResponse:
    visit, problem = _visit(request, section, tracked)
    unreadable = visit.card.failed and visit.card.posts is None
    until = visit.picked.period.end
    live = live_of(request, tracked, until=until, now=visit.now, moves_every=section.moves_every)
    context: dict[str, Any] = {"picked": visit.picked, "problem": problem, "visit": visit, "live": live}
    # What a section finds out (of which days it really told) goes before what the address asked for.
    context |= {} if unreadable else dict(section.build(visit))
    context |= {
        "section": "channels",
        "card": visit.card,
        "part": section,
        "unreadable": unreadable,
        "tabs": tabs_of(visit.card.status.name, section.name, visit.elsewhere),
        "chips": chips_of(visit),
        "unfiltered": visit.address(**dict.fromkeys(SEGMENT_NAMES)),
    }
    template = "section.html#report" if is_partial(request) else "section.html"
    return stamped(render(request, template, context), live)


def _visit(request: WorkspaceRequest, section: Section, tracked: TrackedChannel) -> tuple[Visit, str | None]:
    """The visit, and what of the filters was not understood."""
    workspace, now = request.access.workspace, timezone.now()
    parameters: QueryDict = request.GET
    texts = {name: value for name in parameters if (value := parameters.get(name))}
    segment, problem = segment_of(texts)
    card = card_of(status_of(tracked))
    kept = {name: texts[name] for name in (*SEGMENT_NAMES, *section.own) if texts.get(name) and name != "cursor"}
    picked = pick(texts, now=now, zone=zone_named(workspace.time_zone), oldest=card.status.sync.oldest, keep=kept)
    visit = Visit(
        card=card,
        head=_head(tracked),
        reader=Reader(workspace.pk, workspace.time_zone, get_language() or "en"),
        parameters=texts,
        own=section.own,
        picked=picked,
        chosen=any(texts.get(name) for name in PERIOD_NAMES) and picked.error is None,
        segment=segment,
        now=now,
    )
    return visit, problem


def _head(tracked: TrackedChannel) -> ChannelHead:
    channel = tracked.channel
    return ChannelHead(
        id=channel.pk,
        tg_id=channel.tg_id,
        username=channel.username,
        title=channel.title,
        version=channel.version,
        owned=tracked.relation == Relation.OWNED,
    )
