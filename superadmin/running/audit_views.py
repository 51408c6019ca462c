"""Doors of the audit browser beside its list: proving the trail, and taking it out."""

from typing import Any, cast

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods
from unfold.widgets import UnfoldAdminSingleDateWidget, UnfoldAdminTextInputWidget

from accounts.access import user_actor
from accounts.stepup import ask_to_confirm, recently_confirmed
from analyticbot.core.audit import AuditAction, record_audit
from analyticbot.core.models import AuditEntry
from analyticbot.core.trail.anchors import anchor_file
from analyticbot.core.trail.verifying import Verified, verify_trail
from superadmin.details import Fact, Table
from superadmin.people.forms import NoForm, ReasonForm
from superadmin.people.views import ask_page, staff_of
from superadmin.running.audit import MOST_EXPORTED, between, csv_of, find_entries
from superadmin.site import site
from superadmin.tiers import Act, tier_required

# A page answers within seconds; longer trails are proven by the command.
MOST_VERIFIED = 100_000


class ExportForm(ReasonForm):
    """Which rows, and why they are taken out."""

    what = forms.CharField(
        label=gettext_lazy("Rows"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("As in the search of the list; empty: all."),
    )
    first = forms.DateField(label=gettext_lazy("From"), required=False, widget=UnfoldAdminSingleDateWidget())
    last = forms.DateField(label=gettext_lazy("To"), required=False, widget=UnfoldAdminSingleDateWidget())
    field_order = ("what", "first", "last", "reason")

    def clean_what(self) -> str:
        """Without what no column holds."""
        what: str = self.cleaned_data["what"].replace("\x00", "").strip()
        return what


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.AUDIT_VERIFY)
def verify(request: HttpRequest) -> HttpResponse:
    """Prove that no row was changed, put in or taken out."""
    back = resolve_url("admin:core_auditentry_changelist")
    form = NoForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        newest = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if newest > MOST_VERIFIED:
            form.add_error(None, _("The trail is too long for a page. Run manage.py audit_verify on the server."))
        else:
            return _verified(request, verify_trail(anchor_file=anchor_file()), back=back)
    says = _("Every row is checked against the one before it and against the anchors outside the database.")
    return ask_page(request, title=_("Verify the trail"), says=says, form=form, back=back)


def _verified(request: HttpRequest, found: Verified, *, back: str) -> HttpResponse:
    whole = Fact(_("Result"), _("As it was written"), "good")
    if not found.is_whole:
        whole = Fact(_("Result"), _("Not as it was written"), "bad")
    facts = [
        whole,
        Fact(_("Rows"), f"{found.rows:,}"),
        Fact(_("Chains"), f"{found.chains:,}"),
        Fact(_("Anchors"), f"{found.anchors:,}"),
        Fact(_("Words forgotten with their people"), f"{found.forgotten:,}"),
    ]
    findings: list[tuple[Any, ...]] = [(str(one),) for one in found.findings]
    findings += [(text,) for text in found.anchor_findings]
    table = Table(_("What is wrong"), (_("First in each chain"),), findings, _("Nothing."))
    return site.page(
        request, "superadmin/running/verified.html", title=_("The trail"), facts=facts, table=table, back=back
    )


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.AUDIT_EXPORT)
def export(request: HttpRequest) -> HttpResponse:
    """Take rows out as CSV; that is a row itself."""
    if not recently_confirmed(request):
        return ask_to_confirm(request)
    form = ExportForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        # Streams are no kind of HttpResponse to the types alone.
        return cast("HttpResponse", _exported(request, form.cleaned_data))
    says = _("Up to %(most)s rows, newest first, with all their words. The file holds personal data: keep it safe.")
    return ask_page(
        request,
        title=_("Export as CSV"),
        says=says % {"most": f"{MOST_EXPORTED:,}"},
        form=form,
        back=resolve_url("admin:core_auditentry_changelist"),
    )


def _exported(request: HttpRequest, given: dict[str, Any]) -> StreamingHttpResponse:
    now, staff = timezone.now(), staff_of(request)
    rows = AuditEntry.objects.all()
    rows = between(find_entries(rows, given["what"]) if given["what"] else rows, given["first"], given["last"])
    told = {name: str(value) for name, value in given.items() if value}
    record_audit(AuditAction.AUDIT_EXPORTED, staff, actor=user_actor(staff), now=now, after=told)
    response = StreamingHttpResponse(csv_of(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="audit-{now:%Y%m%d-%H%M%S}.csv"'
    response["Cache-Control"] = "no-store"
    return response
