"""Our choices where allauth signs people in with another service (OpenID Connect).

An equal e-mail address proves nothing: whoever runs, or has fooled, a provider could name any. So an account that
exists is never entered that way; its owner signs in as always and connects the service in the settings.
"""

from typing import Any

from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.models import User
from accounts.sign_up import take_language_and_zone, welcome


class ProviderAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth is untyped
    """allauth's default behaviour with ours put in."""

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """The person as the provider describes them; addresses are kept in lower case here."""
        user: User = super().populate_user(request, sociallogin, data)
        parts = (data.get("first_name"), data.get("last_name"))
        user.email, user.name = user.email.lower(), (data.get("name") or " ".join(filter(None, parts)))[:120]
        take_language_and_zone(request, user)
        return user

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Save a person who signs up with a provider, and make their workspace."""
        with transaction.atomic():
            user: User = super().save_user(request, sociallogin, form)
            if form is None:  # else the account's adapter has done it
                welcome(user, now=timezone.now())
        return user

    def on_authentication_error(self, request: HttpRequest, provider: Any, **details: Any) -> None:
        """Tell of an answer that does not fit what was asked: a wrong state, a wrong signature, a refusal."""
        detail = {"by": str(getattr(provider, "sub_id", provider))[:40], "reason": str(details.get("error"))[:40]}
        record_event(EventKind.SIGN_IN_FORGED, user=None, now=timezone.now(), request=request, detail=detail)

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """Security events are mailed by ourselves."""
