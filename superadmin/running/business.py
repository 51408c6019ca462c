"""How the service fares as a business: who comes, who stays, what they look at. Sums only, nobody by name."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import connection

from billing.limits import default_plan
from billing.plans import Plan

WEEKS = 12
DAYS = 90
KEPT_SECONDS = 300
_KEY = "superadmin-business"
# Weeks after signing up at which it is asked who is still here.
RETURNS = (1, 4, 8)

_SIGN_UPS = """
SELECT (date_joined AT TIME ZONE 'UTC')::date AS day, count(*) FROM accounts_user
WHERE date_joined >= %s GROUP BY 1 ORDER BY 1
"""
_ADDED = """
SELECT (created_at AT TIME ZONE 'UTC')::date AS day, count(*) FROM channels_app_trackedchannel
WHERE created_at >= %s GROUP BY 1 ORDER BY 1
"""
# Here since a moment: signed in, with a session that was used, or with a token of theirs that was.
_HERE = """
SELECT id FROM accounts_user WHERE last_login >= %({since})s
UNION SELECT user_id FROM usersessions_usersession WHERE last_seen_at >= %({since})s
UNION SELECT creator_id FROM accounts_apitoken WHERE last_used_at >= %({since})s
"""
_ACTIVE = """
SELECT count(DISTINCT m.workspace_id) FROM accounts_membership m JOIN accounts_workspace w ON w.id = m.workspace_id
WHERE w.deleted_at IS NULL AND w.suspended_at IS NULL AND m.user_id IN ({here})
"""
_NUMBERS = f"""
SELECT (SELECT count(*) FROM accounts_user), (SELECT count(*) FROM accounts_user WHERE date_joined >= %(week)s),
  (SELECT count(*) FROM accounts_workspace WHERE deleted_at IS NULL AND suspended_at IS NULL),
  ({_ACTIVE.format(here=_HERE.format(since="week"))}), ({_ACTIVE.format(here=_HERE.format(since="month"))}),
  (SELECT count(DISTINCT channel_id) FROM channels_app_trackedchannel),
  (SELECT count(DISTINCT channel_id) FROM channels_app_trackedchannel WHERE relation = 'owned'),
  (SELECT count(DISTINCT workspace_id) FROM channels_app_trackedchannel)
"""
_PLANS = """
SELECT coalesce(p.plan, %s), count(*) FROM accounts_workspace w
LEFT JOIN billing_workspaceplan p ON p.workspace_id = w.id
WHERE w.deleted_at IS NULL AND w.suspended_at IS NULL GROUP BY 1
"""
_RETURNED = "count(*) FILTER (WHERE greatest(u.last_login, s.at, t.at) >= u.date_joined + interval '{weeks} weeks')"
_COHORTS = f"""
SELECT date_trunc('week', u.date_joined AT TIME ZONE 'UTC')::date AS week, count(*),
  {", ".join(_RETURNED.format(weeks=weeks) for weeks in RETURNS)}
FROM accounts_user u
LEFT JOIN (SELECT user_id, max(last_seen_at) AS at FROM usersessions_usersession GROUP BY 1) s ON s.user_id = u.id
LEFT JOIN (
  SELECT creator_id, max(last_used_at) AS at FROM accounts_apitoken WHERE last_used_at IS NOT NULL GROUP BY 1
) t ON t.creator_id = u.id
WHERE u.date_joined >= %s GROUP BY 1 ORDER BY 1 DESC
"""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The present. Active: somebody of the workspace was here, or a program of theirs."""

    people: int
    new_people: int  # of seven days
    workspaces: int  # neither deleted nor suspended
    active_week: int  # of seven days
    active_month: int  # of 28 days
    channels: int  # tracked, each once
    owned_channels: int
    with_channels: int  # workspaces that track any


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who signed up in one week, and how many of them were here again so many weeks later or after; None: too early."""

    week: date
    people: int
    returned: tuple[int | None, ...]


def numbers(*, now: datetime) -> Numbers:
    """The present, in one statement."""
    row = _rows(_NUMBERS, {"week": now - timedelta(days=7), "month": now - timedelta(days=28)})[0]
    return Numbers(*row)


def sign_ups(*, now: datetime) -> dict[date, int]:
    """People by the UTC day on which they signed up; days without any are left out."""
    return dict(_rows(_SIGN_UPS, [now - timedelta(days=DAYS)]))


def channels_added(*, now: datetime) -> dict[date, int]:
    """Trackings by the UTC day on which they began, as far as they are still there."""
    return dict(_rows(_ADDED, [now - timedelta(days=DAYS)]))


def plans() -> dict[Plan, int]:
    """Open workspaces by plan."""
    found = {Plan(plan): count for plan, count in _rows(_PLANS, [default_plan().value])}
    return {plan: found.get(plan, 0) for plan in Plan}


def cohorts(*, now: datetime) -> list[Cohort]:
    """Who signed up in each of the last weeks, newest first, and who of them returned."""
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    for week, people, *returned in _rows(_COHORTS, [monday - timedelta(weeks=WEEKS - 1)]):
        ended = week + timedelta(days=7)
        known = [
            count if ended + timedelta(weeks=weeks) <= now.date() else None
            for weeks, count in zip(RETURNS, returned, strict=True)
        ]
        found.append(Cohort(week, people, tuple(known)))
    return found


def _rows(statement: str, values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Summary:
    """All of the page, as counted at `at`."""

    at: datetime
    numbers: Numbers
    sign_ups: dict[date, int]
    channels_added: dict[date, int]
    plans: dict[Plan, int]
    cohorts: list[Cohort]


def summary(*, now: datetime) -> Summary:
    """All sums, counted at most every five minutes: they go through everybody."""
    kept: Summary | None = cache.get(_KEY)
    if kept is None:
        kept = Summary(
            at=now,
            numbers=numbers(now=now),
            sign_ups=sign_ups(now=now),
            channels_added=channels_added(now=now),
            plans=plans(),
            cohorts=cohorts(now=now),
        )
        cache.set(_KEY, kept, KEPT_SECONDS)
    return kept
