"""Asking strangers whether they want a saved report: how often that may be, and what they said."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Workspace
from analyticbot.core.errors import InvalidInput
from analytics.reports.models import AskedAddress, Reply, ReportRecipient

# How many strangers a workspace may ask within a day, and how often one address may be asked within a week by anybody.
_A_DAY = 20
_A_WEEK = 3
_WEEK = timedelta(days=7)


def note_question(workspace: Workspace, email: str, *, now: datetime) -> None:
    """Write down that an address is asked now, in the caller's transaction.

    Raises InvalidInput where that would be a nuisance, or was refused before.
    """
    # One at a time for each workspace, so that two requests cannot both be the last that is allowed.
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    of_address = AskedAddress.objects.filter(email=email)
    if of_address.filter(Q(reply=Reply.NEVER) | Q(reply=Reply.NO, workspace=workspace)).exists():
        raise InvalidInput(_("%(email)s does not want to be asked.") % {"email": email}, field="recipients")
    if of_address.filter(asked_at__gt=now - _WEEK).exclude(reply=Reply.YES).count() >= _A_WEEK:
        raise InvalidInput(
            _("%(email)s was asked often enough this week and has not answered.") % {"email": email},
            field="recipients",
        )
    lately = AskedAddress.objects.filter(workspace=workspace, asked_at__gt=now - timedelta(days=1))
    if lately.exclude(reply=Reply.YES).count() >= _A_DAY:
        raise InvalidInput(
            _("You asked %(most)s people within a day. Ask the others tomorrow.") % {"most": _A_DAY},
            field="recipients",
        )
    AskedAddress.objects.create(email=email, workspace=workspace, asked_at=now)


def note_reply(recipient: ReportRecipient, reply: Reply) -> None:
    """Write down what somebody said who was asked by the workspace of a saved report."""
    workspace_id = recipient.schedule.workspace_id
    AskedAddress.objects.filter(email=recipient.email, workspace_id=workspace_id).update(reply=reply)


def forget_old(*, now: datetime) -> None:
    """Forget questions that limit nothing any more; who does not want to be asked is remembered."""
    AskedAddress.objects.filter(asked_at__lt=now - _WEEK, reply__in=[Reply.NONE, Reply.YES]).delete()
