"""What every new person gets, whichever way they sign up: their language and zone, and a workspace."""

import zoneinfo
from datetime import datetime

from django.http import HttpRequest
from django.utils import translation

from accounts.access import user_actor
from accounts.models import User
from accounts.workspaces import ensure_personal_workspace
from analyticbot.core.audit import AuditAction, record_audit


def take_language_and_zone(request: HttpRequest, user: User) -> None:
    """Give a person who is not saved yet the language they read, and the zone that their browser told."""
    user.language = translation.get_language() or user.language
    zone = request.POST.get("time_zone", "")
    user.time_zone = zone if zone in zoneinfo.available_timezones() else user.time_zone


def welcome(user: User, *, now: datetime) -> None:
    """Make the first workspace of a person who has just been saved, and note that they came."""
    actor = user_actor(user)
    record_audit(AuditAction.USER_SIGNED_UP, user, actor=actor, now=now)
    ensure_personal_workspace(user, now=now, actor=actor)
