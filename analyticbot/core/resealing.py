"""Where sealed secrets lie, under which keys, and sealing them anew: for a change of ENC_KEYS.

They lie in fields of ours (`SealedTextField`) and in columns of packages, which the rooms that seal them register.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from analyticbot.core.secrets import SealedTextField, SecretUnreadable, seal, sealed_with_newest, unseal

_BATCH = 200
# What is not sealed might be the secret itself: it is not shown.
_KEYS = """
SELECT DISTINCT coalesce(substring({text} FROM '^([^$]{{1,40}})[$]gAAAA'), '') FROM "{table}" WHERE {text} IS NOT NULL
"""


@dataclass(frozen=True, slots=True)
class SealedKeys:
    """Sealed texts within a JSON column, all for the same `purpose`: at each of `keys` a text or a list of texts."""

    model: str
    column: str
    keys: tuple[str, ...]
    purpose: str


_registered: dict[str, SealedKeys] = {}


def register(place: SealedKeys) -> None:
    """Have this column looked after from now on."""
    _registered[f"{place.model}.{place.column}"] = place


@dataclass(slots=True)
class Resealed:
    """How many secrets got the newest key, and which do not open."""

    count: int
    unreadable: list[str]


def reseal_all() -> Resealed:
    """Seal every stored secret anew that is not under the newest key; safe to repeat and to interrupt.

    Each row in its own transaction. A secret that does not open is named and left, and the others are done.
    """
    done = Resealed(0, [])
    for model, fields in sealed_models():
        for pk in _keys_of(model):
            _reseal_fields(model, fields, pk, done)
    for place in _registered.values():
        model = apps.get_model(place.model)
        for pk in _keys_of(model):
            _reseal_json(model, place, pk, done)
    return done


def keys_in_use() -> dict[str, set[str]]:
    """Name of each key that some stored secret needs → the columns that need it; empty: text that is not sealed."""
    found: dict[str, set[str]] = {}
    for name, table, text in _columns():
        with connection.cursor() as cursor:
            cursor.execute(_KEYS.format(text=text, table=table))
            for (key,) in cursor.fetchall():
                found.setdefault(key, set()).add(name)
    return found


def sealed_models() -> list[tuple[type[models.Model], list[SealedTextField]]]:
    """Models with sealed fields, and those fields."""
    found = ((m, [f for f in m._meta.local_fields if isinstance(f, SealedTextField)]) for m in apps.get_models())
    return [(model, fields) for model, fields in found if fields]


def _columns() -> Iterator[tuple[str, str, str]]:
    """Name for people, table, and SQL of the text, of every place."""
    for model, fields in sealed_models():
        for one in fields:
            yield f"{model._meta.label}.{one.name}", model._meta.db_table, f'"{one.column}"'
    for place in _registered.values():
        for key in place.keys:
            yield f"{place.model}.{place.column}", apps.get_model(place.model)._meta.db_table, _in_json(place, key)


def _in_json(place: SealedKeys, key: str) -> str:
    value = f"\"{place.column}\"->'{key}'"
    # Of a list, its first: all of one row were sealed at once.
    return f"(CASE jsonb_typeof({value}) WHEN 'array' THEN {value}->>0 ELSE {value}#>>'{{}}' END)"


def _keys_of(model: type[models.Model]) -> Iterator[Any]:
    rows, last = model._base_manager.order_by("pk"), None
    while batch := list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", flat=True)[:_BATCH]):
        yield from batch
        last = batch[-1]


def _reseal_fields(model: type[models.Model], fields: list[SealedTextField], pk: Any, done: Resealed) -> None:
    """Read under a lock, so that a secret written meanwhile is not undone."""
    changed = []
    with transaction.atomic():
        row = model._base_manager.select_for_update().filter(pk=pk).first()
        for one in fields if row is not None else []:
            token = row.__dict__.get(one.attname)
            if token is None or sealed_with_newest(token):
                continue
            try:
                setattr(row, one.attname, str(getattr(row, one.attname)))
                changed.append(one.attname)
            except SecretUnreadable as error:
                done.unreadable.append(str(error))
        if row is not None and changed:
            row.save(update_fields=changed)
    done.count += len(changed)


def _reseal_json(model: type[models.Model], place: SealedKeys, pk: Any, done: Resealed) -> None:
    with transaction.atomic():
        row = model._base_manager.select_for_update().filter(pk=pk).first()
        if row is None:
            return
        data = dict(getattr(row, place.column))
        try:
            fresh = {key: _anew(data[key], place.purpose) for key in place.keys if data.get(key)}
        except SecretUnreadable as error:
            done.unreadable.append(f"{place.model} {pk}: {error}")
            return
        changed = [key for key, value in fresh.items() if value != data[key]]
        if changed:
            setattr(row, place.column, data | fresh)
            row.save(update_fields=[place.column])
    done.count += len(changed)


def _anew(value: Any, purpose: str) -> Any:
    if isinstance(value, list):
        return [_anew(one, purpose) for one in value]
    return value if sealed_with_newest(value) else seal(unseal(value, purpose=purpose), purpose=purpose)
