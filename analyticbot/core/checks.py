"""What Django checks at start and deployment for us: mistakes that do not stop the start but should be known."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name
from django.core.exceptions import ImproperlyConfigured

from analyticbot.core.secrets import seal, unseal


@register(Tags.security)
def check_keys(app_configs: Any, **_: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """Secrets at rest can be sealed and opened with the keys of the environment."""
    try:
        works = unseal(seal("check", purpose="check"), purpose="check") == "check"
    except ImproperlyConfigured as error:
        return [Error(str(error), hint="Set ENC_KEYS as .env.example shows.", id="analyticbot.E001")]
    return [] if works else [Error("Sealed secrets do not open.", hint="Check ENC_KEYS.", id="analyticbot.E001")]


@register(Tags.security, deploy=True)
def check_mail(app_configs: Any, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Without mail nobody can confirm an address or get back in."""
    if settings.EMAIL_BACKEND != "accounts.mail.FileMailBackend":
        return []
    return [
        Warning(
            "Mail is written to files: people who sign up never get their confirmation.",
            hint="Set EMAIL_URL, for instance smtp+tls://user:password@mail.example.org:587.",
            id="analyticbot.W001",
        )
    ]


@register(Tags.security, deploy=True)
def check_hosts(app_configs: Any, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The address we put into mails and links is one that we answer at."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    if any(_covers(allowed, host) for allowed in settings.ALLOWED_HOSTS):
        return []
    return [
        Warning(
            f"SITE_URL leads to {host}, which ALLOWED_HOSTS does not contain.",
            hint="Add it to ALLOWED_HOSTS, or leave ALLOWED_HOSTS empty.",
            id="analyticbot.W002",
        )
    ]


def _covers(allowed: str, host: str) -> bool:
    return allowed == host or (allowed.startswith(".") and f".{host}".endswith(allowed))
