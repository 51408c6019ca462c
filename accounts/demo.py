"""The public demo: a workspace that everybody may look at, kept in a cookie and not in an account."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import Workspace, open_workspace

_COOKIE = "demo"
_DAY = 24 * 3600


def demo_workspace() -> Workspace | None:
    """The workspace that is shown to everybody; None where there is none, or PUBLIC_DEMO is off."""
    return Workspace.objects.filter(open_workspace(), is_demo=True).first() if settings.PUBLIC_DEMO else None


def has_demo_cookie(request: HttpRequest) -> bool:
    """Whether the browser has entered the demo. The cookie is no secret: it opens what is open to everybody."""
    return settings.PUBLIC_DEMO and request.COOKIES.get(_COOKIE) == "1"


def enter_demo(request: HttpRequest, response: HttpResponse) -> None:
    """Have the browser look at the demo for a day."""
    response.set_cookie(_COOKIE, "1", max_age=_DAY, httponly=True, samesite="Lax", secure=request.is_secure())


def leave_demo(response: HttpResponse) -> None:
    """Have the browser forget the demo."""
    response.delete_cookie(_COOKIE, samesite="Lax")


class _Demo:
    """What templates ask about the demo; each answer costs nothing until it is asked for."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def visited(self) -> bool:
        """Whether this is a page of the demo; the start page and the forms of signing in are not."""
        from accounts.access import visits_demo  # it reads this module while it is loaded itself

        return self._request.path.startswith("/app/") and visits_demo(self._request)

    @property
    def is_open(self) -> bool:
        """Whether there is a demo to be entered."""
        return demo_workspace() is not None


def context(request: HttpRequest) -> dict[str, Any]:
    """`demo` for every template."""
    return {"demo": _Demo(request)}
