"""What states and kinds of the rooms below are called in the panel."""

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
