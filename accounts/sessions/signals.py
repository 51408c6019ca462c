"""What signing in, and a new password, mean for sessions."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.account.signals import user_logged_in as came_in
from allauth.usersessions import signals as theirs
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.sessions.ending import end_other_sessions
from accounts.sessions.limits import begin, forget


@receiver(user_logged_in)
def on_sign_in(request: HttpRequest, user: User, **_rest: Any) -> None:
    """Through whichever door: the session begins."""
    begin(request, user, now=timezone.now())


@receiver(user_logged_out)
def on_sign_out(request: HttpRequest, **_rest: Any) -> None:
    """It is in no list any more."""
    forget(request)


@receiver((password_changed, password_set, password_reset))
def on_new_password(request: HttpRequest, user: User, **_rest: Any) -> None:
    """Whoever came in with the old one is out."""
    end_other_sessions(request, user, now=timezone.now())


def take_over() -> None:
    """allauth keeps the same list by signals of its own, at a read of every session for each sign-in."""
    came_in.disconnect(receiver=theirs.on_user_logged_in)
    for signal in (password_set, password_changed):
        signal.disconnect(receiver=theirs.on_password_changed)
