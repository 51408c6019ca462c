"""What states and kinds of the rooms below are called in the panel."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from channels_app.models import Hold
from mtproto.models import AccountState

HOLDS = {Hold.PAUSED: _("Paused"), Hold.BLOCKED: _("Blocked")}
SYNC_STATES = {
    "pending": _("Waits"),
    "running": _("Is being read"),
    "complete": _("Complete"),
    "failed": _("Failed"),
}
WORK_KINDS = {
    "history": _("History"),
    "poll": _("Counters"),
    "facts": _("Subscribers and rights"),
    "stats": _("Official statistics"),
}
GAP_KINDS = {
    "updates": _("Live updates"),
    "counters": _("Counters"),
    "subscribers": _("Subscribers"),
    "stats": _("Official statistics"),
}
ACCOUNT_STATES = {
    AccountState.ACTIVE: _("In use"),
    AccountState.SIGNED_OUT: _("Signed out"),
    AccountState.REVOKED: _("Refused by Telegram"),
    AccountState.BANNED: _("Banned by Telegram"),
    AccountState.DISABLED: _("Out of use"),
}
WORK_STATES = {"due": _("Due"), "leased": _("In hand"), "parked": _("Given up")}
_WORK = {
    "accounts.securityevent": _("Mails about security"),
    "accounts.personalarchive": _("Archives of personal data"),
    "accounts.erasure": _("Erasures"),
    "accounts.invitation": _("Invitations"),
    "channels_app.collecttask": _("Collecting"),
    "channels_app.importfile": _("Imports"),
    "channels_app.snapshotmonth": _("Packing of curves"),
    "analytics.exportfile": _("Exports"),
    "analytics.reportfile": _("Reports"),
    "analytics.reportdelivery": _("Reports by mail"),
    "analytics.reportschedule": _("Timetables of reports"),
    "analytics.networkrun": _("Citations and standings"),
}


def work_name(table: str) -> Any:
    """What the work of a table is called; the table's own name where nobody has given it a better one."""
    return _WORK.get(table, table)
