"""Ways to sign in: on the page of sign-in, and in the settings of the person."""

from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from django import template
from django.http import HttpRequest

from accounts.event_models import EventKind, SecurityEvent
from accounts.models import TelegramIdentity, User
from accounts.telegram.identities import widget_is_offered

register = template.Library()
_SHOWN = 20


@register.inclusion_tag("account/parts/other_ways.html", takes_context=True)
def other_ways(context: dict[str, Any]) -> dict[str, Any]:
    """Buttons to sign in without a password of ours; nothing where none is set up."""
    request: HttpRequest = context["request"]
    return {
        "telegram": widget_is_offered(),
        "providers": get_adapter().list_providers(request),
        "csrf_token": context.get("csrf_token"),
        "next": context.get("redirect_field_value") or "",
    }


@register.inclusion_tag("settings/parts/connected_ways.html", takes_context=True)
def connected_ways(context: dict[str, Any]) -> dict[str, Any]:
    """What a person has connected, and what they could connect."""
    request: HttpRequest = context["request"]
    user = request.user
    assert isinstance(user, User)  # noqa: S101 - the page is of who is signed in
    accounts = {account.provider: account for account in SocialAccount.objects.filter(user=user)}
    providers = get_adapter().list_providers(request)
    return {
        "telegram": TelegramIdentity.objects.filter(user=user).first(),
        "telegram_offered": widget_is_offered(),
        "providers": [(provider, accounts.get(provider.sub_id)) for provider in providers],
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("settings/parts/security_events.html", takes_context=True)
def security_events(context: dict[str, Any]) -> dict[str, Any]:
    """The latest of what happened to the account."""
    user = context["request"].user
    events = SecurityEvent.objects.filter(user=user).order_by("-at", "-pk")[:_SHOWN]
    return {"events": [(event, EventKind(event.kind).label) for event in events], "zone": user.time_zone}
