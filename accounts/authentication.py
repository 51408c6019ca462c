"""How a program signs in to the API: ``Authorization: Bearer abk_live_…``, in the header only."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.access import access_by_token, remember_access
from accounts.event_models import EventKind
from accounts.events import record_event
from accounts.factors.rules import demand_factor
from accounts.models import ApiToken, User
from accounts.places import place_of
from accounts.throttling import limit_guessing
from accounts.tokens import find_token, may_come_from, note_use
from analyticbot.core.address import client_address
from analyticbot.core.errors import NotAllowed

_KEYWORD = b"bearer"


class ApiTokenAuthentication(BaseAuthentication):
    """Reads the token of the header; 401 if it is not valid, silence (for the session) if there is none."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """The creator and the token; None without an Authorization header. Raises AuthenticationFailed."""
        header = request.META.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
        if not header:
            return None
        scheme, _space, given = header.partition(b" ")
        if scheme.lower() != _KEYWORD:
            raise AuthenticationFailed(_("Send the token as: Authorization: Bearer abk_live_…"))
        now = timezone.now()
        holder = find_token(given.strip().decode("ascii", "replace"), now=now)
        if holder is None:
            limit_guessing(request)
            record_event(EventKind.TOKEN_REFUSED, user=None, now=now, request=request)
            raise AuthenticationFailed(_("This token is not valid: mistyped, expired, revoked, or its owner has left."))
        if not may_come_from(holder.token, client_address(request)):
            limit_guessing(request)
            self._tell_refused(request, holder.token, now=now)
            raise NotAllowed(_("This token may not be used from your network."), code="network_not_allowed")
        demand_factor(holder.token.creator, holder.token.workspace)
        note_use(holder.token, now=now, network=place_of(request))
        remember_access(request, access_by_token(holder.token, role=holder.role))
        return holder.token.creator, holder.token

    @staticmethod
    def _tell_refused(request: Request, token: ApiToken, *, now: datetime) -> None:
        record_event(
            EventKind.TOKEN_REFUSED, user=token.creator, now=now, request=request, detail={"token": token.name}
        )

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        """What a 401 asks for."""
        return 'Bearer realm="AnalyticBot API"'
