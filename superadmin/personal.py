"""What this room keeps about people, told and forgotten (`accounts.personal.keepers`)."""

from collections.abc import Iterable

from django.contrib.admin.models import LogEntry
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.personal.keepers import Keeper, Leaving, Sheet, sheet
from superadmin.models import ApprovalRequest, Decision, Impersonation


def _tell(user: User) -> Iterable[Sheet]:
    yield sheet(
        "impersonations",
        _("When staff looked at the service as you, and why."),
        Impersonation.objects.filter(user=user).order_by("pk"),
        *("reason", "ticket", "started_at", "ended_at"),
    )


def _forget(leaving: Leaving) -> None:
    """Requests about them keep what was decided and lose whom it was about; the log of the admin loses its lines."""
    about = ApprovalRequest.objects.filter(subject_kind="user", subject_id=leaving.user.pk)
    about.filter(decision=Decision.OPEN).update(decision=Decision.EXPIRED, decided_at=leaving.now)
    about.update(subject_label="", reason="", detail={})
    LogEntry.objects.filter(content_type__app_label="accounts", object_id=str(leaving.user.pk)).delete()


KEEPER = Keeper(room="superadmin", tell=_tell, forget=_forget)
