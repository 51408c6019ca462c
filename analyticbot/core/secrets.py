"""Secrets at rest: a text field whose column holds only ciphertext bound to its owner row.

Keys come from ``ENC_KEYS`` = ``k2:<base64 Fernet key>,k1:<…>``: the first encrypts, all decrypt. Stored as
``k2$<Fernet token>``. Fernet has no associated data, so the plaintext travels in an envelope that names model,
field and owner; a token moved to another row or column does not open.
"""

import json
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models


class SecretUnreadable(Exception):
    """A stored secret does not open: wrong key, tampered, or moved from another row."""


@lru_cache(maxsize=4)
def _keys(spec: str) -> dict[str, Fernet]:
    keys: dict[str, Fernet] = {}
    for part in filter(None, (p.strip() for p in spec.split(","))):
        name, _, key = part.partition(":")
        try:
            keys[name] = Fernet(key.encode())
        except ValueError:
            raise ImproperlyConfigured(
                f"ENC_KEYS: key {name!r} is not 32 bytes of URL-safe base64 (NAME:KEY, newest first)."
            ) from None
    if not keys:
        raise ImproperlyConfigured("ENC_KEYS: no key given (NAME:KEY, newest first).")
    return keys


def seal(text: str, *, purpose: str) -> str:
    """Encrypt `text` under the newest key, bound to `purpose` (for instance ``app.model.field:owner``)."""
    name, fernet = next(iter(_keys(settings.ENC_KEYS).items()))
    envelope = json.dumps({"p": purpose, "t": text}, ensure_ascii=False)
    return f"{name}${fernet.encrypt(envelope.encode()).decode()}"


def unseal(token: str, *, purpose: str) -> str:
    """Decrypt what `seal` made for the same `purpose`; raise SecretUnreadable otherwise."""
    name, _, body = token.partition("$")
    fernet = _keys(settings.ENC_KEYS).get(name)
    if fernet is None:
        raise SecretUnreadable(f"{purpose}: sealed with key {name!r}, which ENC_KEYS does not hold")
    try:
        envelope = json.loads(fernet.decrypt(body.encode()))
    except InvalidToken:
        raise SecretUnreadable(f"{purpose}: the stored secret does not open with key {name!r}") from None
    if envelope["p"] != purpose:
        raise SecretUnreadable(f"{purpose}: the stored secret belongs to another row")
    return str(envelope["t"])


def known_keys() -> frozenset[str]:
    """Names of the keys that ENC_KEYS holds."""
    return frozenset(_keys(settings.ENC_KEYS))


def sealed_with_newest(token: str) -> bool:
    """True when `token` needs no re-encryption."""
    return token.partition("$")[0] == next(iter(_keys(settings.ENC_KEYS)))


class Secret(str):
    """A decrypted secret: a string that does not show itself in a repr or a log line."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'********'"


class _SealedAttribute:
    """Opens the token at reading and seals at writing, with the owner's public id as part of the purpose."""

    def __init__(self, field: "SealedTextField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type[models.Model]) -> Any:
        if instance is None:
            return self
        if self.field.attname not in instance.__dict__:  # a deferred column
            instance.refresh_from_db(fields=[self.field.attname])
        token = instance.__dict__.get(self.field.attname)
        return token if token is None else Secret(unseal(token, purpose=self.field.purpose(instance)))

    def __set__(self, instance: models.Model, value: Any) -> None:
        if isinstance(value, _Token) or value is None:
            instance.__dict__[self.field.attname] = None if value is None else str(value)
        else:
            instance.__dict__[self.field.attname] = seal(value, purpose=self.field.purpose(instance))


class _Token(str):
    """Text as it stands in the database column."""

    __slots__ = ()


class SealedTextField(models.TextField):  # type: ignore[type-arg]
    """Encrypted text. `owner_field` names a field that is set before the secret and never changes."""

    def __init__(self, *args: Any, owner_field: str = "public_id", **kwargs: Any) -> None:
        self.owner_field = owner_field
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        if self.owner_field != "public_id":
            kwargs["owner_field"] = self.owner_field
        return str(name), path, list(args), dict(kwargs)

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's signature
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, name, _SealedAttribute(self))

    def purpose(self, instance: models.Model) -> str:
        """What the token is bound to: ``app.model.field:owner``."""
        owner = getattr(instance, self.owner_field)
        return f"{instance._meta.label_lower}.{self.name}:{owner}"

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        return None if value is None else _Token(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:  # noqa: FBT001, ARG002 - Django's signature
        return model_instance.__dict__.get(self.attname)

    def value_to_string(self, obj: models.Model) -> str:
        """Serialised dumps carry the token, never the text."""
        return str(obj.__dict__.get(self.attname) or "")
