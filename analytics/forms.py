"""What people type into the pages."""

from datetime import UTC, datetime

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mtproto.references import PeerReference, ReferenceInvalid, parse_reference

LONGEST_REFERENCE = 200
# Of a time in milliseconds: it ends in the year 2286.
_MOST_DIGITS = 13


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


class ThemeForm(forms.Form):
    """Light, dark, or as the system has it."""

    theme = forms.ChoiceField(choices=[("light", "light"), ("dark", "dark"), ("system", "system")])
