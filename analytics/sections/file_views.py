"""Downloads of a section: the page is built again as its address says, and one of its things is sent as a file."""

from collections.abc import Mapping
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import Access, WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core import runtime
from analyticbot.core.audit import AuditAction, record_audit
from analyticbot.core.errors import NotAllowed
from analytics.export_views import count_export
from analytics.exports.models import ExportFormat
from analytics.exports.sheets import Wanted
from analytics.exports.work import request_export
from analytics.queries.segments import SEGMENT_NAMES
from analytics.questions.answering import iso
from analytics.sections.files import MOST_ROWS, TYPES, given_of, named
from analytics.sections.places import OVERVIEW, SECTIONS, section_named
from analytics.sections.views import visit_of
from analytics.sections.visit import Visit
from analytics.views import page
from channels_app.queries import find_tracked


@require_safe
@page(Permission.EXPORTS_WRITE)
def section_file(request: WorkspaceRequest, name: str, section: str, what: str, form: str) -> HttpResponse:
    """A table or a chart of a section as a file. A list that is long becomes due work, on the page of exports."""
    access = request.access
    tracked = find_tracked(access.workspace, name)
    if tracked is None or section not in {OVERVIEW, *SECTIONS}:
        raise Http404
    if not runtime.EXPORTS.now():
        raise NotAllowed(_("Exports are switched off on this installation."), code="exports_off")
    chosen = section_named(section)
    visit, _problem = visit_of(request, chosen, tracked)
    built = chosen.build(visit)
    wanted = named(given_of(visit), what, form)
    if wanted is None:
        raise Http404
    count_export(request)
    if wanted.listed is not None and (built.get("total_posts") or 0) > MOST_ROWS:
        return _later(visit, access, wanted.listed, form)
    if not access.is_demo:  # what everybody may take leaves no trace
        record_audit(
            AuditAction.EXPORT_STREAMED,
            access.workspace,
            actor=access.actor,
            now=visit.now,
            workspace_id=access.workspace.pk,
            after={"what": f"{section}/{what}", "channel": visit.head.id, "format": form},
        )
    disposition = content_disposition_header(as_attachment=True, filename=_file_name(visit, what, form, visit.now))
    headers = {"Content-Disposition": disposition or "attachment"}
    return HttpResponse(wanted.make(form), content_type=TYPES[form], headers=headers)


def _file_name(visit: Visit, what: str, form: str, now: datetime) -> str:
    day = now.astimezone(visit.picked.period.zone)
    return f"{visit.card.status.username or visit.card.status.id or 'channel'}-{what}-{day:%Y-%m-%d}.{form}"


def _later(visit: Visit, access: Access, listed: Mapping[str, str], form: str) -> HttpResponse:
    """The same list as due work."""
    period, segment = visit.picked.period, visit.segment
    filters = {name: visit.parameters[name] for name in SEGMENT_NAMES if getattr(segment, name) is not None}
    asked = {
        **listed,
        **filters,
        "from": iso(period.start),
        "to": iso(period.end),
        "zone": str(period.zone),
        "whole": "true",
    }
    request_export(
        access.workspace,
        wanted=Wanted("posts", visit.card.status.name, asked),
        form=ExportFormat(form),
        language=get_language() or "en",
        actor=access.actor,
        now=visit.now,
    )
    return redirect("pages:exports")
