"""Kinds of values that can be declared, and the list of the declared ones."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analyticbot.core.errors import InvalidInput
from analyticbot.core.runtime.reading import stored

T = TypeVar("T")
Text = str | Promise

_ON, _OFF = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


class Group(StrEnum):
    """Where a value stands on the page."""

    COLLECTING = "collecting"
    FEATURES = "features"
    LIMITS = "limits"

    @property
    def heading(self) -> Text:
        """What stands above it."""
        return _GROUPS[self]


_GROUPS: dict[Group, Text] = {
    Group.COLLECTING: gettext_lazy("Collecting"),
    Group.FEATURES: gettext_lazy("Features"),
    Group.LIMITS: gettext_lazy("Limits"),
}


@dataclass(frozen=True, kw_only=True)
class Value(Generic[T]):
    """A declared value. `key` names it in the table; its default is the Django setting of that name."""

    key: str
    group: Group
    title: Text
    text: Text

    def default(self) -> T:
        """What holds while no version says otherwise."""
        default: T = getattr(settings, self.key)
        return default

    def parse(self, given: object) -> T:
        """The value from what a form, a command or the table holds. Raises InvalidInput (`value`)."""
        raise NotImplementedError

    def now(self) -> T:
        """What holds now, at most some seconds old. Never fails: without the database the last known value stands."""
        return self.held(stored(self.key))

    def held(self, kept: object) -> T:
        """The value of a stored version; the default for none (null), and for one that the declaration refuses."""
        if kept is None:
            return self.default()
        try:
            return self.parse(kept)
        except InvalidInput:  # of an older declaration
            return self.default()

    def shown(self, value: object) -> str:
        """The value in words."""
        return str(value)


class Switch(Value[bool]):
    """On or off."""

    def parse(self, given: object) -> bool:
        """True or false, or a word for them."""
        if isinstance(given, bool):
            return given
        word = str(given).strip().lower()
        if word not in _ON | _OFF:
            raise InvalidInput(_("Choose on or off."), field="value")
        return word in _ON

    def shown(self, value: object) -> str:
        """On or off."""
        return _("on") if value else _("off")


@dataclass(frozen=True, kw_only=True)
class Whole(Value[int]):
    """A whole number from `least` to `most`; `unit` in words."""

    least: int
    most: int
    unit: Text

    def parse(self, given: object) -> int:
        """The number."""
        try:
            number = int(str(given).strip())
        except ValueError:
            raise InvalidInput(_("Give a whole number."), field="value") from None
        if isinstance(given, bool) or not self.least <= number <= self.most:
            message = _("Give a number from %(least)s to %(most)s.") % {"least": self.least, "most": self.most}
            raise InvalidInput(message, field="value")
        return number

    def shown(self, value: object) -> str:
        """With its unit."""
        return f"{value} {self.unit}"


@dataclass(frozen=True, kw_only=True)
class Choice(Value[str]):
    """One of some words, with what each is called; asked for when needed, as they may be of another app."""

    options: Callable[[], list[tuple[str, Text]]]

    def parse(self, given: object) -> str:
        """The word."""
        word = str(given).strip()
        if word not in dict(self.options()):
            raise InvalidInput(_("Choose one of the list."), field="value")
        return word

    def shown(self, value: object) -> str:
        """What it is called."""
        return str(dict(self.options()).get(str(value), value))


_declared: dict[str, Value[bool] | Value[int] | Value[str]] = {}
Declared = TypeVar("Declared", bound="Value[bool] | Value[int] | Value[str]")


def declare(value: Declared) -> Declared:
    """Make a value known to the page of configuration; declared once, where it is used."""
    if value.key in _declared:
        raise ValueError(f"{value.key} is declared twice")
    _declared[value.key] = value
    return value


def declared_values() -> dict[str, "Value[bool] | Value[int] | Value[str]"]:
    """All declared values by key."""
    return dict(_declared)
