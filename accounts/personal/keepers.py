"""Who keeps what about people: each room registers a keeper, which tells all of it and forgets it.

The rooms above this one are not known here; they come and register (`register`) when their app is ready.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils.functional import Promise

from accounts.models import User, Workspace

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of an archive: rows with the same names, of plain values (moments included), lists and objects."""

    name: str
    # What stands in it, in a sentence.
    about: str | Promise
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody who is forgotten just now: within the transaction, their row and what hangs on it still stand."""

    user: User
    # All addresses of theirs, in lower case.
    emails: frozenset[str]
    # As whom rows name them that know an actor only: pairs of kind and id.
    actors: frozenset[tuple[str, int]]
    now: datetime


def _no_sheets(_user: User) -> Iterable[Sheet]:
    return ()


def _nothing_of_person(_leaving: Leaving) -> None:
    return


def _nothing_of_user(_user: User) -> None:
    return


def _nothing_of_workspace(_workspace: Workspace) -> None:
    return


@dataclass(frozen=True, slots=True)
class Keeper:
    """What one room keeps.

    `tell` gives the sheets of a person's archive. `let_go` and `let_go_of_person` end what a workspace or person that
    is erased has begun outside the database; they may fail, are tried again, and do no harm done twice. `forget` and
    `forget_workspace` are called within the transaction that deletes the row of the person or the workspace, before it
    goes: for what no foreign key takes along. Files go on commit.
    """

    room: str
    tell: Callable[[User], Iterable[Sheet]] = _no_sheets
    forget: Callable[[Leaving], None] = _nothing_of_person
    let_go: Callable[[Workspace], None] = _nothing_of_workspace
    let_go_of_person: Callable[[User], None] = _nothing_of_user
    forget_workspace: Callable[[Workspace], None] = _nothing_of_workspace


_keepers: dict[str, Keeper] = {}


def register(keeper: Keeper) -> None:
    """Have this keeper asked from now on; one for each room."""
    _keepers[keeper.room] = keeper


def all_keepers() -> list[Keeper]:
    """Everyone who registered, by room, so that archives are alike."""
    return [_keepers[room] for room in sorted(_keepers)]


def sheet(name: str, about: str | Promise, rows: "QuerySet[M]", /, *fields: str, **renamed: str) -> Sheet:
    """A sheet of columns of a query; `renamed` gives a path of the query a name of its own."""
    paths = {**{field: field for field in fields}, **renamed}
    found = rows.values_list(*paths.values())
    return Sheet(name, about, [dict(zip(paths, row, strict=True)) for row in found])


def without_label(actor: Sequence[Any], leaving: Leaving) -> list[Any] | None:
    """An `actor` column as it stands after they are forgotten: kind and id without the label; None: it names others."""
    kind, number, *_label = actor
    return [kind, number, ""] if (kind, number) in leaving.actors else None
