"""Our choices where allauth asks: a workspace at sign-up, limits that hold without the cache, one idea of addresses."""

import hashlib
import logging
import zoneinfo
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access import user_actor
from accounts.models import User
from accounts.workspaces import ensure_personal_workspace
from analyticbot.core.address import client_address, client_network
from analyticbot.core.audit import AuditAction, record_audit
from analyticbot.core.ratelimit import MAIL_BY_RECIPIENT, SIGN_IN_BY_ACCOUNT, SIGN_IN_BY_ADDRESS, LimiterAway, take

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """allauth's default behaviour with ours put in."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - allauth's signature
        """Save a person who signs up, with their language and zone, and make their workspace."""
        user.language = translation.get_language() or user.language
        user.time_zone = _known_zone(request.POST.get("time_zone", "")) or user.time_zone
        if not commit:
            return super().save_user(request, user, form, commit=False)  # type: ignore[no-any-return]
        with transaction.atomic():
            super().save_user(request, user, form)
            now, actor = timezone.now(), user_actor(user)
            record_audit(AuditAction.USER_SIGNED_UP, user, actor=actor, now=now)
            ensure_personal_workspace(user, now=now, actor=actor)
        return user

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in. Who was made by a command has no workspace yet and gets one."""
        super().login(request, user)
        ensure_personal_workspace(user, now=timezone.now(), actor=user_actor(user))

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse guessing. allauth counts in the cache, which passes everything when it is away; this does not."""
        who = _blurred(str(credentials.get("email", "")))
        try:
            verdicts = [
                take([SIGN_IN_BY_ADDRESS], key=client_network(request)),
                # By account and address: nobody can lock another out by guessing from elsewhere.
                take([SIGN_IN_BY_ACCOUNT], key=f"{who}:{client_network(request)}"),
            ]
        except LimiterAway:
            raise ValidationError(_("Signing in is not possible at the moment. Try again in a minute.")) from None
        if not all(verdict.allowed for verdict in verdicts):
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail, but not so many that strangers could fill somebody's mailbox through our forms."""
        try:
            allowed = take([MAIL_BY_RECIPIENT], key=_blurred(email)).allowed
        except LimiterAway:
            allowed = True
        if allowed:
            super().send_mail(template_prefix, email, context)
        else:
            logger.warning("not sent, too many mails to one address: %s", template_prefix)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address allauth counts by: ours, which believes only trusted proxies."""
        return client_address(request) or "unknown"


def _blurred(email: str) -> str:
    """A key for an address that does not show it."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:32]


def _known_zone(name: str) -> str | None:
    return name if name in zoneinfo.available_timezones() else None
