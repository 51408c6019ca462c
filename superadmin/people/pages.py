"""What the pages of a person and of a workspace show."""

from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import ApiToken, EventKind, SecurityEvent, Tier, User, Workspace
from accounts.personal.erasing import open_erasure
from analytics.sharing.models import SharedLink
from billing.limits import plans_of
from channels_app.models import TrackedChannel
from superadmin.details import Detail, Fact, Table, Way, link, moment
from superadmin.people.acts import deals_for
from superadmin.tiers import may, outranks

# Of what is long, the page shows the newest.
_SHOWN = 10


def person_detail(user: User, *, staff: User) -> Detail:
    """A person: how they sign in, where they are, what happened lately, and what `staff` may do."""
    acts = [one for one in deals_for(user) if may(staff, one.act) and outranks(staff, user) and one.fits(user)]
    ways = [Way(one.title, reverse("admin:person-act", args=[user.pk, one.slug]), one.is_grave) for one in acts]
    return Detail(
        facts=_person_facts(user), tables=[_memberships(user), _tokens(creator=user), _events(user)], ways=ways
    )


def workspace_detail(workspace: Workspace, *, staff: User, now: datetime) -> Detail:
    """A workspace: its plan and what it uses, its people, tokens and links, and what `staff` may do."""
    acts = [one for one in deals_for(workspace) if may(staff, one.act) and one.fits(workspace)]
    ways = [Way(one.title, reverse("admin:workspace-act", args=[workspace.pk, one.slug]), one.is_grave) for one in acts]
    tables = [_members(workspace), _tokens(workspace=workspace), _links(workspace, now=now)]
    return Detail(facts=_workspace_facts(workspace), tables=tables, ways=ways)


def _state(user: User) -> Fact:
    if user.suspended_at is not None:
        text = _("Suspended since %(when)s: %(why)s")
        told = text % {"when": moment(user.suspended_at), "why": user.suspended_for or "–"}
        return Fact(_("State"), told, "bad")
    erasure = open_erasure(user)
    if erasure is not None:
        return Fact(_("State"), _("Will be erased on %(when)s") % {"when": moment(erasure.erase_at)}, "warn")
    return Fact(_("State"), _("Active"), "good") if user.is_active else Fact(_("State"), _("Closed"), "warn")


def _person_facts(user: User) -> list[Fact]:
    verified = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()
    factors = Authenticator.objects.filter(user=user).values_list("type", flat=True)
    names = dict(Authenticator.Type.choices)
    facts = [
        _state(user),
        Fact(_("E-mail address"), user.email),
        Fact(_("Address confirmed"), _("Yes") if verified else _("No"), "" if verified else "warn"),
        Fact(_("Name"), user.name or "–"),
        Fact(_("Tier"), Tier(user.tier).label),
        Fact(_("Second factors"), ", ".join(str(names.get(one, one)) for one in factors) or _("None")),
        Fact(_("Sessions"), UserSession.objects.filter(user=user).count()),
        Fact(_("Signed up"), moment(user.date_joined)),
        Fact(_("Last sign-in"), moment(user.last_login)),
        Fact(_("Language and zone"), f"{user.language} · {user.time_zone}"),
    ]
    if user.refuses_impersonation:
        facts.append(Fact(_("Looking as this person"), _("They do not want it")))
    return facts


def _memberships(user: User) -> Table:
    rows = user.memberships.select_related("workspace").order_by("pk")
    return Table(
        _("Workspaces"),
        (_("Workspace"), _("Role"), _("Since")),
        [
            (
                link(one.workspace.name, "admin:accounts_workspace_change", one.workspace_id),
                one.get_role_display(),
                moment(one.created_at),
            )
            for one in rows
        ],
        _("In none."),
    )


def _tokens(**whose: Any) -> Table:
    rows = ApiToken.objects.filter(**whose, revoked_at__isnull=True).order_by("-pk")[:_SHOWN]
    return Table(
        _("API tokens"),
        (_("Name"), _("Begins with"), _("Expires"), _("Last used")),
        [(one.name, f"{one.prefix}…", moment(one.expires_at), moment(one.last_used_at)) for one in rows],
        _("None."),
    )


def _events(user: User) -> Table:
    rows = SecurityEvent.objects.filter(user=user).order_by("-at")[:_SHOWN]
    labels = dict(EventKind.choices)
    return Table(
        _("Lately"),
        (_("When"), _("What"), _("Network"), _("Device")),
        [(moment(one.at), labels.get(one.kind, one.kind), one.network or "–", one.device or "–") for one in rows],
        _("Nothing yet."),
    )


def _workspace_facts(workspace: Workspace) -> list[Fact]:
    plan = plans_of([workspace.pk])[workspace.pk]
    state = Fact(_("State"), _("Open"), "good")
    if workspace.suspended_at is not None:
        text = _("Suspended since %(when)s: %(why)s")
        told = text % {"when": moment(workspace.suspended_at), "why": workspace.suspended_for or "–"}
        state = Fact(_("State"), told, "bad")
    elif workspace.deleted_at is not None:
        state = Fact(_("State"), _("Deleted by its owner"), "warn")
    return [
        state,
        Fact(_("Plan"), plan.label),
        Fact(_("Channels"), TrackedChannel.objects.filter(workspace=workspace).count()),
        Fact(_("Made"), moment(workspace.created_at)),
        Fact(_("Time zone"), workspace.time_zone),
        Fact(_("Public id"), workspace.public_id),
    ]


def _members(workspace: Workspace) -> Table:
    rows = workspace.memberships.select_related("user").order_by("pk")[:100]
    return Table(
        _("People"),
        (_("Person"), _("Role"), _("Since")),
        [
            (
                link(one.user.email, "admin:accounts_user_change", one.user_id),
                one.get_role_display(),
                moment(one.created_at),
            )
            for one in rows
        ],
        _("Nobody."),
    )


def _links(workspace: Workspace, *, now: datetime) -> Table:
    rows = SharedLink.objects.filter(workspace=workspace).order_by("-pk")[:_SHOWN]
    return Table(
        _("Shared links"),
        (_("Name"), _("State"), _("Expires")),
        [(one.name, one.state(now=now).label, moment(one.expires_at)) for one in rows],
        _("None."),
    )
