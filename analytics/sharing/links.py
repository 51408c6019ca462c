"""Shared links are made, changed and taken back: one transaction and one audit row for each change."""

import uuid
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import Max, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import User, Workspace, open_workspace
from analyticbot.core import runtime
from analyticbot.core.audit import Actor, AuditAction, record_audit
from analyticbot.core.errors import Conflict, NotAllowed
from analytics.sharing.models import SharedLink
from analytics.sharing.terms import Terms, check_password, check_terms, terms_of
from analytics.sharing.tokens import PREFIX_LENGTH, digest_of, is_well_formed, new_token
from billing.limits import limits_for, refuse_beyond
from channels_app.models import Hold, TrackedChannel


@transaction.atomic
def create_link(
    tracked: TrackedChannel, *, terms: Terms, password: str = "", creator: User | None, actor: Actor, now: datetime
) -> tuple[SharedLink, str]:
    """Share a channel; returns the link and its token, which is shown this once.

    Raises InvalidInput (with its field), NotAllowed (`shares_off`) and PlanLimitReached.
    """
    _require_switched_on()
    check_terms(terms, tracked=tracked, now=now)
    if password:
        check_password(password)
    _require_room(tracked.workspace, now=now)
    token = new_token()
    link = SharedLink.objects.create(
        workspace_id=tracked.workspace_id,
        tracked=tracked,
        creator=creator,
        digest=digest_of(token),
        prefix=token[:PREFIX_LENGTH],
        created_at=now,
        password=make_password(password) if password else "",
        **_columns(terms),
    )
    _audit(AuditAction.SHARE_CREATED, link, actor=actor, now=now, after={**_told(terms), "password": bool(password)})
    return link, token


@transaction.atomic
def change_link(
    link: SharedLink, *, terms: Terms, password: str | None = None, actor: Actor, now: datetime
) -> SharedLink:
    """Change what a link shows, and until when. Raises InvalidInput, and Conflict for a revoked one.

    `password`: a new one, empty for none, None to leave it. An expired link works again when its end is moved on, if
    the plan has room for it.
    """
    row = _locked(link)
    if password is not None:
        row = change_password(row, password=password, actor=actor, now=now)
    before = terms_of(row)
    check_terms(terms, tracked=row.tracked, now=now, before=before)
    if before == terms:
        return row
    if row.expires_at <= now < terms.expires_at:
        _require_room(row.workspace, now=now)
    columns = _columns(terms)
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))
    old, new = _told(before), _told(terms)
    changed = [name for name in new if old[name] != new[name]]
    _audit(
        AuditAction.SHARE_CHANGED,
        row,
        actor=actor,
        now=now,
        before={name: old[name] for name in changed},
        after={name: new[name] for name in changed},
    )
    return row


@transaction.atomic
def change_password(link: SharedLink, *, password: str, actor: Actor, now: datetime) -> SharedLink:
    """Set another password; an empty one means that none is asked for. Who is inside must give the new one."""
    if password:
        check_password(password)
    row = _locked(link)
    had = bool(row.password)
    row.password = make_password(password) if password else ""
    row.save(update_fields=["password"])
    _audit(
        AuditAction.SHARE_CHANGED,
        row,
        actor=actor,
        now=now,
        before={"password": had},
        after={"password": bool(password), "password_changed": True},
    )
    return row


@transaction.atomic
def rotate_link(link: SharedLink, *, actor: Actor, now: datetime) -> tuple[SharedLink, str]:
    """Give a link another address; the old one ends at once. Raises Conflict for a revoked link."""
    row = _locked(link)
    token, before = new_token(), row.prefix
    row.digest, row.prefix = digest_of(token), token[:PREFIX_LENGTH]
    row.save(update_fields=["digest", "prefix"])
    _audit(
        AuditAction.SHARE_ROTATED, row, actor=actor, now=now, before={"prefix": before}, after={"prefix": row.prefix}
    )
    return row, token


@transaction.atomic
def revoke_link(link: SharedLink, *, actor: Actor, now: datetime) -> SharedLink:
    """Take a link back: the next request finds nothing. Doing it twice changes nothing."""
    row = SharedLink.objects.select_for_update().get(pk=link.pk)
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        _audit(AuditAction.SHARE_REVOKED, row, actor=actor, now=now, before=_told(terms_of(row)))
    return row


def links_of(workspace: Workspace) -> "QuerySet[SharedLink]":
    """The links of a workspace, newest first, with their channels and how often they were looked at."""
    return (
        SharedLink.objects.filter(workspace=workspace)
        .select_related("tracked__channel", "creator")
        .annotate(viewed=Sum("views__count"), last_viewed=Max("views__hour"))
        .order_by("-pk")
    )


def find_link(workspace: Workspace, *, public_id: uuid.UUID) -> SharedLink | None:
    """The link of this workspace with that id."""
    return links_of(workspace).filter(public_id=public_id).first()


def open_link(token: str, *, now: datetime) -> SharedLink | None:
    """The link of that token if it works now; one read by key, so what was revoked is gone at once."""
    if not runtime.SHARED_LINKS.now() or not is_well_formed(token):
        return None
    return (
        SharedLink.objects.filter(digest=digest_of(token))
        .filter(Q(revoked_at__isnull=True, expires_at__gt=now), ~Q(tracked__channel__hold=Hold.BLOCKED))
        .filter(open_workspace("workspace__"))
        .select_related("workspace")
        .first()
    )


def _require_switched_on() -> None:
    if not runtime.SHARED_LINKS.now():
        raise NotAllowed(_("Shared links are switched off on this installation."), code="shares_off")


def _require_room(workspace: Workspace, *, now: datetime) -> None:
    """Raise PlanLimitReached if the plan allows no further link; the workspace is locked until the change is made."""
    most = limits_for(workspace).shared_links
    if most is None:
        return
    Workspace.objects.select_for_update(no_key=True).get(pk=workspace.pk)
    if SharedLink.objects.filter(workspace=workspace, revoked_at__isnull=True, expires_at__gt=now).count() >= most:
        refuse_beyond(_("The plan of this workspace allows %(most)s shared links at a time.") % {"most": most})


def _locked(link: SharedLink) -> SharedLink:
    row = SharedLink.objects.select_for_update(of=("self",)).select_related("workspace", "tracked").get(pk=link.pk)
    if row.revoked_at is not None:
        raise Conflict(_("This link was revoked. Make a new one."), code="share_revoked")
    return row


def _columns(terms: Terms) -> dict[str, Any]:
    columns = asdict(terms)
    return {**columns, "sections": list(terms.sections), "frame_ancestors": list(terms.frame_ancestors)}


def _told(terms: Terms) -> dict[str, Any]:
    """The terms as the audit trail keeps them."""
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in _columns(terms).items()
    }


def _audit(
    action: AuditAction,
    link: SharedLink,
    *,
    actor: Actor,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    record_audit(action, link, actor=actor, now=now, workspace_id=link.workspace_id, before=before, after=after)
