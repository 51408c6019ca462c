"""What stands at the side of every page of the panel."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from superadmin.tiers import Act, may


@dataclass(frozen=True, slots=True)
class Place:
    """A page that can be gone to: its text, a name among the Material Symbols, its URL name and who may see it."""

    title: str | Promise
    icon: str
    url: str
    act: Act


# Groups in the order in which they are shown; a group of which one may see nothing is left out.
PLACES: tuple[tuple[str | Promise, tuple[Place, ...]], ...] = (
    (_("Start"), (Place(_("Overview"), "home", "admin:index", Act.PANEL_OPEN),)),
    (
        _("People"),
        (
            Place(_("People"), "person", "admin:accounts_user_changelist", Act.USERS_LOOK),
            Place(_("Workspaces"), "workspaces", "admin:accounts_workspace_changelist", Act.WORKSPACES_LOOK),
            Place(_("Shared links"), "link", "admin:analytics_sharedlink_changelist", Act.LINKS_LOOK),
            Place(_("API tokens"), "key", "admin:accounts_apitoken_changelist", Act.TOKENS_LOOK),
        ),
    ),
    (
        _("Running"),
        (
            Place(_("System"), "monitor_heart", "admin:system", Act.SYSTEM_LOOK),
            Place(_("Work"), "checklist", "admin:work", Act.WORK_LOOK),
            Place(_("Channels"), "campaign", "admin:channels_app_channel_changelist", Act.CHANNELS_LOOK),
            Place(_("Telegram accounts"), "sim_card", "admin:mtproto_telegramaccount_changelist", Act.TELEGRAM_LOOK),
            Place(_("Exports"), "download", "admin:analytics_exportfile_changelist", Act.FILES_LOOK),
            Place(_("Reports"), "description", "admin:analytics_reportfile_changelist", Act.FILES_LOOK),
            Place(_("Configuration"), "tune", "admin:configuration", Act.CONFIGURATION_LOOK),
            Place(_("Business"), "trending_up", "admin:business", Act.BUSINESS_LOOK),
        ),
    ),
    (
        _("Guard"),
        (
            Place(_("Audit trail"), "history", "admin:core_auditentry_changelist", Act.AUDIT_LOOK),
            Place(_("Approvals"), "how_to_reg", "admin:superadmin_approvalrequest_changelist", Act.APPROVALS_LOOK),
            Place(_("Impersonations"), "visibility", "admin:superadmin_impersonation_changelist", Act.AUDIT_LOOK),
            Place(_("Networks"), "shield", "admin:superadmin_allowednetwork_changelist", Act.NETWORKS_LOOK),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The navigation as Unfold wants it, with what the tier of who asks may look at."""
    groups = []
    for title, places in PLACES:
        items = [
            {"title": place.title, "icon": place.icon, "link": reverse(place.url)}
            for place in places
            if may(request.user, place.act)
        ]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def colours(request: HttpRequest) -> str:  # noqa: ARG001 - Unfold's signature
    """Address of the colours of the panel."""
    return static("superadmin/colours.css")


def own_pages(request: HttpRequest) -> list[dict[str, Any]]:  # noqa: ARG001 - Unfold's signature
    """Ways to one's own account."""
    return [{"title": _("Security"), "link": reverse("settings:security")}]


def mark(request: HttpRequest) -> str:  # noqa: ARG001 - Unfold's signature
    """Address of our mark."""
    return static("img/mark.svg")
