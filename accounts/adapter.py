"""Our choices where allauth asks: a workspace at sign-up, limits that hold without the cache, one idea of addresses."""

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as allauth_context
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import user_actor
from accounts.devices import blurred
from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.guarding import Standing, weigh_password
from accounts.legal.consents import agree_at_sign_in
from accounts.models import User
from accounts.sign_ins import note_refusal, note_sign_in
from accounts.sign_up import take_language_and_zone, welcome
from accounts.stepup import recently_confirmed
from accounts.workspaces import ensure_personal_workspace
from analyticbot.core import runtime
from analyticbot.core.address import client_address
from analyticbot.core.ratelimit import MAIL_BY_RECIPIENT, LimiterAway, take

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """allauth's default behaviour with ours put in."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - allauth's signature
        """Save a person who signs up, with their language and zone, and make their workspace."""
        take_language_and_zone(request, user)
        if not commit:
            return super().save_user(request, user, form, commit=False)  # type: ignore[no-any-return]
        with transaction.atomic():
            super().save_user(request, user, form)
            welcome(user, now=timezone.now())
        return user

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Whether new people may make an account now."""
        return runtime.SIGN_UP.now()

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in. Who was made by a command has no workspace yet and gets one."""
        super().login(request, user)
        ensure_personal_workspace(user, now=timezone.now(), actor=user_actor(user))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Tell of the sign-in when every step of it is done."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        note_sign_in(request, response, user=user, now=timezone.now())
        agree_at_sign_in(request, user, now=timezone.now())
        return response

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Look at a password, unless too many were guessed. allauth counts in the cache, which may be away.

        Raises ValidationError, also for a right password that comes from a stranger while others are guessing.
        """
        email, now = str(credentials.get("email", "")), timezone.now()
        standing = _weighed(request, email)
        if standing == Standing.REFUSED:
            note_refusal(request, email, kind=EventKind.SIGN_IN_SLOWED, now=now)
            raise self.validation_error("too_many_login_attempts")
        user: User | None = super().authenticate(request, **credentials)
        if standing == Standing.BY_MAIL:
            if user is None:
                note_refusal(request, email, kind=EventKind.SIGN_IN_SLOWED, now=now)
            else:
                record_event(EventKind.ADMITTED, user=user, now=now, request=request)
            raise ValidationError(
                _(
                    "Somebody is guessing passwords of this account. If yours was right, we have sent you a mail:"
                    " follow its link, then sign in."
                ),
                code="by_mail",
            )
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Tell of a wrong password."""
        note_refusal(request, str(credentials.get("email", "")), kind=EventKind.SIGN_IN_REFUSED, now=timezone.now())

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether this is the password of who is signed in; by the account's own address, listed or not."""
        found = self.authenticate(allauth_context.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Mail the link, and tell that somebody asked for it."""
        record_event(EventKind.RESET_ASKED, user=user, now=timezone.now(), request=allauth_context.request)
        super().send_password_reset_mail(user, email, context)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail, but not so many that strangers could fill somebody's mailbox through our forms."""
        try:
            allowed = take([MAIL_BY_RECIPIENT], key=blurred(email)).allowed
        except LimiterAway:
            allowed = True
        if allowed:
            super().send_mail(template_prefix, email, context)
        else:
            logger.warning("not sent, too many mails to one address: %s", template_prefix)

    def get_login_stages(self) -> list[str]:
        """Steps of signing in, with our own idea of the second."""
        ours = {"allauth.mfa.stages.AuthenticateStage": "accounts.factors.stage.SecondStep"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def is_reauthentication_required(self, *, app: str, **_rest: Any) -> bool:  # noqa: ARG002 - allauth's signature
        """Whether allauth's own views ask for a confirmation first: by the one rule that all sensitive acts have."""
        return not recently_confirmed(allauth_context.request)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address allauth counts by: ours, which believes only trusted proxies."""
        return client_address(request) or "unknown"


def _weighed(request: HttpRequest, email: str) -> Standing:
    """What a guess may lead to; raises ValidationError where nothing can be counted."""
    try:
        return weigh_password(request, email, now=timezone.now())
    except LimiterAway:
        raise ValidationError(_("Signing in is not possible at the moment. Try again in a minute.")) from None
