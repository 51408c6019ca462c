"""What people type into a note: a day or a moment, perhaps a last day, and a line of text."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import MaxValueValidator
from django.utils.translation import gettext_lazy

from analytics.notes.models import MOST_LETTERS, Note
from analytics.period import begins_day

_DAY = ["%Y-%m-%d"]
_TIME = ["%H:%M", "%H:%M:%S"]
# Days behind it cannot be reckoned with; how far a note may lie ahead is said where it is written.
_LAST = date(9000, 1, 1)


def _day(label: Any, *, required: bool = True) -> forms.DateField:
    far = MaxValueValidator(_LAST, gettext_lazy("This is too far from today."))
    return forms.DateField(input_formats=_DAY, required=required, label=label, validators=[far])


class NoteForm(forms.Form):
    """A note: without a time it is of the whole day, with a last day of all days up to it."""

    text = forms.CharField(max_length=MOST_LETTERS, label=gettext_lazy("Note"))
    day = _day(gettext_lazy("Day"))
    time = forms.TimeField(input_formats=_TIME, required=False, label=gettext_lazy("Time"))
    last = _day(gettext_lazy("Last day"), required=False)

    def span(self, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
        """The moment, or [at, until), that the fields mean in `zone`."""
        day, at_time, last = (self.cleaned_data[name] for name in ("day", "time", "last"))
        at = datetime.combine(day, at_time or time.min, zone)
        if at_time and not last:
            return at, None
        return at, datetime.combine((last or day) + timedelta(days=1), time.min, zone)


def initial_of(note: Note, zone: ZoneInfo) -> dict[str, str]:
    """What the fields of a note hold."""
    at = note.at.astimezone(zone)
    last = (note.until - timedelta(microseconds=1)).astimezone(zone).date() if note.until else None
    whole = note.until is not None and begins_day(note.at, zone)
    return {
        "text": note.text,
        "day": at.date().isoformat(),
        "time": "" if whole else f"{at:%H:%M}",
        "last": last.isoformat() if last and last != at.date() else "",
    }
