"""Pages of the configuration: what holds now, changing one value, and going back to an earlier version."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.access import user_actor
from accounts.models import User
from accounts.stepup import ask_to_confirm, recently_confirmed
from analyticbot.core.errors import AppError
from analyticbot.core.runtime import Choice, Group, Switch, Value, declared_values
from analyticbot.core.runtime.changing import MOST_REASON, change_value, present_version, revert_to, value_named
from analyticbot.core.runtime.models import ConfigurationVersion
from superadmin.details import Detail, Fact, Table, link, moment
from superadmin.people.views import ask_page, staff_of
from superadmin.site import site
from superadmin.tiers import Act, may, tier_required

# Versions shown of a value; all are kept.
_SHOWN = 50

AnyValue = Value[bool] | Value[int] | Value[str]


class ChangeForm(forms.Form):
    """A new value, and why. `seen` is the version that was shown: nobody overwrites what they have not seen."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    value = forms.CharField(label=gettext_lazy("Value"), max_length=300, widget=UnfoldAdminTextInputWidget())
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=MOST_REASON,
        widget=UnfoldAdminTextInputWidget(),
        help_text=gettext_lazy("Kept in the audit trail."),
    )


def _form(declared: AnyValue, data: Any, initial: dict[str, Any]) -> ChangeForm:
    form = ChangeForm(data, initial=initial)
    options = _options(declared)
    if options:
        form.fields["value"].widget = UnfoldAdminSelectWidget(choices=options)
    else:
        form.fields["value"].help_text = str(getattr(declared, "unit", ""))
    return form


def _options(declared: AnyValue) -> list[tuple[str, Any]]:
    if isinstance(declared, Switch):
        return [("on", _("On")), ("off", _("Off"))]
    return list(declared.options()) if isinstance(declared, Choice) else []


def _as_given(declared: AnyValue, value: Any) -> str:
    return ("on" if value else "off") if isinstance(declared, Switch) else str(value)


def act_for(declared: AnyValue) -> Act:
    """What one must be allowed to do to change it: switches are nearer at hand than limits."""
    return Act.FLAGS_CHANGE if isinstance(declared, Switch) else Act.CONFIGURATION_CHANGE


@require_safe
@tier_required(Act.CONFIGURATION_LOOK)
def overview(request: HttpRequest) -> HttpResponse:
    """Everything that can be changed, with what holds now and since when."""
    rows = ConfigurationVersion.objects.order_by("key", "-version").distinct("key")
    versions = {row.key: row for row in rows}
    tables = []
    for group in Group:
        mine = [one for one in declared_values().values() if one.group is group]
        shown = [_row(one, versions.get(one.key)) for one in mine]
        headings = (_("What"), _("Now"), _("Default"), _("Changed"))
        tables.append(Table(group.heading, headings, shown, _("Nothing.")))
    about = _("A change holds in every process within five seconds. Every version is kept and can be brought back.")
    return site.page(request, "superadmin/running/tables.html", title=_("Configuration"), about=about, tables=tables)


def _row(declared: AnyValue, version: ConfigurationVersion | None) -> tuple[Any, ...]:
    return (
        link(declared.title, "admin:configuration-value", declared.key),
        declared.shown(declared.now()),
        declared.shown(declared.default()),
        moment(version.at) if version else "–",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.CONFIGURATION_LOOK)
def value(request: HttpRequest, key: str) -> HttpResponse:
    """One value: its history and the form that changes it."""
    declared = value_named(key)
    allowed = may(request.user, act_for(declared))
    if request.method == "POST" and not allowed:
        raise PermissionDenied(_("Your tier does not allow this."))
    if request.method == "POST" and not recently_confirmed(request):
        return ask_to_confirm(request)
    present = present_version(key)
    holds = declared.held(present.value if present else None)
    initial = {"seen": present.version if present else 0, "value": _as_given(declared, holds)}
    form = _form(declared, request.POST if request.method == "POST" else None, initial)
    given = None if "default" in request.POST else form["value"].data
    if form.is_bound and form.is_valid() and _changed(request, key, form, given=given):
        return redirect("admin:configuration-value", key)
    return site.page(
        request,
        "superadmin/running/value.html",
        title=str(declared.title),
        about=declared.text,
        detail=_detail(declared, holds),
        form=form if allowed else None,
        history=_history(declared),
        is_set=present is not None and present.value is not None,
        back=resolve_url("admin:configuration"),
        status=422 if form.is_bound else 200,
    )


def _changed(request: HttpRequest, key: str, form: ChangeForm, *, given: str | None) -> bool:
    try:
        change_value(
            key,
            given,
            seen_version=form.cleaned_data["seen"],
            reason=form.cleaned_data["reason"],
            actor=user_actor(staff_of(request)),
            now=timezone.now(),
        )
    except AppError as error:
        form.add_error(error.field if error.field in form.fields else None, error.message)
        return False
    messages.success(request, _("Changed. It holds everywhere within five seconds."))
    return True


def _detail(declared: AnyValue, holds: Any) -> Detail:
    return Detail(
        facts=[
            Fact(_("Now"), declared.shown(holds)),
            Fact(_("Default"), declared.shown(declared.default())),
            Fact(_("Name"), declared.key),
        ]
    )


def _history(declared: AnyValue) -> Table:
    rows = list(ConfigurationVersion.objects.filter(key=declared.key).order_by("-version")[:_SHOWN])
    people = User.objects.in_bulk([row.actor_id for row in rows if row.actor_kind == "user" and row.actor_id])
    newest = rows[0].version if rows else 0
    return Table(
        _("History"),
        (_("Version"), _("Value"), _("When"), _("Who"), _("Why"), ""),
        [
            (
                row.version,
                _("default") if row.value is None else declared.shown(row.value),
                moment(row.at),
                str(people.get(row.actor_id or 0, row.actor_kind)),
                row.reason,
                ""
                if row.version == newest
                else link(_("Bring back"), "admin:configuration-revert", row.key, row.version),
            )
            for row in rows
        ],
        _("Never changed."),
    )


class RevertForm(forms.Form):
    """Why an earlier version is brought back."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=MOST_REASON, widget=UnfoldAdminTextInputWidget())


@require_http_methods(["GET", "HEAD", "POST"])
@tier_required(Act.CONFIGURATION_LOOK)
def revert(request: HttpRequest, key: str, version: int) -> HttpResponse:
    """Bring an earlier version back."""
    declared = value_named(key)
    if not may(request.user, act_for(declared)):
        raise PermissionDenied(_("Your tier does not allow this."))
    earlier = get_object_or_404(ConfigurationVersion, key=key, version=version)
    if not recently_confirmed(request):
        return ask_to_confirm(request)
    present = present_version(key)
    form = RevertForm(
        request.POST if request.method == "POST" else None, initial={"seen": present.version if present else 0}
    )
    if form.is_bound and form.is_valid():
        given, actor = form.cleaned_data, user_actor(staff_of(request))
        try:
            revert_to(earlier, seen_version=given["seen"], reason=given["reason"], actor=actor, now=timezone.now())
        except AppError as error:
            form.add_error(error.field if error.field in form.fields else None, error.message)
        else:
            messages.success(request, _("Brought back. It holds everywhere within five seconds."))
            return redirect("admin:configuration-value", key)
    shown = _("the default") if earlier.value is None else declared.shown(earlier.value)
    says = _("Sets it to what it was in version %(version)s: %(value)s. That is a new version.")
    return ask_page(
        request,
        title=_("Bring back"),
        says=says % {"version": version, "value": shown},
        form=form,
        subject=declared.title,
        back=resolve_url("admin:configuration-value", key),
    )
