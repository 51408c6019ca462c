"""``manage.py reencrypt``: seal every stored secret anew under the newest key of ENC_KEYS."""

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from analyticbot.core.secrets import SealedTextField, SecretUnreadable, sealed_with_newest

BATCH = 200


class Command(BaseCommand):
    """Goes through every sealed field of every model; safe to repeat and to interrupt.

    Add the new key in front of ENC_KEYS, restart all processes, run this, then take the old key out.
    """

    help = "Seal every stored secret anew under the newest key of ENC_KEYS."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Rotate; CommandError names the rows that do not open, after all others are done."""
        rotated, unreadable = 0, []
        for model, fields in sealed_models():
            changed, failed = _rotate_model(model, fields)
            rotated += changed
            unreadable += failed
        self.stdout.write(f"{rotated} secrets sealed anew.")
        if unreadable:
            raise CommandError("These secrets do not open:\n" + "\n".join(unreadable))


def sealed_models() -> list[tuple[type[models.Model], list[SealedTextField]]]:
    """Models with sealed fields, and those fields."""
    found = []
    for model in apps.get_models():
        fields = [f for f in model._meta.local_fields if isinstance(f, SealedTextField)]
        if fields:
            found.append((model, fields))
    return found


def _rotate_model(model: type[models.Model], fields: list[SealedTextField]) -> tuple[int, list[str]]:
    rotated, last = 0, None
    unreadable: list[str] = []
    while True:
        rows = model._base_manager.order_by("pk")
        batch = list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", flat=True)[:BATCH])
        if not batch:
            return rotated, unreadable
        last = batch[-1]
        for pk in batch:
            changed, failed = _rotate_row(model, fields, pk)
            rotated += changed
            unreadable += failed


def _rotate_row(model: type[models.Model], fields: list[SealedTextField], pk: Any) -> tuple[int, list[str]]:
    """One row in its own transaction: read under a lock, so that a secret written meanwhile is not undone."""
    rotated, unreadable = [], []
    with transaction.atomic():
        row = model._base_manager.select_for_update().filter(pk=pk).first()
        for field in fields if row is not None else []:
            token = row.__dict__.get(field.attname)
            if token is None or sealed_with_newest(token):
                continue
            try:
                setattr(row, field.attname, str(getattr(row, field.attname)))
                rotated.append(field.attname)
            except SecretUnreadable as error:
                unreadable.append(str(error))
        if row is not None and rotated:
            row.save(update_fields=rotated)
    return len(rotated), unreadable
