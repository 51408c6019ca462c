"""The second step of signing in: who is asked for it, and by what."""

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from accounts.models import User

_BY_TELEGRAM = "telegram"


class SecondStep(AuthenticateStage):  # type: ignore[misc]  # allauth is untyped
    """allauth's, but nobody is asked by Telegram for what they have just shown by Telegram."""

    def _should_handle(self, request: HttpRequest) -> bool:
        if not super()._should_handle(request):
            return False
        user: User = self.login.user
        return not came_by_telegram(request, user) or has_own_factor(user)


def came_by_telegram(request: HttpRequest, user: User) -> bool:
    """Whether the first step of this sign-in was Telegram: a code sent there proves nothing more."""
    return any(record["method"] == _BY_TELEGRAM for record in get_authentication_records(request, user))


def has_own_factor(user: User) -> bool:
    """Whether the person has an app or a key."""
    own = Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES)
    return bool(own.exists())
