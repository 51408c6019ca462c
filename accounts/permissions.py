"""What an API view demands of who calls it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.access import access_of, note_denial, visits_demo
from accounts.roles import Permission
from accounts.throttling import limit_strangers
from analyticbot.core.errors import NotAllowed

if TYPE_CHECKING:
    from rest_framework.views import APIView  # it loads this module while it is loaded itself


def required_permission(view: Any, method: str) -> Permission:
    """The permission that `view` names for `method`: `required_scope` is one name, or one for each method.

    Raises ImproperlyConfigured for a view that names none: no view is open by oversight.
    """
    named = getattr(view, "required_scope", None)
    if isinstance(named, Mapping):
        named = named.get("GET" if method in {"HEAD", "OPTIONS"} else method)
    if named is None:
        raise ImproperlyConfigured(f"{type(view).__name__} names no required_scope for {method}.")
    return Permission(named)


class IsWorkspaceMember(BasePermission):
    """A member of a workspace whose role, and whose token's scopes, allow what the view demands."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """False (401) if nobody is signed in; NotAllowed (403) if the role or the scopes lack the permission."""
        if not request.user.is_authenticated and not visits_demo(request):
            limit_strangers(request)
            return False
        access = access_of(request)
        if (request.method or "") not in view.allowed_methods:
            return True  # DRF answers 405 next
        permission = required_permission(view, request.method or "")
        if not access.allows(permission):
            note_denial(request, access, permission)
            raise NotAllowed(
                _("This needs the permission %(name)s.") % {"name": permission.value}, code="permission_missing"
            )
        return True
