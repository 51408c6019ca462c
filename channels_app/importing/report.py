"""What an import did, as JSON for the row and in words for a person."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channels_app.importers.findings import Format, Note
from channels_app.importing.survey import Survey
from channels_app.ingest import IngestResult

_TOTALS = ("new_posts", "changed_posts", "unchanged", "revisions", "snapshots", "service")


def survey_report(survey: Survey, *, observed_at: datetime, observed_given: bool, zone: str | None) -> dict[str, Any]:
    """The part of the report that the file itself decides."""
    found = survey.findings
    return {
        "digest": survey.digest,
        "format": survey.facts.format.value,
        "messages": found.messages,
        "service_messages": found.service_messages,
        "distinct": found.distinct,
        "first_at": _iso(found.first_at),
        "last_at": _iso(found.last_at),
        "lowest_id": found.lowest_id,
        "highest_id": found.highest_id,
        "album_items": None if found.notes[Note.ALBUMS_UNKNOWN] else found.album_items,
        "duplicates": len(found.duplicates),
        "unknown": {name: found.unknown[name] for name in ("views", "forwards", "replies", "reactions")},
        "media": {str(kind): number for kind, number in sorted(found.media.items())},
        "notes": {note.value: number for note, number in found.notes.items() if number},
        "observed_at": observed_at.isoformat(),
        "observed_at_given": observed_given,
        "zone": zone or "UTC",
    }


def add_result(totals: dict[str, int], result: IngestResult) -> dict[str, int]:
    """Running totals of what was written."""
    return {name: totals.get(name, 0) + getattr(result, name) for name in _TOTALS}


def describe_report(report: dict[str, Any]) -> list[str]:
    """The report in lines of words; for a report of a finished import."""
    lines = [_head(report), _written(report["written"])]
    lines += [_observed(report)]
    lines += _unknowns(report)
    lines += [line for line in (_note(Note(name), count, report) for name, count in report["notes"].items()) if line]
    if report["duplicates"]:
        lines.append(
            ngettext(
                "%(count)d message id came more than once; its last record was taken.",
                "%(count)d message ids came more than once; the last record of each was taken.",
                report["duplicates"],
            )
            % {"count": report["duplicates"]}
        )
    return lines


def _head(report: dict[str, Any]) -> str:
    return _("%(format)s: %(messages)d messages and %(service)d service messages, %(first)s to %(last)s.") % {
        "format": _FORMATS[Format(report["format"])],
        "messages": report["messages"],
        "service": report["service_messages"],
        "first": report["first_at"][:10],
        "last": report["last_at"][:10],
    }


def _written(written: dict[str, int]) -> str:
    return _("%(new)d posts are new, %(changed)d changed, %(same)d stayed as they were.") % {
        "new": written.get("new_posts", 0),
        "changed": written.get("changed_posts", 0),
        "same": written.get("unchanged", 0),
    }


def _observed(report: dict[str, Any]) -> str:
    moment = report["observed_at"][:16].replace("T", " ")
    if report["observed_at_given"]:
        return _("Counters are as of %(moment)s UTC, as given.") % {"moment": moment}
    return _(
        "Counters are as of %(moment)s UTC: the file's own time, or its newest message's if that is later, "
        "because the file does not say when they were read."
    ) % {"moment": moment}


def _unknowns(report: dict[str, Any]) -> list[str]:
    names = {"views": _("Views"), "forwards": _("Forwards"), "replies": _("Replies"), "reactions": _("Reactions")}
    lines = []
    for name, count in report["unknown"].items():
        if count and count == report["messages"]:
            lines.append(_("%(name)s: unknown, the file does not tell them.") % {"name": names[name]})
        elif count:
            words = {"name": names[name], "count": count, "all": report["messages"]}
            lines.append(_("%(name)s: unknown for %(count)d of %(all)d messages.") % words)
    return lines


def _note(note: Note, count: int, report: dict[str, Any]) -> str:
    return _NOTES[note]() % {"count": count, "zone": report["zone"]}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


_FORMATS = {Format.DESKTOP: "Telegram Desktop", Format.CSV: "CSV", Format.TELETHON: "Telethon"}
# Functions, so that the language is the reader's.
_NOTES = {
    Note.LOCAL_DATES: lambda: _("%(count)d dates name no time zone; they were read as %(zone)s."),
    Note.ALBUMS_UNKNOWN: lambda: _(
        "The file does not tell albums: each picture of one counts as a post of its own."
    ),
    Note.MEDIA_UNKNOWN: lambda: _("The file does not tell what posts carry beside their text."),
    Note.CUSTOM_REACTIONS_UNNAMED: lambda: _("%(count)d custom emoji reactions do not say which; they stand together."),
    Note.REACTION_TOTALS_DROPPED: lambda: _("%(count)d totals of reactions were left out: their kinds are not told."),
    Note.POLL_VOTES_UNKNOWN: lambda: _("%(count)d polls do not tell the votes for each answer."),
    Note.COUNTERS_IMPOSSIBLE: lambda: _("%(count)d counters are impossible (negative, no number): taken as unknown."),
    Note.COUNTERS_ABBREVIATED: lambda: _("%(count)d messages have abbreviated counters; they are marked approximate."),
    Note.DETAILS_IMPOSSIBLE: lambda: _("%(count)d details (dates of edits, ids) are impossible and were left out."),
    Note.TEXT_REPAIRED: lambda: _("%(count)d texts held characters that no text may hold; they were replaced."),
    Note.NO_FINAL_LINE_BREAK: lambda: _(
        "The last line has no end: if the file was cut off, its last value may be incomplete."
    ),
    Note.ENCODING_GUESSED: lambda: _("The file is not UTF-8; it was read as Windows-1251."),
    Note.EMPTY_SKIPPED: lambda: _("%(count)d empty messages were passed over."),
    Note.UNSUPPORTED: lambda: _("%(count)d posts are of a kind that the export does not hold; they are empty."),
    Note.COLUMNS_IGNORED: lambda: _("%(count)d columns are not known and were left out."),
}  # fmt: skip
