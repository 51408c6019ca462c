"""Lists of people, workspaces, links, tokens, approvals, impersonations and networks."""

import uuid
from typing import Any

from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiToken, Membership, Tier, User, Workspace
from analytics.sharing.models import SharedLink
from superadmin.details import Detail, link, moment
from superadmin.listing import Listing, key_in, named
from superadmin.models import AllowedNetwork, ApprovalRequest, Impersonation
from superadmin.people.acts import WAITING
from superadmin.people.pages import person_detail, workspace_detail
from superadmin.people.views import staff_of
from superadmin.site import site
from superadmin.tiers import Act


class Standing(SimpleListFilter):
    """Choices that an index answers: pairs of a value and its condition."""

    title = _("State")
    parameter_name = "state"
    conditions: tuple[tuple[str, Any, Q], ...] = ()

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002 - Django's signature
        return [(value, label) for value, label, _condition in self.conditions]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":  # noqa: ARG002 - Django's signature
        chosen = next((condition for value, _label, condition in self.conditions if value == self.value()), None)
        return queryset if chosen is None else queryset.filter(chosen)


class _PersonState(Standing):
    conditions = (
        ("staff", _("Staff"), Q(tier__gt=0)),
        ("suspended", _("Suspended"), Q(suspended_at__isnull=False)),
    )


class _WorkspaceState(Standing):
    conditions = (
        ("suspended", _("Suspended"), Q(suspended_at__isnull=False)),
        ("deleted", _("Deleted by its owner"), Q(deleted_at__isnull=False)),
    )


class Detailed(Listing):
    """A list whose rows have a page of facts instead of a form."""

    def detail(self, row: Any, *, staff: User) -> Detail:
        """What the page shows."""
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        *args: Any,  # noqa: ARG002 - Django's signature
        **kwargs: Any,  # noqa: ARG002 - Django's signature
    ) -> HttpResponse:
        """The page of one row; 404 for none, 403 for who may not look."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        detail = self.detail(row, staff=staff_of(request))
        return site.page(request, "superadmin/detail.html", title=str(row), detail=detail, opts=self.opts)


@admin.register(User, site=site)
class PeopleListing(Detailed):
    """People."""

    look_act = Act.USERS_LOOK
    heading = _("People")
    about = _("Everybody with an account, newest first. Search by the beginning of an e-mail address, or by id.")
    ways = ((_("New person"), "admin:new-person", Act.USERS_CREATE),)
    list_display = ("email", "name", "state", "tier_name", "joined")
    list_filter = (_PersonState,)
    search_fields = ("email",)
    search_help_text = _("E-mail address or id")

    def find(self, rows: "QuerySet[User]", term: str) -> "QuerySet[User]":
        """By the beginning of the address, or by key."""
        return rows.filter(Q(email__startswith=term.lower()) | Q(pk=key_in(term) or 0))

    def detail(self, row: User, *, staff: User) -> Detail:
        """A person."""
        return person_detail(row, staff=staff)

    @admin.display(description=_("State"))
    def state(self, row: User) -> str:
        """Whether they can sign in."""
        if row.suspended_at is not None:
            return str(_("Suspended"))
        return str(_("Active") if row.is_active else _("Closed"))

    @admin.display(description=_("Tier"))
    def tier_name(self, row: User) -> str:
        """What they are among the staff."""
        return str(Tier(row.tier).label) if row.tier else "–"

    @admin.display(description=_("Signed up"))
    def joined(self, row: User) -> str:
        """When."""
        return moment(row.date_joined)


@admin.register(Workspace, site=site)
class WorkspaceListing(Detailed):
    """Workspaces."""

    look_act = Act.WORKSPACES_LOOK
    heading = _("Workspaces")
    about = _("Newest first. Search by the beginning of a name, a member's e-mail address, a public id, or by id.")
    list_display = ("name", "state", "made")
    list_filter = (_WorkspaceState,)
    search_fields = ("name",)
    search_help_text = _("Name, member or id")

    def find(self, rows: "QuerySet[Workspace]", term: str) -> "QuerySet[Workspace]":
        """By the beginning of the name, by member, or by key: each by an index of its own."""
        if key := key_in(term):
            return rows.filter(pk=key)
        try:
            return rows.filter(public_id=uuid.UUID(term))
        except ValueError:
            pass
        if "@" in term:
            mine = Membership.objects.filter(user__email=term.lower())
            return rows.filter(pk__in=mine.values("workspace_id"))
        return rows.alias(lower_name=Lower("name")).filter(lower_name__startswith=term.lower())

    def detail(self, row: Workspace, *, staff: User) -> Detail:
        """A workspace."""
        return workspace_detail(row, staff=staff, now=timezone.now())

    @admin.display(description=_("State"))
    def state(self, row: Workspace) -> str:
        """Whether it works."""
        if row.suspended_at is not None:
            return str(_("Suspended"))
        return str(_("Deleted by its owner") if row.deleted_at else _("Open"))

    @admin.display(description=_("Made"))
    def made(self, row: Workspace) -> str:
        """When."""
        return moment(row.created_at)


class Plain(Listing):
    """A list whose rows have no page of their own."""

    list_display_links = None
    page_names = ("changelist",)


@admin.register(ApiToken, site=site)
class TokenListing(Plain):
    """API tokens."""

    look_act = Act.TOKENS_LOOK
    heading = _("API tokens")
    about = _("Newest first; of a token only its first letters are kept. Search by its maker's e-mail address, or id.")
    list_display = ("name", "begins", "of_workspace", "by", "standing", "expires", "used", "revoke")
    list_select_related = ("workspace", "creator")
    search_fields = ("creator__email",)
    search_help_text = _("Maker or id")

    def find(self, rows: "QuerySet[ApiToken]", term: str) -> "QuerySet[ApiToken]":
        """By key, or by who made it."""
        if key := key_in(term):
            return rows.filter(pk=key)
        return rows.filter(creator_id__in=list(User.objects.filter(email=term.lower()).values_list("pk", flat=True)))

    @admin.display(description=_("Begins with"))
    def begins(self, row: ApiToken) -> str:
        """Its first letters."""
        return f"{row.prefix}…"

    @admin.display(description=_("Workspace"))
    def of_workspace(self, row: ApiToken) -> str:
        """Whose it is."""
        return link(row.workspace.name, "admin:accounts_workspace_change", row.workspace_id)

    @admin.display(description=_("Made by"))
    def by(self, row: ApiToken) -> str:
        """Who made it."""
        return link(row.creator.email, "admin:accounts_user_change", row.creator_id)

    @admin.display(description=_("State"))
    def standing(self, row: ApiToken) -> str:
        """Whether it works."""
        if row.revoked_at is not None:
            return str(_("Revoked"))
        return str(_("Works") if row.expires_at > timezone.now() else _("Expired"))

    @admin.display(description=_("Expires"))
    def expires(self, row: ApiToken) -> str:
        """When it ends by itself."""
        return moment(row.expires_at)

    @admin.display(description=_("Last used"))
    def used(self, row: ApiToken) -> str:
        """When, at a minute's exactness."""
        return moment(row.last_used_at)

    @admin.display(description="")
    def revoke(self, row: ApiToken) -> str:
        """The way to its end."""
        return link(_("Revoke"), "admin:end-token", row.pk) if row.revoked_at is None else ""


@admin.register(SharedLink, site=site)
class SharedLinkListing(Plain):
    """Shared links."""

    look_act = Act.LINKS_LOOK
    heading = _("Shared links")
    about = _(
        "Newest first; of an address only its first letters are kept. Search by its maker's e-mail address or id."
    )
    list_display = ("name", "begins", "of_workspace", "channel", "by", "standing", "expires", "revoke")
    list_select_related = ("workspace", "creator", "tracked__channel")
    search_fields = ("creator__email",)
    search_help_text = _("Maker or id")

    def find(self, rows: "QuerySet[SharedLink]", term: str) -> "QuerySet[SharedLink]":
        """By key, or by who made it."""
        if key := key_in(term):
            return rows.filter(pk=key)
        return rows.filter(creator_id__in=list(User.objects.filter(email=term.lower()).values_list("pk", flat=True)))

    @admin.display(description=_("Begins with"))
    def begins(self, row: SharedLink) -> str:
        """The first letters of its address."""
        return f"{row.prefix}…"

    @admin.display(description=_("Workspace"))
    def of_workspace(self, row: SharedLink) -> str:
        """Whose it is."""
        return link(row.workspace.name, "admin:accounts_workspace_change", row.workspace_id)

    @admin.display(description=_("Channel"))
    def channel(self, row: SharedLink) -> str:
        """What it shows."""
        return row.tracked.channel.title

    @admin.display(description=_("Made by"))
    def by(self, row: SharedLink) -> str:
        """Who made it."""
        return link(row.creator.email, "admin:accounts_user_change", row.creator_id) if row.creator else "–"

    @admin.display(description=_("State"))
    def standing(self, row: SharedLink) -> str:
        """Whether it works."""
        return str(row.state(now=timezone.now()).label)

    @admin.display(description=_("Expires"))
    def expires(self, row: SharedLink) -> str:
        """When it ends by itself."""
        return moment(row.expires_at)

    @admin.display(description="")
    def revoke(self, row: SharedLink) -> str:
        """The way to its end."""
        return link(_("Revoke"), "admin:end-link", row.pk) if row.revoked_at is None else ""


@admin.register(ApprovalRequest, site=site)
class ApprovalListing(Plain):
    """Requests for a second approval."""

    look_act = Act.APPROVALS_LOOK
    heading = _("Approvals")
    about = _("Deletions and grants of tiers wait here for a second person, 24 hours at most.")
    list_display = ("what", "subject", "reason", "by", "asked", "standing", "decide")
    list_select_related = ("asked_by", "decided_by")

    @admin.display(description=_("Act"))
    def what(self, row: ApprovalRequest) -> str:
        """What is to be done."""
        return str(WAITING.get(row.act, row.act))

    @admin.display(description=_("On"))
    def subject(self, row: ApprovalRequest) -> str:
        """What it is done to."""
        return link(row.subject_label, f"admin:accounts_{row.subject_kind}_change", row.subject_id)

    @admin.display(description=_("Asked by"))
    def by(self, row: ApprovalRequest) -> str:
        """Who wants it."""
        return named(row.asked_by)

    @admin.display(description=_("Asked"))
    def asked(self, row: ApprovalRequest) -> str:
        """When."""
        return moment(row.asked_at)

    @admin.display(description=_("State"))
    def standing(self, row: ApprovalRequest) -> str:
        """What became of it."""
        if row.decision == "open" and not row.is_open(now=timezone.now()):
            return str(_("Expired"))
        return str(row.get_decision_display())

    @admin.display(description="")
    def decide(self, row: ApprovalRequest) -> Any:
        """The ways to decide it."""
        if not row.is_open(now=timezone.now()):
            return ""
        agree, refuse = link(_("Agree"), "admin:agree", row.pk), link(_("Refuse"), "admin:disagree", row.pk)
        return format_html("{} · {}", agree, refuse)


@admin.register(Impersonation, site=site)
class ImpersonationListing(Plain):
    """Who looked as whom."""

    look_act = Act.AUDIT_LOOK
    heading = _("Impersonations")
    about = _("Who of the staff looked at the service as somebody else, and why. The person was told each time.")
    list_display = ("by", "as_whom", "ticket", "reason", "began", "until")
    list_select_related = ("staff", "user")

    @admin.display(description=_("Staff"))
    def by(self, row: Impersonation) -> str:
        """Who looked."""
        return named(row.staff)

    @admin.display(description=_("As"))
    def as_whom(self, row: Impersonation) -> str:
        """As whom."""
        return link(row.user.email, "admin:accounts_user_change", row.user_id)

    @admin.display(description=_("From"))
    def began(self, row: Impersonation) -> str:
        """When it began."""
        return moment(row.started_at)

    @admin.display(description=_("Until"))
    def until(self, row: Impersonation) -> str:
        """When it ended, or will at the latest."""
        return moment(row.ended_at or row.ends_at)


@admin.register(AllowedNetwork, site=site)
class NetworkListing(Plain):
    """From where the panel may be opened."""

    look_act = Act.NETWORKS_LOOK
    heading = _("Networks")
    about = _("While the list is empty, the panel can be opened from everywhere.")
    ways = ((_("Allow a network"), "admin:new-network", Act.NETWORKS_CHANGE),)
    list_display = ("network", "note", "by", "added", "remove")
    list_select_related = ("added_by",)

    @admin.display(description=_("Added by"))
    def by(self, row: AllowedNetwork) -> str:
        """Who."""
        return named(row.added_by)

    @admin.display(description=_("Added"))
    def added(self, row: AllowedNetwork) -> str:
        """When."""
        return moment(row.added_at)

    @admin.display(description="")
    def remove(self, row: AllowedNetwork) -> str:
        """The way to its end."""
        return link(_("Remove"), "admin:end-network", row.pk)
