"""What this room keeps about people, told and forgotten (`accounts.personal.keepers`)."""

from collections.abc import Iterable

from django.contrib.admin.models import LogEntry
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal.keepers import Keeper, Leaving, Sheet, sheet
from superadmin.models import AllowedNetwork, ApprovalRequest, Decision, Impersonation


def _tell(user: User) -> Iterable[Sheet]:
    yield sheet(
        "impersonations",
        _("When staff looked at the service as you, and why."),
        Impersonation.objects.filter(user=user).order_by("pk"),
        *("reason", "ticket", "started_at", "ended_at"),
    )
    yield from _as_staff(user)


def _as_staff(user: User) -> Iterable[Sheet]:
    """What they did as staff, without naming to whom."""
    yield sheet(
        "staff_impersonations",
        _("When you looked at the service as somebody else."),
        Impersonation.objects.filter(staff=user).order_by("pk"),
        *("ticket", "started_at", "ended_at"),
    )
    yield sheet(
        "staff_requests",
        _("Acts of staff that you asked for or decided."),
        ApprovalRequest.objects.filter(Q(asked_by=user) | Q(decided_by=user)).order_by("pk"),
        *("act", "asked_at", "decision", "decided_at"),
    )
    yield sheet(
        "staff_networks",
        _("Networks that you allowed for the panel of staff."),
        AllowedNetwork.objects.filter(added_by=user).order_by("pk"),
        *("network", "note", "added_at"),
    )
    yield sheet(
        "staff_log",
        _("Changes you made in the panel of staff."),
        LogEntry.objects.filter(user=user).order_by("pk"),
        *("action_time", "action_flag", "object_id"),
        kind="content_type__model",
    )


def _forget(leaving: Leaving) -> None:
    """Requests about them keep what was decided and lose whom it was about; the log of the admin loses its lines."""
    about = ApprovalRequest.objects.filter(subject_kind="user", subject_id=leaving.user.pk)
    about.filter(decision=Decision.OPEN).update(decision=Decision.EXPIRED, decided_at=leaving.now)
    about.update(subject_label="", reason="", detail={})
    LogEntry.objects.filter(content_type__app_label="accounts", object_id=str(leaving.user.pk)).delete()


KEEPER = Keeper(room="superadmin", tell=_tell, forget=_forget)
