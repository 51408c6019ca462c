"""What people type into the settings."""

from collections.abc import Sequence
from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import get_language_info, gettext, gettext_lazy, ngettext

from accounts.models import Membership, Role
from accounts.roles import Permission
from accounts.tokens import DEFAULT_LIFETIME

# Each language by its own name, so that whoever is lost finds theirs.
_LANGUAGES = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]
_LIFETIMES = (30, 90, 180, 365)
_OLD_NAMES = ("Etc/", "posix/", "right/", "SystemV/", "US/", "localtime")


def _zones() -> list[tuple[str, str]]:
    """Zones by their modern names: UTC first, then Region/City."""
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(_OLD_NAMES))
    return [("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


def _lifetimes() -> list[tuple[int, str]]:
    """Asked for with each form: a text with a number put into it is of one language from then on."""
    return [(days, ngettext("%(days)d day", "%(days)d days", days) % {"days": days}) for days in _LIFETIMES]


class ProfileForm(forms.Form):
    """The person."""

    name = forms.CharField(label=gettext_lazy("Your name"), max_length=120, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=_LANGUAGES)
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Your time zone"),
        choices=lazy(_zones, list),
        required=False,
        help_text=gettext_lazy("Pages can show days of this zone instead of the zone of the workspace."),
    )


class WorkspaceForm(forms.Form):
    """The workspace."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    time_zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"),
        choices=lazy(_zones, list),
        help_text=gettext_lazy("Days of all statistics of this workspace begin at midnight of this zone."),
    )


class TokenForm(forms.Form):
    """A new API token: what it is called and what it may do."""

    name = forms.CharField(label=gettext_lazy("What the token is for"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("What it may do"),
        widget=forms.CheckboxSelectMultiple,
        # Reading and writing side by side where there are both.
        choices=[
            (Permission.CHANNELS_READ.value, gettext_lazy("See the channels")),
            (Permission.CHANNELS_WRITE.value, gettext_lazy("Add and remove channels")),
            (Permission.EXPORTS_READ.value, gettext_lazy("See and fetch exports")),
            (Permission.EXPORTS_WRITE.value, gettext_lazy("Make exports")),
            (Permission.REPORTS_READ.value, gettext_lazy("See and fetch reports")),
            (Permission.REPORTS_WRITE.value, gettext_lazy("Make and send reports")),
            (Permission.SHARES_READ.value, gettext_lazy("See shared links")),
            (Permission.SHARES_WRITE.value, gettext_lazy("Make and change shared links")),
            (Permission.NOTES_READ.value, gettext_lazy("Read notes on charts")),
            (Permission.NOTES_WRITE.value, gettext_lazy("Write notes on charts")),
            (Permission.ANALYTICS_READ.value, gettext_lazy("Read statistics")),
            (Permission.SEGMENTS_WRITE.value, gettext_lazy("Save segments")),
        ],
        initial=[Permission.CHANNELS_READ.value, Permission.ANALYTICS_READ.value],
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("How long it works"),
        choices=_lifetimes,
        coerce=int,
        empty_value=DEFAULT_LIFETIME.days,  # type: ignore[arg-type]  # the stub allows texts only
        initial=DEFAULT_LIFETIME.days,
        required=False,
    )
    networks = forms.CharField(
        label=gettext_lazy("Only from these networks"),
        max_length=1_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=gettext_lazy("One on each line, like 203.0.113.0/24 or 2001:db8::/32. Empty: from everywhere."),
    )

    def clean_networks(self) -> list[str]:
        """What stands on the lines; whether these are networks, who makes the token finds out."""
        return [line.strip() for line in self.cleaned_data["networks"].splitlines() if line.strip()]


class InviteForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(label=gettext_lazy("E-mail address"), max_length=254)
    role = forms.TypedChoiceField(label=gettext_lazy("Role"), coerce=Role)

    def __init__(self, *args: Any, roles: Sequence[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = cast("forms.ChoiceField", self.fields["role"])
        offered.choices = [(one.value, one.label) for one in reversed(roles)]


class RoleForm(forms.Form):
    """The role of one member among many on the page."""

    role = forms.TypedChoiceField(label=gettext_lazy("Role"), coerce=Role)

    def __init__(self, *args: Any, roles: Sequence[Role], pk: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"role-{pk}-%s"
        offered = cast("forms.ChoiceField", self.fields["role"])
        offered.choices = [(one.value, one.label) for one in reversed(roles)]


class NewWorkspaceForm(forms.Form):
    """A workspace of one's own."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)


class HeirForm(forms.Form):
    """To whom a workspace is handed over."""

    heir = forms.TypedChoiceField(label=gettext_lazy("New owner"), coerce=int)

    def __init__(self, *args: Any, members: Sequence[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = cast("forms.ChoiceField", self.fields["heir"])
        offered.choices = [(one.user_id, one.user.name or one.user.email) for one in members]


class DeleteForm(forms.Form):
    """The name of the workspace, typed, so that nobody deletes another one by a slip."""

    name = forms.CharField(label=gettext_lazy("Type its name to confirm"), max_length=120)

    def __init__(self, *args: Any, expected: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._expected = expected

    def clean_name(self) -> str:
        """The name, if it is the right one."""
        name: str = self.cleaned_data["name"].strip()
        if name != self._expected.strip():
            raise forms.ValidationError(gettext("This is not the name of the workspace."))
        return name
