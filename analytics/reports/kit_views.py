"""The media kit of a channel: see it, say what belongs to it, have it made as a file."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import WorkspaceRequest
from accounts.roles import Permission
from analyticbot.core.errors import AppError
from analytics.period import zone_named
from analytics.questions.asking import ChannelHead, Reader, channel_for
from analytics.reports.brand import brand_of
from analytics.reports.forms import KIT_FORMS, KitForm
from analytics.reports.kit import Kit, change_kit, kit_of, said_of
from analytics.reports.making import WantedReport, request_report
from analytics.reports.models import ReportForm, ReportKind
from analytics.reports.pages import picture_address
from analytics.reports.views import count_report
from analytics.views import page


@page(Permission.ANALYTICS_READ)
def media_kit(request: WorkspaceRequest, name: str) -> HttpResponse:
    """The kit as advertisers see it, and the form of what the owner says."""
    access, now = request.access, timezone.now()
    reader, head = _asked(request, name)
    said = said_of(access.workspace, head)
    initial = {key: getattr(said, key) for key in ("about", "prices", "contact", "shows_languages")}
    form = KitForm(request.POST or None, initial=initial)
    status = 200
    if request.method == "POST":
        if not access.allows(Permission.REPORTS_WRITE):
            status = 403
        elif form.is_valid():
            change_kit(access.workspace, head, **form.cleaned_data, actor=access.actor, now=now)
            messages.success(request, _("The media kit was saved."))
            return redirect("pages:media-kit", name)
        else:
            status = 422
    kit = kit_of(access.workspace, reader, head, now=now, brand=brand_of(access.workspace))
    return render(request, "reports/kit.html", _context(request, kit, form, name), status=status)


@require_POST
@page(Permission.REPORTS_WRITE)
def make_media_kit(request: WorkspaceRequest, name: str) -> HttpResponse:
    """Have the kit made as a file."""
    access, now = request.access, timezone.now()
    reader, head = _asked(request, name)
    kit = kit_of(access.workspace, reader, head, now=now, brand=brand_of(access.workspace))
    form = ReportForm.PDF if request.POST.get("form") not in KIT_FORMS else ReportForm(request.POST["form"])
    wanted = WantedReport(
        name, form, kit.period.first_day, kit.period.last_day, reader.language, kind=ReportKind.KIT, sections=()
    )
    try:
        count_report(request)
        request_report(access.workspace, wanted=wanted, actor=access.actor, now=now)
    except AppError as error:
        messages.error(request, error.message)
        return redirect("pages:media-kit", name)
    return redirect("pages:reports")


def _asked(request: WorkspaceRequest, name: str) -> tuple[Reader, ChannelHead]:
    workspace = request.access.workspace
    reader = Reader(workspace.pk, str(zone_named(workspace.time_zone)), get_language() or "en")
    return reader, channel_for(reader, name)


def _context(request: WorkspaceRequest, kit: Kit, form: KitForm, name: str) -> dict[str, object]:
    return {
        "section": "reports",
        "kit": kit,
        "logo": picture_address(kit.brand.logo),
        "form": form,
        "name": name,
        "owned": kit.head.owned,
        "can_write": request.access.allows(Permission.REPORTS_WRITE),
        "forms": [form.value for form in KIT_FORMS],
    }
