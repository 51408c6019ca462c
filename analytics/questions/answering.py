"""Answers as values, and their one form in JSON: `{"data": …, "meta": {…}}`. Unknown is None, never 0."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from analytics.period import Period
from analytics.queries import Provenance
from analytics.questions.asking import Asked

Gap = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question is answered with.

    `data` is ready for JSON (dictionaries, lists, plain values; moments as `iso` writes them). `provenance` names the
    source of each number. `gaps`: spans without observation, None where the question has no time axis. `more` joins
    the meta part. `next`: cursor of the next page; None on the last and for answers without pages.
    """

    data: Any
    provenance: Mapping[str, Provenance] = field(default_factory=dict)
    gaps: tuple[Gap, ...] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    next: str | None = None


def body_of(answer: Answer, asked: Asked) -> dict[str, Any]:
    """The JSON body of an answer."""
    meta: dict[str, Any] = {
        "period": period_json(asked.period),
        "generated_at": iso(asked.now),
        "provenance": provenance_json(answer.provenance),
        **answer.more,
    }
    if answer.gaps is not None:
        meta["gaps"] = [{"from": iso(start), "to": iso(end)} for start, end in answer.gaps]
    if answer.next is not None:
        meta["next"] = answer.next
    return {"data": answer.data, "meta": meta}


def provenance_json(provenance: Mapping[str, Provenance]) -> dict[str, Any]:
    """Provenance by name of the number."""
    return {
        name: {
            "source": one.source,
            "observed_at": iso(one.observed_at) if one.observed_at else None,
            "coverage": None if one.coverage is None else round(one.coverage, 4),
        }
        | ({"note": one.note} if one.note else {})
        for name, one in provenance.items()
    }


def period_json(period: Period) -> dict[str, str]:
    """A period, `to` exclusive, and the zone that cuts it into days."""
    return {"from": iso(period.start), "to": iso(period.end), "zone": str(period.zone)}


def iso(moment: datetime) -> str:
    """A moment as UTC with `Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
