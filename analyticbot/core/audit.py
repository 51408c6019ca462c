"""The audit trail: one row for each state change, written in the transaction of the change.

The rows of a workspace are a chain (`analyticbot.core.trail`): each holds the hash of the one before.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from django.db.models import Model

from analyticbot.core.models import AuditEntry
from analyticbot.core.trail.chain import Words
from analyticbot.core.trail.writing import append_entry, present_origin


@dataclass(frozen=True, slots=True)
class Actor:
    """Who causes a change. The label is kept in the trail after the person or token is gone.

    A member of staff who impersonates somebody is the actor (`staff`), and says for whom.
    """

    kind: Literal["user", "token", "system", "staff"]
    id: int | None
    label: str
    for_user_id: int | None = None
    for_label: str = ""


SYSTEM = Actor(kind="system", id=None, label="system")


class AuditAction(StrEnum):
    """Everything that leaves an audit row, as ``source:subject:action``."""

    USER_SIGNED_UP = "accounts:user:signed_up"
    USER_CHANGED = "accounts:user:changed"
    USER_ERASURE_ASKED = "accounts:user:erasure_asked"
    USER_ERASURE_TAKEN_BACK = "accounts:user:erasure_taken_back"
    USER_ERASED = "accounts:user:erased"
    OWNERSHIP_TAKEN_OVER = "accounts:membership:taken_over"
    WORKSPACE_ERASED = "accounts:workspace:erased"
    ARCHIVE_REQUESTED = "accounts:archive:requested"
    ARCHIVE_FINISHED = "accounts:archive:finished"
    ARCHIVE_FETCHED = "accounts:archive:fetched"
    ARCHIVE_REMOVED = "accounts:archive:removed"
    USER_CREATED = "accounts:user:created"
    USER_SUSPENDED = "accounts:user:suspended"
    USER_REACTIVATED = "accounts:user:reactivated"
    USER_UNLOCKED = "accounts:user:unlocked"
    USER_FACTORS_RESET = "accounts:user:factors_reset"
    USER_TIER_CHANGED = "accounts:user:tier_changed"
    WORKSPACE_SUSPENDED = "accounts:workspace:suspended"
    WORKSPACE_REACTIVATED = "accounts:workspace:reactivated"
    IMPERSONATION_STARTED = "superadmin:impersonation:started"
    IMPERSONATION_ENDED = "superadmin:impersonation:ended"
    APPROVAL_ASKED = "superadmin:approval:asked"
    APPROVAL_DECIDED = "superadmin:approval:decided"
    NETWORK_ADDED = "superadmin:network:added"
    NETWORK_REMOVED = "superadmin:network:removed"
    TELEGRAM_CONNECTED = "accounts:telegram:connected"
    TELEGRAM_DISCONNECTED = "accounts:telegram:disconnected"
    WORKSPACE_CREATED = "accounts:workspace:created"
    WORKSPACE_CHANGED = "accounts:workspace:changed"
    WORKSPACE_DELETED = "accounts:workspace:deleted"
    WORKSPACE_RESTORED = "accounts:workspace:restored"
    MEMBERSHIP_ADDED = "accounts:membership:added"
    MEMBERSHIP_CHANGED = "accounts:membership:changed"
    MEMBERSHIP_REMOVED = "accounts:membership:removed"
    MEMBERSHIP_LEFT = "accounts:membership:left"
    INVITATION_SENT = "accounts:invitation:sent"
    INVITATION_WITHDRAWN = "accounts:invitation:withdrawn"
    INVITATION_ACCEPTED = "accounts:invitation:accepted"
    OWNERSHIP_OFFERED = "accounts:ownership:offered"
    OWNERSHIP_OFFER_ENDED = "accounts:ownership:offer_ended"
    FACTOR_ADDED = "accounts:factor:added"
    FACTOR_REMOVED = "accounts:factor:removed"
    SESSIONS_ENDED = "accounts:sessions:ended"
    TOKEN_CREATED = "accounts:token:created"  # noqa: S105 - the name of an action
    TOKEN_REVOKED = "accounts:token:revoked"  # noqa: S105 - the name of an action
    PLAN_CHANGED = "billing:plan:changed"
    ACCOUNT_ADDED = "mtproto:account:added"
    ACCOUNT_SIGNED_OUT = "mtproto:account:signed_out"
    ACCOUNT_DISABLED = "mtproto:account:disabled"
    ACCOUNT_REFUSED = "mtproto:account:refused"
    CHANNEL_TRACKED = "channels:channel:tracked"
    CHANNEL_UNTRACKED = "channels:channel:untracked"
    CHANNEL_OWNED = "channels:channel:owned"
    CHANNEL_RESYNCED = "channels:channel:resynced"
    IMPORT_FINISHED = "channels:import:finished"
    EXPORT_REQUESTED = "analytics:export:requested"
    EXPORT_FINISHED = "analytics:export:finished"
    EXPORT_FETCHED = "analytics:export:fetched"
    EXPORT_STREAMED = "analytics:export:streamed"
    EXPORT_DELETED = "analytics:export:deleted"
    REPORT_REQUESTED = "analytics:report:requested"
    REPORT_FINISHED = "analytics:report:finished"
    REPORT_FETCHED = "analytics:report:fetched"
    REPORT_DELETED = "analytics:report:deleted"
    SCHEDULE_CREATED = "analytics:schedule:created"
    SCHEDULE_CHANGED = "analytics:schedule:changed"
    SCHEDULE_PAUSED = "analytics:schedule:paused"
    SCHEDULE_RESUMED = "analytics:schedule:resumed"
    SCHEDULE_DELETED = "analytics:schedule:deleted"
    RECIPIENT_CONFIRMED = "analytics:recipient:confirmed"
    RECIPIENT_STOPPED = "analytics:recipient:stopped"
    RECIPIENT_RESUMED = "analytics:recipient:resumed"
    DELIVERY_REPEATED = "analytics:delivery:repeated"
    BRANDING_CHANGED = "analytics:branding:changed"
    MEDIA_KIT_CHANGED = "analytics:media_kit:changed"
    SHARE_CREATED = "analytics:share:created"
    SHARE_CHANGED = "analytics:share:changed"
    SHARE_ROTATED = "analytics:share:rotated"
    SHARE_REVOKED = "analytics:share:revoked"
    NOTE_ADDED = "analytics:note:added"
    NOTE_CHANGED = "analytics:note:changed"
    NOTE_REMOVED = "analytics:note:removed"
    SEGMENT_SAVED = "analytics:segment:saved"
    SEGMENT_RENAMED = "analytics:segment:renamed"
    SEGMENT_REMOVED = "analytics:segment:removed"
    CHANNEL_TAGGED = "analytics:tag:changed"
    TAG_RENAMED = "analytics:tag:renamed"
    WORK_PARKED = "channels:work:parked"
    WORK_REPLAYED = "channels:work:replayed"
    PERSON_FORGOTTEN = "core:person:forgotten"
    CONFIGURATION_CHANGED = "core:configuration:changed"
    AUDIT_EXPORTED = "core:audit:exported"
    CHANNEL_PAUSED = "channels:channel:paused"
    CHANNEL_RESUMED = "channels:channel:resumed"
    CHANNEL_BLOCKED = "channels:channel:blocked"
    CHANNEL_UNBLOCKED = "channels:channel:unblocked"
    ACCOUNT_ENABLED = "mtproto:account:enabled"
    ACCOUNT_RELEASED = "mtproto:account:released"


def record_audit(
    action: AuditAction,
    subject: Model,
    *,
    actor: Actor,
    now: datetime,
    workspace_id: int | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write the audit row of a change to `subject`; call it last in the change's transaction. No secrets in it.

    From here to the end of the transaction nobody else can write to the trail of that workspace. Where the request
    came from is taken from the request in progress.
    """
    origin = present_origin()
    return append_entry(
        at=now,
        workspace_id=workspace_id,
        actor_kind=actor.kind,
        actor_id=actor.id,
        for_user_id=actor.for_user_id,
        action=action.value,
        object_type=subject._meta.label_lower,
        object_id=str(subject.pk),
        request_id=origin.request_id,
        words=Words(actor.label, actor.for_label, origin.address, origin.agent, before, after),
    )
