"""What is asked before staff does something."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from accounts.models import Tier
from billing.plans import Plan


class ReasonForm(forms.Form):
    """Why; it is kept in the audit trail."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("Kept in the audit trail."),
    )


class NoForm(forms.Form):
    """Nothing is asked."""


class TierForm(ReasonForm):
    """Which tier."""

    tier = forms.TypedChoiceField(
        label=_("Tier"),
        choices=Tier.choices,
        coerce=lambda value: Tier(int(value)),
        widget=UnfoldAdminSelectWidget(),
    )
    field_order = ("tier", "reason")


class PlanForm(forms.Form):
    """Which plan."""

    plan = forms.TypedChoiceField(label=_("Plan"), choices=Plan.choices, coerce=Plan, widget=UnfoldAdminSelectWidget())


class TicketForm(ReasonForm):
    """Why, and for which ticket."""

    ticket = forms.CharField(
        label=_("Ticket"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("The person reads it in the mail about this."),
    )


class NewPersonForm(ReasonForm):
    """Who."""

    email = forms.CharField(label=_("E-mail address"), max_length=254, widget=UnfoldAdminEmailInputWidget())
    name = forms.CharField(label=_("Name"), max_length=120, required=False, widget=UnfoldAdminTextInputWidget())
    field_order = ("email", "name", "reason")


class NetworkForm(forms.Form):
    """Which network."""

    network = forms.CharField(
        label=_("Network"),
        max_length=49,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "203.0.113.0/24"}),
        help_text=_("CIDR, IPv4 or IPv6; a single address is a network too."),
    )
    note = forms.CharField(label=_("Note"), max_length=80, required=False, widget=UnfoldAdminTextInputWidget())
