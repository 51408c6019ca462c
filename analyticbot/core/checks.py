"""What Django checks at start and deployment for us: mistakes that do not stop the start but should be known."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, ProgrammingError

from analyticbot.core.resealing import keys_in_use
from analyticbot.core.secrets import known_keys, seal, unseal
from analyticbot.core.trail.keeping import rules_trail


@register(Tags.security)
def check_keys(app_configs: Any, **_: Any) -> list[CheckMessage]:  # noqa: ARG001 - Django's signature
    """Secrets at rest can be sealed and opened with the keys of the environment."""
    try:
        works = unseal(seal("check", purpose="check"), purpose="check") == "check"
    except ImproperlyConfigured as error:
        return [Error(str(error), hint="Set ENC_KEYS as .env.example shows.", id="analyticbot.E001")]
    return [] if works else [Error("Sealed secrets do not open.", hint="Check ENC_KEYS.", id="analyticbot.E001")]


@register(Tags.database)
def check_stored_secrets(app_configs: Any, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """Every stored secret is sealed, under a key that ENC_KEYS holds. Only with ``check --database default``."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        in_use = keys_in_use()
    except ProgrammingError:
        return []  # before the migration that makes a column; migrate asks, too
    known = known_keys()
    return [
        Error(
            f"Secrets in {', '.join(sorted(places))} are sealed with key {key!r}, which ENC_KEYS does not hold."
            if key
            else f"Texts in {', '.join(sorted(places))} are not sealed.",
            hint="Put the key back behind the newest one and run manage.py reencrypt."
            if key
            else "They were not written by AnalyticBot: find out by whom.",
            id="analyticbot.E002",
        )
        for key, places in sorted(in_use.items())
        if key not in known
    ]


@register(Tags.database, deploy=True)
def check_audit_keeper(app_configs: Any, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:  # noqa: ARG001
    """The application could not switch off the guards of its audit trail, even if somebody spoke for it."""
    if DEFAULT_DB_ALIAS not in (databases or ()) or not rules_trail():
        return []
    return [
        Warning(
            "The database role of the application owns the audit trail: it could switch its guards off.",
            hint="Run manage.py guard_audit ROLE once with the address of a superuser as DATABASE_URL.",
            id="analyticbot.W003",
        )
    ]


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
