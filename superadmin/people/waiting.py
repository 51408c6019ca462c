"""What waits for a second person, as the first page of the panel shows it."""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from superadmin.approvals import waiting
from superadmin.details import Table, link, moment
from superadmin.listing import named
from superadmin.people.acts import WAITING
from superadmin.tiers import Act, may

_SHOWN = 10


def waiting_table(request: HttpRequest) -> Table | None:
    """Requests that somebody has to decide; None where there are none, or for who may not look."""
    if not may(request.user, Act.APPROVALS_LOOK):
        return None
    rows = [
        (
            WAITING.get(one.act, one.act),
            one.subject_label,
            one.reason,
            named(one.asked_by),
            moment(one.expires_at),
            format_html(
                "{} · {}", link(_("Agree"), "admin:agree", one.pk), link(_("Refuse"), "admin:disagree", one.pk)
            ),
        )
        for one in waiting(now=timezone.now())[:_SHOWN]
    ]
    headings = (_("Act"), _("On"), _("Reason"), _("Asked by"), _("Until"), "")
    return Table(_("Waits for a second person"), headings, rows) if rows else None
