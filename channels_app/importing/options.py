"""What may be said about a file beside the file itself; kept in the row's report while the import runs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils.translation import gettext as _

from analyticbot.core.audit import SYSTEM, Actor
from analyticbot.core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """`channel`: @name, link or id. `chat`: name or id within a full export. `zone`: of dates that name none.

    `observed_at`: when the counters were read; None: not known, taken from the file's time. `trusted`: given by the
    operator of this machine, who may write to channels that other workspaces follow.
    """

    channel: str | None = None
    chat: str | None = None
    title: str | None = None
    zone: str | None = None
    observed_at: datetime | None = None
    trusted: bool = False
    actor: Actor = SYSTEM

    def as_json(self) -> dict[str, Any]:
        """For the row."""
        return {
            "channel": self.channel,
            "chat": self.chat,
            "title": self.title,
            "zone": self.zone,
            "observed_at": self.observed_at.isoformat() if self.observed_at else None,
            "trusted": self.trusted,
            "actor": [self.actor.kind, self.actor.id, self.actor.label],
        }

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "ImportOptions":
        """The reverse of `as_json`."""
        kind, number, label = values["actor"]
        moment = values["observed_at"]
        return cls(
            channel=values["channel"],
            chat=values["chat"],
            title=values["title"],
            zone=values["zone"],
            observed_at=datetime.fromisoformat(moment) if moment else None,
            trusted=values["trusted"],
            actor=Actor(kind=kind, id=number, label=label),
        )


def find_zone(name: str | None) -> ZoneInfo | None:
    """The time zone of that name; None for None. Raises InvalidInput."""
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(
            _("%(name)s is no time zone; give one like Europe/Moscow.") % {"name": name[:60]}, field="zone"
        ) from None
