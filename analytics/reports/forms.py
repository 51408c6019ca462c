"""What people type about reports."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import lazy
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _

from analytics.picker import pick
from analytics.reports.making import FORMS, WantedReport
from analytics.reports.models import ReportForm, ReportKind, ReportSchedule, Section
from analytics.reports.schedules import MOST_CHANNELS, MOST_RECIPIENTS, Wish
from analytics.reports.timetable import LAST_DAY, MOST_DAY, Every
from analytics.sections.words import WEEKDAYS

_OWN_DAYS = "custom"
_PERIODS = (
    ("7d", gettext_lazy("7 days")),
    ("28d", gettext_lazy("28 days")),
    ("90d", gettext_lazy("90 days")),
    ("365d", gettext_lazy("365 days")),
    (_OWN_DAYS, gettext_lazy("The days below")),
)
_LANGUAGES = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]
_OLD_NAMES = ("Etc/", "posix/", "right/", "SystemV/", "US/", "localtime")
MORNING = time(9)


def _zones() -> list[tuple[str, Any]]:
    names = sorted(name for name in available_timezones() if "/" in name and not name.startswith(_OLD_NAMES))
    each = gettext_lazy("Each recipient's own")
    return [("", each), ("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)]


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class MakeForm(forms.Form):
    """A report now. Days of one's own count where the period says so; both days are included."""

    channel = forms.ChoiceField(label=gettext_lazy("Channel"))
    form = forms.ChoiceField(
        label=gettext_lazy("Format"),
        choices=[
            (ReportForm.PDF.value, gettext_lazy("PDF, to read and to print")),
            (ReportForm.XLSX.value, gettext_lazy("XLSX, for Excel and the like")),
            (ReportForm.HTML.value, gettext_lazy("HTML, one file for the browser")),
        ],
    )
    period = forms.ChoiceField(label=gettext_lazy("Period"), choices=_PERIODS, initial="28d")
    first = forms.DateField(label=gettext_lazy("First day"), required=False, widget=_day_input())
    last = forms.DateField(label=gettext_lazy("Last day"), required=False, widget=_day_input())

    def __init__(self, *args: Any, channels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = channels  # type: ignore[attr-defined]  # a ChoiceField

    def clean(self) -> dict[str, Any]:
        """What the single fields cannot know."""
        given = super().clean() or self.cleaned_data
        if given.get("period") == _OWN_DAYS and not (given.get("first") and given.get("last")):
            self.add_error("first", _("Give the first and the last day."))
        return given

    def wanted(self, *, now: datetime, zone: ZoneInfo, language: str) -> WantedReport:
        """What is asked for."""
        given = self.cleaned_data
        first, last = self._days(now=now, zone=zone)
        return WantedReport(given["channel"], ReportForm(given["form"]), first, last, language)

    def _days(self, *, now: datetime, zone: ZoneInfo) -> tuple[date, date]:
        given = self.cleaned_data
        if given["period"] == _OWN_DAYS:
            return given["first"], given["last"]
        period = pick({"period": given["period"]}, now=now, zone=zone, oldest=None).period
        return period.first_day, period.last_day


class ScheduleForm(forms.Form):
    """A saved report: of what, to whom, how often."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    channels = forms.MultipleChoiceField(label=gettext_lazy("Channels"), widget=forms.CheckboxSelectMultiple)
    recipients = forms.CharField(
        label=gettext_lazy("To whom"),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
        max_length=20 * 260,
        help_text=gettext_lazy(
            "E-mail addresses, one in a line. Who is no member of the workspace is asked once whether they want it."
        ),
    )
    every = forms.ChoiceField(label=gettext_lazy("How often"), choices=Every.choices, initial=Every.WEEK)
    weekday = forms.TypedChoiceField(
        label=gettext_lazy("Weekday"),
        choices=[(int(number), label) for number, label in WEEKDAYS.items()],
        coerce=int,
        initial=1,
        help_text=gettext_lazy("Of weekly reports."),
    )
    month_day = forms.TypedChoiceField(
        label=gettext_lazy("Day of the month"),
        choices=[*((day, day) for day in range(1, MOST_DAY + 1)), (LAST_DAY, gettext_lazy("the last"))],
        coerce=int,
        initial=1,
        help_text=gettext_lazy("Of monthly reports."),
    )
    at = forms.TimeField(
        label=gettext_lazy("Time"), initial=MORNING, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"), choices=lazy(_zones, list), required=False)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=_LANGUAGES,
        help_text=gettext_lazy("Members of the workspace receive it in their own."),
    )
    attached = forms.MultipleChoiceField(
        label=gettext_lazy("Attached files"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(ReportForm.PDF.value, "PDF"), (ReportForm.XLSX.value, "XLSX")],
        required=False,
    )
    sections = forms.MultipleChoiceField(
        label=gettext_lazy("What it tells, beside the headline numbers"),
        widget=forms.CheckboxSelectMultiple,
        choices=Section.choices,
        required=False,
    )

    def __init__(self, *args: Any, channels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channels"].choices = channels  # type: ignore[attr-defined]  # a MultipleChoiceField

    def clean_channels(self) -> list[str]:
        """Not more than a mail can hold."""
        names: list[str] = self.cleaned_data["channels"]
        if len(names) > MOST_CHANNELS:
            raise ValidationError(_("At most %(most)s channels.") % {"most": MOST_CHANNELS})
        return names

    def clean_recipients(self) -> list[str]:
        """The addresses; each must be one."""
        text: str = self.cleaned_data["recipients"]
        emails = list(dict.fromkeys(part.lower() for part in text.replace(",", " ").replace(";", " ").split()))
        for email in emails:
            try:
                validate_email(email)
            except ValidationError:
                raise ValidationError(_("“%(email)s” is no e-mail address.") % {"email": email[:80]}) from None
        if not emails:
            raise ValidationError(_("Give at least one address."))
        if len(emails) > MOST_RECIPIENTS:
            raise ValidationError(_("At most %(most)s recipients.") % {"most": MOST_RECIPIENTS})
        return emails

    def wish(self) -> Wish:
        """What is asked for."""
        given = self.cleaned_data
        every = Every(given["every"])
        day = {Every.DAY: 1, Every.WEEK: given["weekday"], Every.MONTH: given["month_day"]}[every]
        return Wish(
            name=given["name"],
            channels=tuple(given["channels"]),
            recipients=tuple(given["recipients"]),
            every=every,
            day=day,
            at=given["at"].replace(second=0, microsecond=0),
            language=given["language"],
            time_zone=given["time_zone"],
            forms=tuple(ReportForm(one) for one in given["attached"]),
            sections=tuple(Section(one) for one in given["sections"]),
        )


def initial_of(schedule: ReportSchedule, channels: Iterable[str]) -> dict[str, Any]:
    """What the form of a saved report begins with."""
    weekly, monthly = schedule.every == Every.WEEK, schedule.every == Every.MONTH
    emails = schedule.recipients.filter(removed_at__isnull=True).order_by("pk").values_list("email", flat=True)
    return {
        "name": schedule.name,
        "channels": list(channels),
        "recipients": "\n".join(emails),
        "every": schedule.every,
        "weekday": schedule.day if weekly else 1,
        "month_day": schedule.day if monthly else 1,
        "at": schedule.at,
        "time_zone": schedule.time_zone,
        "language": schedule.language,
        "attached": schedule.forms,
        "sections": schedule.sections,
    }


class BrandingForm(forms.Form):
    """Colour and logo."""

    colour = forms.CharField(
        label=gettext_lazy("Colour"),
        max_length=7,
        required=False,
        help_text=gettext_lazy("Like #2350c9; white letters must be readable on it. Empty: ours."),
    )
    logo = forms.FileField(
        label=gettext_lazy("Logo"),
        required=False,
        allow_empty_file=True,  # the service says why it cannot take it
        help_text=gettext_lazy("PNG, JPEG or WebP, at most 2 MB."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    removes_logo = forms.BooleanField(label=gettext_lazy("Remove the logo"), required=False)


class KitForm(forms.Form):
    """What an owner tells advertisers beside the numbers."""

    about = forms.CharField(
        label=gettext_lazy("About the channel"),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    prices = forms.CharField(
        label=gettext_lazy("Prices"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    contact = forms.CharField(label=gettext_lazy("Contact"), max_length=200, required=False)
    shows_languages = forms.BooleanField(
        label=gettext_lazy("Show the languages of the audience, as Telegram tells them to you"), required=False
    )


KIT_FORMS = FORMS[ReportKind.KIT]
