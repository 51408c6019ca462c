"""The plans and what each allows: data, without effects."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from analyticbot.core.ratelimit import API, API_HOURLY, TOKEN, Limit


class Plan(TextChoices):
    """The plans, from the least to the most they allow."""

    FREE = "free", _("Free")
    PRO = "pro", _("Pro")
    BUSINESS = "business", _("Business")
    AGENCY = "agency", _("Agency")
    UNLIMITED = "unlimited", _("Unlimited")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a plan allows a workspace. A number that is None has no limit."""

    # Requests to the API: of all the workspace's people and programs together, and of each of its tokens.
    api: tuple[Limit, ...]
    api_token: tuple[Limit, ...]
    # Widens or narrows what a view of the API limits by itself (`rate_limits`).
    api_factor: float
    # Channels that the workspace tracks at the same time.
    tracked_channels: int | None
    # Days after publication for which a post's snapshots are kept one by one; then they are packed.
    raw_snapshot_days: int
    # Days after publication for which the curve of a post is kept; then its last reading stays. None: for ever.
    curve_days: int | None
    # Exports that wait or are being built at the same time.
    exports_at_once: int
    # Reports that are sent by schedule.
    report_schedules: int | None
    # Shared links that work at the same time.
    shared_links: int | None
    # Whether reports may bear the name and the colours of the workspace.
    branding: bool


def _api(share: int) -> dict[str, tuple[Limit, ...]]:
    """Rates of the API: one part in `share` of what this installation gives a workspace at most."""

    def part(limit: Limit) -> Limit:
        return Limit(limit.name, limit.amount // share, limit.seconds)

    return {"api": (part(API), part(API_HOURLY)), "api_token": (part(TOKEN),)}


LIMITS: Mapping[Plan, Limits] = MappingProxyType(
    {
        Plan.FREE: Limits(
            **_api(8),
            api_factor=0.125,
            tracked_channels=3,
            raw_snapshot_days=35,
            curve_days=365,
            exports_at_once=1,
            report_schedules=1,
            shared_links=1,
            branding=False,
        ),
        Plan.PRO: Limits(
            **_api(4),
            api_factor=0.25,
            tracked_channels=15,
            raw_snapshot_days=35,
            curve_days=730,
            exports_at_once=2,
            report_schedules=10,
            shared_links=10,
            branding=False,
        ),
        Plan.BUSINESS: Limits(
            **_api(2),
            api_factor=0.5,
            tracked_channels=50,
            raw_snapshot_days=65,
            curve_days=1825,
            exports_at_once=3,
            report_schedules=50,
            shared_links=50,
            branding=True,
        ),
        Plan.AGENCY: Limits(
            **_api(1),
            api_factor=1.0,
            tracked_channels=500,
            raw_snapshot_days=65,
            curve_days=None,
            exports_at_once=5,
            report_schedules=500,
            shared_links=500,
            branding=True,
        ),
        Plan.UNLIMITED: Limits(
            **_api(1),
            api_factor=1.0,
            tracked_channels=None,
            raw_snapshot_days=65,
            curve_days=None,
            exports_at_once=5,
            report_schedules=None,
            shared_links=None,
            branding=True,
        ),
    }
)
