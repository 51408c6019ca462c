"""Statements written out that give rows of models.

For what every request asks: the ORM would put the same query together anew each time, which takes longer than asking.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model


class Written:
    """A statement whose `{columns}` are all those of some models; `models` names each by its alias in the statement."""

    def __init__(self, text: str, **models: type[Model]) -> None:
        self._text, self._models = text, models

    def rows(self, parameters: Sequence[Any]) -> Iterator[tuple[Any, ...]]:
        """For each row an object of every model, in their order, then what the statement asks besides."""
        with connection.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            found = cursor.fetchall()
        for row in found:
            cells = iter(row)
            objects = (
                model.from_db(DEFAULT_DB_ALIAS, names, list(islice(cells, n))) for model, names, n in self._kinds
            )
            yield (*objects, *cells)

    @cached_property
    def _kinds(self) -> list[tuple[type[Model], list[str], int]]:
        """Each model with the attributes that its columns fill, and how many these are."""
        named = ((model, [field.attname for field in model._meta.concrete_fields]) for model in self._models.values())
        return [(model, names, len(names)) for model, names in named]

    @cached_property
    def _sql(self) -> str:
        fields = ((alias, field) for alias, model in self._models.items() for field in model._meta.concrete_fields)
        columns = (f'{alias}."{field.column}"' for alias, field in fields)
        return self._text.format(columns=", ".join(columns))
