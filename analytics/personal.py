"""What this room keeps about people and workspaces, told and forgotten (`accounts.personal.keepers`)."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Workspace
from accounts.personal.keepers import Keeper, Leaving, Sheet, sheet, without_label
from analytics.models import AskedAddress, ExportFile, Note, ReportFile, ReportRecipient, SharedLink

_FILES: tuple[type[ExportFile] | type[ReportFile], ...] = (ExportFile, ReportFile)


def _tell(user: User) -> Iterable[Sheet]:
    yield sheet(
        "notes",
        _("Notes you wrote on charts."),
        Note.objects.filter(author=user).order_by("pk"),
        *("text", "at", "until", "created_at", "changed_at"),
        workspace="workspace__name",
        channel="channel__title",
    )
    yield sheet(
        "shared_links",
        _("Shared links you made, without their addresses and passwords."),
        SharedLink.objects.filter(creator=user).order_by("pk"),
        *("name", "prefix", "created_at", "expires_at", "revoked_at", "sections", "exports"),
        workspace="workspace__name",
        channel="tracked__channel__title",
    )
    yield from _reports(user)
    yield from _files(user)


def _reports(user: User) -> Iterable[Sheet]:
    mine = Q(user=user) | Q(email__iexact=user.email)
    yield sheet(
        "report_mails",
        _("Reports that are sent to you."),
        ReportRecipient.objects.filter(mine).order_by("pk"),
        *("email", "created_at", "asked_at", "confirmed_at", "stopped_at", "removed_at", "next_at"),
        report="schedule__name",
        workspace="schedule__workspace__name",
    )
    yield sheet(
        "report_questions",
        _("When you were asked whether you want a report, and what you said."),
        AskedAddress.objects.filter(email__iexact=user.email).order_by("pk"),
        *("email", "asked_at", "reply"),
    )


def _files(user: User) -> Iterable[Sheet]:
    columns = ("created_at", "channel", "language", "size", "finished_at", "expires_at", "removed_at")
    mine, where = _asked_by([("user", user.pk)]), {"workspace": "workspace__name"}
    exports = ExportFile.objects.filter(mine).order_by("pk")
    yield sheet("exports", _("Exports you made."), exports, "what", "format", "parameters", *columns, **where)
    reports = ReportFile.objects.filter(mine).order_by("pk")
    yield sheet("reports", _("Reports you made."), reports, "kind", "form", *columns, **where)


def _forget(leaving: Leaving) -> None:
    """Their addresses leave other people's reports; what they asked for keeps no name."""
    for email in leaving.emails:
        ReportRecipient.objects.filter(email__iexact=email).delete()
        AskedAddress.objects.filter(email__iexact=email).delete()
    for model in _FILES:
        for row in model.objects.filter(_asked_by(leaving.actors)):
            actor = without_label(row.actor, leaving)
            model.objects.filter(pk=row.pk).update(actor=actor)


def _forget_workspace(workspace: Workspace) -> None:
    """Files go with their rows; those of the workspace that another process just makes find no row to complete."""
    for model in _FILES:
        for row in model.objects.filter(workspace=workspace):
            row.discard()
    # Whom it asked is remembered without it otherwise: for whoever is asked again, not for who asked.
    AskedAddress.objects.filter(workspace=workspace).exclude(reply="never").delete()


def _asked_by(actors: Iterable[tuple[str, int]]) -> Q:
    """Rows whose `actor` column names one of these."""
    found = Q(pk__in=[])
    for kind, number in actors:
        found |= Q(actor__0=kind, actor__1=number)
    return found


KEEPER = Keeper(room="analytics", tell=_tell, forget=_forget, forget_workspace=_forget_workspace)
