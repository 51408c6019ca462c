"""What codes of the lower rooms mean to a person."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from channels_app.models import SyncState
from channels_app.queries import ChannelStatus, Progress

SOURCES: dict[str, Promise] = {
    "official": gettext_lazy("Telegram's official statistics"),
    "bot": gettext_lazy("Telegram bot"),
    "mtproto": gettext_lazy("counted by us in Telegram"),
    "import": gettext_lazy("imported file"),
    "preview": gettext_lazy("public preview page"),
}

NOTES: dict[str, Promise] = {
    "not_kept": gettext_lazy("Readings of that time are no longer kept."),
    "approximate": gettext_lazy("Some of the counters are rounded by the source."),
    "observed_after_period": gettext_lazy("Subscribers were first counted after this period."),
}

MEDIA: dict[str, Promise] = {
    "photo": gettext_lazy("Photo"),
    "video": gettext_lazy("Video"),
    "round_video": gettext_lazy("Video message"),
    "voice": gettext_lazy("Voice message"),
    "audio": gettext_lazy("Audio"),
    "animation": gettext_lazy("GIF"),
    "sticker": gettext_lazy("Sticker"),
    "document": gettext_lazy("File"),
    "web_page": gettext_lazy("Link"),
    "poll": gettext_lazy("Poll"),
    "geo": gettext_lazy("Location"),
    "contact": gettext_lazy("Contact"),
    "story": gettext_lazy("Story"),
    "giveaway": gettext_lazy("Giveaway"),
    "invoice": gettext_lazy("Invoice"),
    "game": gettext_lazy("Game"),
    "other": gettext_lazy("Attachment"),
}

_NOT_FOUND = gettext_lazy("Telegram knows no channel by this name or link. Check the spelling and add it again.")
_PRIVATE = gettext_lazy(
    "The channel is private, or our account was removed from it. Add it by an invite link, or give an export of it as "
    "a file; meanwhile we try again every day."
)
_AWAY = gettext_lazy("Telegram does not answer at the moment; collecting goes on by itself.")
_SIGNED_OUT = gettext_lazy("The Telegram account that collected this channel is signed out. Sign it in again.")

# The collector's codes: its own, or Telegram's where it has one.
_REASONS: dict[str, Promise] = {
    "PEER_NOT_FOUND": _NOT_FOUND,
    "USERNAME_NOT_OCCUPIED": _NOT_FOUND,
    "USERNAME_INVALID": _NOT_FOUND,
    "INVITE_HASH_INVALID": _NOT_FOUND,
    "INVITE_HASH_EXPIRED": gettext_lazy("This invite link has expired. Ask for a new one and add it."),
    "CHANNEL_PRIVATE": _PRIVATE,
    "CHAT_FORBIDDEN": _PRIVATE,
    "USER_BANNED_IN_CHANNEL": _PRIVATE,
    "USER_NOT_PARTICIPANT": _PRIVATE,
    "NOT_A_CHANNEL": gettext_lazy(
        "This is not a channel but a group, a person or a bot. Only channels are collected: remove it and name a "
        "channel."
    ),
    "FLOOD_WAIT": gettext_lazy("Telegram asks us to wait; collecting goes on by itself after that."),
    "UNREACHABLE": _AWAY,
    "TIMEOUT": _AWAY,
    "DISCONNECTED": _AWAY,
    "ACCOUNT_UNUSABLE": _SIGNED_OUT,
    "SIGNED_OUT": _SIGNED_OUT,
    "SESSION_REVOKED": _SIGNED_OUT,
    "AUTH_KEY_UNREGISTERED": _SIGNED_OUT,
    "NO_ACCOUNT": gettext_lazy(
        "No Telegram account is signed in yet, so nothing can be collected. Whoever runs this installation signs one "
        "in with the command add_telegram_account; an export as a file needs none."
    ),
    "SWITCHED_OFF": gettext_lazy("Collecting is switched off by the operator."),
}
_CODE = re.compile(r"[A-Z][A-Z0-9_]+")


def state_label(state: SyncState) -> str:
    """The state of a channel's collecting in a word or two."""
    labels = {
        SyncState.PENDING: _("Waiting to start"),
        SyncState.RUNNING: _("Collecting"),
        SyncState.COMPLETE: _("Up to date"),
        SyncState.FAILED: _("Not collected"),
    }
    return labels[state]


def problem_of(sync: Progress) -> str | None:
    """Why a channel is not collected, in the reader's language where we have the words; None while all is well."""
    if sync.error_code:
        return _reason(sync.error_code, sync.error or "")
    if sync.waiting:
        code, _colon, text = sync.waiting.partition(": ")
        return _reason(code, text or sync.waiting)
    return None


def _reason(code: str, text: str) -> str:
    """Our sentence for the code, else the collector's. The text of a crash is for the log, not for a person."""
    if code in _REASONS:
        return str(_REASONS[code])
    return text if text and _CODE.fullmatch(code) else _("Something went wrong; we will try again.")


def title_of(status: ChannelStatus) -> str:
    """What a channel is called: its title, else what it was added by."""
    return status.title or (status.name if status.username or status.id else _("Invite link"))
