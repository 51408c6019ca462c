"""What people type into the pages."""

from datetime import UTC, datetime
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.functional import lazy
from django.utils.translation import get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from accounts.roles import Permission
from accounts.tokens import DEFAULT_LIFETIME
from mtproto.references import PeerReference, ReferenceInvalid, parse_reference

LONGEST_REFERENCE = 200
# Of a time in milliseconds: it ends in the year 2286.
_MOST_DIGITS = 13
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


class AddChannelForm(forms.Form):
    """A channel by what names it (@name, a link, an id), or by an export of it, or by both where the file needs it."""

    ref = forms.CharField(
        max_length=LONGEST_REFERENCE,
        required=False,
        error_messages={"max_length": gettext_lazy("This is too long to name a channel.")},
    )
    file = forms.FileField(required=False, allow_empty_file=True)  # the importer says why it cannot take it
    # As in `ImportForm`.
    modified = forms.CharField(required=False)

    def clean_ref(self) -> PeerReference | None:
        """The reference that the text means; None where a file stands for it."""
        text: str = self.cleaned_data["ref"].strip()
        try:
            if text:
                return parse_reference(text)
        except ReferenceInvalid:
            raise forms.ValidationError(
                _(
                    "This does not name a channel. Write it as @name, as a link like https://t.me/name, "
                    "or as the channel's numeric id."
                )
            ) from None
        if not self.files.get("file"):
            raise forms.ValidationError(_("Give the channel's @name, a link to it, or its id, or choose an export."))
        return None

    def clean_modified(self) -> datetime | None:
        """The file's own time; None for what is none."""
        return _moment(self.cleaned_data["modified"])


class ImportForm(forms.Form):
    """A file of a channel's history."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,  # the importer says why it cannot take it
        error_messages={"required": gettext_lazy("Choose a file.")},
        help_text=gettext_lazy("result.json of a Telegram Desktop export, a CSV, or a Telethon dump; also as .gz."),
    )
    channel = forms.CharField(
        label=gettext_lazy("Channel"),
        max_length=LONGEST_REFERENCE,
        required=False,
        help_text=gettext_lazy("@name, link or id. Needed only where the file does not say it, as with a CSV."),
    )
    # The time of the file on its owner's machine, in milliseconds since 1970; the browser fills it in.
    modified = forms.CharField(widget=forms.HiddenInput, required=False)

    def clean_channel(self) -> str:
        """The reference as text, if it names a channel."""
        text: str = self.cleaned_data["channel"].strip()
        try:
            if text:
                parse_reference(text)
        except ReferenceInvalid:
            raise forms.ValidationError(
                _("This does not name a channel. Write it as @name, as a link, or as its numeric id.")
            ) from None
        return text

    def clean_modified(self) -> datetime | None:
        """The moment; None for what is none: nobody typed it, so nobody could correct it."""
        return _moment(self.cleaned_data["modified"])


def _moment(text: str) -> datetime | None:
    if not (text.isascii() and text.isdigit() and int(text[:_MOST_DIGITS]) == int(text)):
        return None
    return datetime.fromtimestamp(int(text) / 1000, UTC)


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
        choices=[
            (Permission.CHANNELS_READ.value, gettext_lazy("See the channels")),
            (Permission.CHANNELS_WRITE.value, gettext_lazy("Add and remove channels")),
            (Permission.ANALYTICS_READ.value, gettext_lazy("Read statistics")),
            (Permission.EXPORTS_WRITE.value, gettext_lazy("Make exports")),
            (Permission.REPORTS_WRITE.value, gettext_lazy("Make and send reports")),
            (Permission.SHARES_WRITE.value, gettext_lazy("Make and change shared links")),
            (Permission.NOTES_WRITE.value, gettext_lazy("Write notes on charts")),
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


class ThemeForm(forms.Form):
    """Light, dark, or as the system has it."""

    theme = forms.ChoiceField(choices=[("light", "light"), ("dark", "dark"), ("system", "system")])
