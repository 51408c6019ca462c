"""What members type to make and change shared links."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.period import days_between
from analytics.picker import DEFAULT, LABELS
from analytics.sharing.models import SHAREABLE, SharedLink, ShareTheme
from analytics.sharing.terms import (
    LONGEST_LIFETIME,
    LONGEST_NAME,
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    Terms,
    origin_of,
    terms_of,
)
from analytics.sharing.visiting import label_of

CUSTOM = "custom"
KEEP = "keep"
_ENDS = {
    "1": gettext_lazy("In a day"),
    "7": gettext_lazy("In a week"),
    "30": gettext_lazy("In 30 days"),
    "90": gettext_lazy("In 90 days"),
    "365": gettext_lazy("In a year"),
    CUSTOM: gettext_lazy("On the day below"),
}
_BETWEEN = re.compile(r"[\s,]+")


def _day_field(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class TermsForm(forms.Form):
    """What a link shows and until when. Days count where the choice above them says so."""

    name = forms.CharField(label=gettext_lazy("Name, for yourself"), max_length=LONGEST_NAME)
    period = forms.ChoiceField(
        label=gettext_lazy("Period"),
        initial=DEFAULT,
        help_text=gettext_lazy("Visitors cannot leave it. A named period moves with the days."),
    )
    first = _day_field(gettext_lazy("First day"))
    last = _day_field(gettext_lazy("Last day"))
    ends = forms.ChoiceField(label=gettext_lazy("The link ends"), initial="30")
    ends_on = _day_field(gettext_lazy("Last day of the link"))
    sections = forms.MultipleChoiceField(
        label=gettext_lazy("What visitors see"), widget=forms.CheckboxSelectMultiple, initial=["overview"]
    )
    owner_facts = forms.BooleanField(
        label=gettext_lazy("Show what Telegram tells owners only: joined and left, audience, official figures"),
        required=False,
    )
    compares = forms.BooleanField(label=gettext_lazy("Show the period before beside it"), required=False, initial=True)
    exports = forms.BooleanField(label=gettext_lazy("Visitors may download what they see"), required=False)
    theme = forms.ChoiceField(
        label=gettext_lazy("Colours"), choices=ShareTheme.choices, initial=ShareTheme.SYSTEM.value
    )
    frame_ancestors = forms.CharField(
        label=gettext_lazy("Sites that may embed it"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "https://example.org"}),
        help_text=gettext_lazy("One address a line; empty: none."),
    )

    def __init__(self, *args: Any, owned: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choose("period", [*LABELS.items(), (CUSTOM, gettext_lazy("The days below"))])
        self.choose("ends", list(_ENDS.items()))
        names = [name for name in SHAREABLE if owned or name != "audience"]
        self.choose("sections", [(name, label_of(name)) for name in names])
        if not owned:
            del self.fields["owner_facts"]

    def choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        """Give a field its choices."""
        self.fields[name].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """Days are needed where the choices speak of them."""
        given = super().clean() or self.cleaned_data
        if given.get("period") == CUSTOM and not (given.get("first") and given.get("last")):
            self.add_error("first", _("Give the first and the last day."))
        if given.get("ends") == CUSTOM and not given.get("ends_on"):
            self.add_error("ends_on", _("Give the day."))
        return given

    def terms(self, *, now: datetime, zone: ZoneInfo, before: Terms | None = None) -> Terms:
        """The terms that were typed."""
        given = self.cleaned_data
        own_days = given["period"] == CUSTOM
        return Terms(
            name=given["name"].strip(),
            expires_at=self._end(given, now=now, zone=zone, before=before),
            sections=tuple(name for name in SHAREABLE if name in given["sections"]),
            preset="" if own_days else given["period"],
            first_day=given["first"] if own_days else None,
            last_day=given["last"] if own_days else None,
            owner_facts=given.get("owner_facts", False),
            compares=given["compares"],
            exports=given["exports"],
            theme=given["theme"],
            frame_ancestors=tuple(
                dict.fromkeys(origin_of(text) for text in _BETWEEN.split(given["frame_ancestors"]) if text)
            ),
        )

    @staticmethod
    def _end(given: dict[str, Any], *, now: datetime, zone: ZoneInfo, before: Terms | None) -> datetime:
        if given["ends"] == KEEP and before is not None:
            return before.expires_at
        if given["ends"] == CUSTOM:
            # What is too late anyway is not reckoned with to the end of all days.
            day: date = min(given["ends_on"], (now + LONGEST_LIFETIME + timedelta(days=2)).date())
            return days_between(day, day + timedelta(days=1), zone).end
        return now + timedelta(days=int(given["ends"]))


class ShareForm(TermsForm):
    """A new link."""

    channel = forms.ChoiceField(label=gettext_lazy("Channel"))
    password = forms.CharField(
        label=gettext_lazy("Password, if one is to be asked for"),
        required=False,
        min_length=SHORTEST_PASSWORD,
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("channel", "name", "period", "first", "last", "ends", "ends_on", "sections")

    def __init__(self, *args: Any, channels: list[tuple[str, str]], owned: bool, **kwargs: Any) -> None:
        super().__init__(*args, owned=owned, **kwargs)
        self.choose("channel", list(channels))


class ChangeForm(TermsForm):
    """The terms of a link that is there."""

    def __init__(self, *args: Any, link: SharedLink, owned: bool, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, owned=owned or link.owner_facts, initial=_initial(link), **kwargs)
        day = link.expires_at.astimezone(zone)
        kept = _("As it is: %(moment)s") % {"moment": f"{day:%Y-%m-%d %H:%M}"}
        self.choose("ends", [(KEEP, kept), *_ENDS.items()])


def _initial(link: SharedLink) -> dict[str, Any]:
    terms = terms_of(link)
    return {
        "name": terms.name,
        "period": terms.preset or CUSTOM,
        "first": terms.first_day,
        "last": terms.last_day,
        "ends": KEEP,
        "sections": terms.sections,
        "owner_facts": terms.owner_facts,
        "compares": terms.compares,
        "exports": terms.exports,
        "theme": terms.theme,
        "frame_ancestors": "\n".join(terms.frame_ancestors),
    }


class PasswordForm(forms.Form):
    """Another password of a link."""

    password = forms.CharField(
        label=gettext_lazy("New password"),
        min_length=SHORTEST_PASSWORD,
        max_length=LONGEST_PASSWORD,
        strip=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
