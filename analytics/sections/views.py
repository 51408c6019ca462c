"""The pages of the sections: find the channel, read the address, let the section ask, render."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analytics.comparison import CHANNEL, COMPARE
from analytics.live.page import live_of, stamped, unchanged
from analytics.pages import card_of
from analytics.period import zone_named
from analytics.picker import pick
from analytics.queries.segments import SEGMENT_NAMES
from analytics.questions.asking import ChannelHead, Reader
from analytics.questions.several import all_tracked
from analytics.saved.work import segments_for_workspace
from analytics.sections.downloads import downloads_of
from analytics.sections.places import Section, chips_of, section_named, tabs_of
from analytics.sections.tools import channel_way, comparing_of, saved_of, zones_of
from analytics.sections.visit import CURSOR, PERIOD_NAMES, ZONE, Visit, segment_of
from analytics.views import is_partial, page, zone_of
from channels_app.models import Relation, TrackedChannel
from channels_app.queries import find_tracked, status_of


def section_view(name: str) -> Callable[..., HttpResponse]:
    """The view of one section."""
    section = section_named(name)

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
    visit, problem = visit_of(request, section, tracked)
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
        # A year of rows beside each drawing: `chart.js` unfolds them when there is time.
        "tables_wait": True,
        "tabs": tabs_of(visit.card.status.name, section.name, visit.elsewhere),
        "chips": chips_of(visit),
        "unfiltered": visit.address(**dict.fromkeys(SEGMENT_NAMES)),
        **_tools(request, section, visit, unreadable=unreadable),
    }
    template = "section.html#report" if is_partial(request) else "section.html"
    return stamped(render(request, template, context), live)


def _tools(request: WorkspaceRequest, section: Section, visit: Visit, *, unreadable: bool) -> dict[str, Any]:
    """What stands beside the period."""
    access = request.access
    others = all_tracked(visit.reader) if section.beside else ()
    saved = segments_for_workspace(access.workspace.pk) if section.has_filters else ()
    return {
        "saved": saved_of(visit, saved),
        "downloads": () if unreadable else downloads_of(visit, section.name, access),
        "can_save": access.allows(Permission.SEGMENTS_WRITE),
        "here": request.get_full_path(),
        "comparing": comparing_of(visit, others) if section.compares else None,
        "zones": zones_of(
            visit, workspace=zone_named(access.workspace.time_zone), own=zone_named(access.user.time_zone)
        ),
    }


def visit_of(request: WorkspaceRequest, section: Section, tracked: TrackedChannel) -> tuple[Visit, str | None]:
    """The visit, and what of the filters was not understood."""
    workspace, now, zone = request.access.workspace, timezone.now(), zone_of(request)
    parameters: QueryDict = request.GET
    texts = {name: value for name in parameters if (value := parameters.get(name))}
    segment, problem = segment_of(texts)
    card = card_of(status_of(tracked))
    if section.beside and texts.get(COMPARE, "").startswith(CHANNEL):
        others = {channel_way(head) for head in all_tracked(Reader(workspace.pk, workspace.time_zone))}
        if texts[COMPARE] not in others:
            problem = problem or _("The channel to compare with is not among those of this workspace.")
            del texts[COMPARE]
    elif texts.get(COMPARE, "").startswith(CHANNEL):
        del texts[COMPARE]
    along = (ZONE, COMPARE, *SEGMENT_NAMES, *section.own)
    kept = {name: texts[name] for name in along if texts.get(name) and name != CURSOR}
    picked = pick(texts, now=now, zone=zone, oldest=card.status.sync.oldest, keep=kept)
    visit = Visit(
        card=card,
        head=_head(tracked),
        reader=Reader(workspace.pk, str(zone), get_language() or "en"),
        parameters=texts,
        own=section.own,
        picked=picked,
        chosen=any(texts.get(name) for name in PERIOD_NAMES) and picked.error is None,
        segment=segment,
        now=now,
        usual=section.usual,
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
