"""Every column that could hold a secret is sealed, or reviewed: a new one fails here until somebody thinks of it."""

import re

from django.apps import apps
from django.db.models import JSONField

from analyticbot.core.resealing import _registered
from analyticbot.core.secrets import SealedTextField

_TELLING = re.compile(r"secret|token|passw|seed|session|key|hash|digest|salt|code|phone|credential|nonce|otp|pin", re.I)
_TEXTS = {"CharField", "TextField", "BinaryField", "JSONField", "SlugField", "URLField"}

HASHED = "only a hash is kept, of something random or through Django's password hasher"
PUBLIC = "no secret: a name, a key to look things up by, or a hash of public things"
SIGNED = "proofs of the audit trail, made with a key outside the database"
UNUSED = "a table of a package that stays empty: providers come from the environment, their tokens are not stored"
REVIEWED = {
    "account.EmailConfirmation.key": UNUSED,
    "accounts.ApiToken.digest": HASHED,
    "accounts.Invitation.digest": HASHED,
    "accounts.SentCode.digest": HASHED,
    "accounts.User.password": HASHED,
    "analytics.ChannelTag.key": PUBLIC,
    "analytics.SharedLink.digest": HASHED,
    "analytics.SharedLink.password": HASHED,
    "auth.Permission.codename": PUBLIC,
    "channels_app.Channel.invite_hash": "opens a private channel to who has it; needed to join, told to its workspace",
    "channels_app.TrackedChannel.invite_hash": "as Channel.invite_hash",
    "channels_app.ChannelSync.error_code": PUBLIC,
    "channels_app.OfficialGraph.digest": PUBLIC,
    "channels_app.Post.content_hash": PUBLIC,
    "channels_app.Post.text_hash": PUBLIC,
    "channels_app.PostRevision.text_hash": PUBLIC,
    "core.AuditAnchor.hash": SIGNED,
    "core.AuditAnchor.key": SIGNED,
    "core.AuditAnchor.prev_hash": SIGNED,
    "core.AuditEntry.hash": SIGNED,
    "core.AuditEntry.key": SIGNED,
    "core.AuditEntry.prev_hash": SIGNED,
    "core.AuditEntry.words_hash": SIGNED,
    "core.AuditWords.salt": "of proofs; without the key outside the database it opens nothing",
    "core.ConfigurationVersion.key": PUBLIC,
    "django_celery_beat.PeriodicTask.routing_key": PUBLIC,
    "sessions.Session.session_data": "signed; secrets in it are sealed (Telegram sign-in) or last minutes (a new app)",
    "sessions.Session.session_key": "opens a session while it lasts: at most 14 days, ended by idleness and by people",
    "socialaccount.SocialApp.key": UNUSED,
    "socialaccount.SocialApp.secret": UNUSED,
    "socialaccount.SocialToken.token": UNUSED,
    "socialaccount.SocialToken.token_secret": UNUSED,
    "usersessions.UserSession.session_key": "as sessions.Session.session_key",
}


def test_columns_that_sound_secret_are_sealed_or_reviewed() -> None:
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.get_internal_type() in _TEXTS
        and _TELLING.search(field.name)
        and not isinstance(field, (SealedTextField, JSONField))
    }

    assert found - set(REVIEWED) == set(), "Use SealedTextField, or write here why it need not be sealed."
    assert set(REVIEWED) - found == set(), "These are gone: take them out of the list."


def test_secrets_of_second_factors_are_looked_after() -> None:
    assert "mfa.Authenticator.data" in _registered
