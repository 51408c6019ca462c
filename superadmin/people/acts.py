"""What staff can do to a person or a workspace, each declared once: what it asks for, what it says, what it calls.

Pages, their buttons and the tests are made of these lists. An act of `superadmin.tiers.NEEDS_APPROVAL` does not run
when its form is sent: it asks, and `DEEDS` says what is done when somebody else agrees.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.access import user_actor
from accounts.models import Tier, User, Workspace
from accounts.people.closing import bring_back, delete_workspace
from accounts.personal.erasing import open_erasure, request_erasure, take_back_erasure
from accounts.sessions.ending import end_sessions
from billing.changing import change_plan
from superadmin.approvals import Approved, Deed, ask_approval
from superadmin.people import impersonation
from superadmin.people.forms import NoForm, PlanForm, ReasonForm, TicketForm, TierForm
from superadmin.people.staff import set_tier
from superadmin.people.users import reactivate_person, reset_factors, suspend_person, unlock_person
from superadmin.people.workspaces import reactivate_workspace, suspend_workspace
from superadmin.tiers import NEEDS_APPROVAL, Act


@dataclass(frozen=True, slots=True)
class Doing:
    """An act that is being done: to what, by whom, with what the form says."""

    request: HttpRequest
    staff: User
    subject: Any
    given: Mapping[str, Any]
    now: datetime


@dataclass(frozen=True, slots=True)
class Deal:
    """One act: its word in addresses, the right it asks for, its texts, its form, and what it does.

    `run` returns what is told afterwards, or None for acts that only ask for an approval. `fits` says whether the
    act makes sense as the subject is. `lands_at`: the name of the URL to go to afterwards, if not the subject's page.
    """

    slug: str
    act: Act
    title: str | Promise
    says: str | Promise
    form: type[forms.Form]
    run: Callable[[Doing], str]
    fits: Callable[[Any], bool] = lambda _subject: True
    # Sensitive enough to confirm that it is still the same person who sits there.
    confirms: bool = False
    is_grave: bool = False
    lands_at: str = ""

    @property
    def waits(self) -> bool:
        """Whether a second person has to agree."""
        return self.act in NEEDS_APPROVAL


def _suspend_person(doing: Doing) -> str:
    suspend_person(doing.subject, **doing.given, actor=user_actor(doing.staff), now=doing.now)
    return _("Suspended. Their sessions and tokens open nothing any more.")


def _reactivate_person(doing: Doing) -> str:
    reactivate_person(doing.subject, **doing.given, actor=user_actor(doing.staff), now=doing.now)
    return _("Reactivated.")


def _sign_out(doing: Doing) -> str:
    ended = end_sessions(doing.subject, actor=user_actor(doing.staff), now=doing.now)
    return ngettext("%(count)s session ended.", "%(count)s sessions ended.", ended) % {"count": ended}


def _reset_factors(doing: Doing) -> str:
    reset_factors(doing.subject, **doing.given, actor=user_actor(doing.staff), now=doing.now)
    return _("Second factors removed, sessions ended.")


def _impersonate(doing: Doing) -> str:
    impersonation.start(doing.request, doing.subject, **doing.given, staff=doing.staff, now=doing.now)
    return _("You see the service as this person does, for half an hour. They are told by mail.")


def _ask(act: Act) -> Callable[[Doing], str]:
    def ask(doing: Doing) -> str:
        given = dict(doing.given)
        reason = given.pop("reason")
        detail = {name: int(value) for name, value in given.items()}
        ask_approval(act, doing.subject, reason=reason, detail=detail, asker=doing.staff, now=doing.now)
        return _("Asked. It is done as soon as somebody else of the staff agrees, within 24 hours.")

    return ask


def _keep_person(doing: Doing) -> str:
    erasure = open_erasure(doing.subject)
    if erasure is not None:
        take_back_erasure(erasure, actor=user_actor(doing.staff), now=doing.now)
    return _("The account stays.")


def _unlock(doing: Doing) -> str:
    unlock_person(doing.subject, actor=user_actor(doing.staff), now=doing.now)
    return _("They can sign in again from wherever they are.")


PERSON_DEALS: tuple[Deal, ...] = (
    Deal(
        slug="impersonate",
        act=Act.USERS_IMPERSONATE,
        title=gettext_lazy("Look as this person"),
        says=gettext_lazy(
            "For half an hour you see their pages and can change nothing; keys, plans and files stay closed. "
            "They are told by mail, with the ticket."
        ),
        form=TicketForm,
        run=_impersonate,
        fits=lambda user: user.is_active and not user.refuses_impersonation,
        confirms=True,
        lands_at="pages:channels",
    ),
    Deal(
        slug="sign-out",
        act=Act.USERS_SIGN_OUT,
        title=gettext_lazy("Sign out everywhere"),
        says=gettext_lazy("Ends every session of this person at once. API tokens go on working."),
        form=NoForm,
        run=_sign_out,
    ),
    Deal(
        slug="unlock",
        act=Act.USERS_UNLOCK,
        title=gettext_lazy("Forgive failed sign-ins"),
        says=gettext_lazy("For who is slowed down because somebody guesses at their password from many places."),
        form=NoForm,
        run=_unlock,
    ),
    Deal(
        slug="reset-factors",
        act=Act.USERS_RESET_FACTORS,
        title=gettext_lazy("Reset second factors"),
        says=gettext_lazy(
            "For who has lost their device and proved to you who they are. Removes all second factors and recovery "
            "codes and ends all sessions."
        ),
        form=ReasonForm,
        run=_reset_factors,
        confirms=True,
        is_grave=True,
    ),
    Deal(
        slug="suspend",
        act=Act.USERS_SUSPEND,
        title=gettext_lazy("Suspend"),
        says=gettext_lazy("Shuts every door at once: sessions, API tokens, open pages. Nothing is deleted."),
        form=ReasonForm,
        run=_suspend_person,
        fits=lambda user: user.suspended_at is None,
        is_grave=True,
    ),
    Deal(
        slug="reactivate",
        act=Act.USERS_SUSPEND,
        title=gettext_lazy("Reactivate"),
        says=gettext_lazy("Opens the account again. Sessions that were ended stay ended."),
        form=ReasonForm,
        run=_reactivate_person,
        fits=lambda user: user.suspended_at is not None,
    ),
    Deal(
        slug="tier",
        act=Act.STAFF_GRANT,
        title=gettext_lazy("Change the tier"),
        says=gettext_lazy("What this person may do in this panel. Another Super Admin has to agree."),
        form=TierForm,
        run=_ask(Act.STAFF_GRANT),
        fits=lambda user: user.is_active,
        confirms=True,
    ),
    Deal(
        slug="delete",
        act=Act.USERS_DELETE,
        title=gettext_lazy("Delete"),
        says=gettext_lazy(
            "Closes the account, and erases it 14 days later with everything that is only theirs. Until then it can "
            "be taken back. Somebody else of the staff has to agree."
        ),
        form=ReasonForm,
        run=_ask(Act.USERS_DELETE),
        fits=lambda user: open_erasure(user) is None,
        confirms=True,
        is_grave=True,
    ),
    Deal(
        slug="keep",
        act=Act.USERS_DELETE,
        title=gettext_lazy("Take the deletion back"),
        says=gettext_lazy("Opens the account again, as if nothing had been asked."),
        form=NoForm,
        run=_keep_person,
        fits=lambda user: open_erasure(user) is not None,
    ),
)


def _suspend_workspace(doing: Doing) -> str:
    suspend_workspace(doing.subject, **doing.given, actor=user_actor(doing.staff), now=doing.now)
    return _("Suspended. Pages, tokens and shared links of this workspace open nothing any more.")


def _reactivate_workspace(doing: Doing) -> str:
    reactivate_workspace(doing.subject, **doing.given, actor=user_actor(doing.staff), now=doing.now)
    return _("Reactivated.")


def _restore_workspace(doing: Doing) -> str:
    bring_back(doing.subject, actor=user_actor(doing.staff), now=doing.now)
    return _("The workspace is back as it was.")


def _change_plan(doing: Doing) -> str:
    row = change_plan(doing.subject, plan=doing.given["plan"], actor=user_actor(doing.staff), now=doing.now)
    return _("The plan is %(plan)s now.") % {"plan": row.get_plan_display()}


WORKSPACE_DEALS: tuple[Deal, ...] = (
    Deal(
        slug="plan",
        act=Act.WORKSPACES_PLAN,
        title=gettext_lazy("Change the plan"),
        says=gettext_lazy("Limits change within seconds. What the workspace has beyond them stays."),
        form=PlanForm,
        run=_change_plan,
    ),
    Deal(
        slug="suspend",
        act=Act.WORKSPACES_SUSPEND,
        title=gettext_lazy("Suspend"),
        says=gettext_lazy("Pages, tokens and shared links of this workspace stop at once. Nothing is deleted."),
        form=ReasonForm,
        run=_suspend_workspace,
        fits=lambda workspace: workspace.suspended_at is None,
        is_grave=True,
    ),
    Deal(
        slug="reactivate",
        act=Act.WORKSPACES_SUSPEND,
        title=gettext_lazy("Reactivate"),
        says=gettext_lazy("Opens the workspace again."),
        form=ReasonForm,
        run=_reactivate_workspace,
        fits=lambda workspace: workspace.suspended_at is not None,
    ),
    Deal(
        slug="delete",
        act=Act.WORKSPACES_DELETE,
        title=gettext_lazy("Delete"),
        says=gettext_lazy(
            "Closes the workspace for all its people, and erases it 14 days later. Until then it can be brought back. "
            "Somebody else of the staff has to agree."
        ),
        form=ReasonForm,
        run=_ask(Act.WORKSPACES_DELETE),
        fits=lambda workspace: workspace.deleted_at is None,
        confirms=True,
        is_grave=True,
    ),
    Deal(
        slug="restore",
        act=Act.WORKSPACES_DELETE,
        title=gettext_lazy("Bring back"),
        says=gettext_lazy("Opens the deleted workspace again as it was."),
        form=NoForm,
        run=_restore_workspace,
        fits=lambda workspace: workspace.deleted_at is not None,
    ),
)


def _grant(approved: Approved) -> None:
    tier = Tier(approved.detail["tier"])
    set_tier(approved.subject, tier=tier, reason=approved.reason, actor=user_actor(approved.approver), now=approved.now)


def _erase_person(approved: Approved) -> None:
    request_erasure(approved.subject, actor=user_actor(approved.approver), now=approved.now)


def _delete_workspace(approved: Approved) -> None:
    delete_workspace(approved.subject, actor=user_actor(approved.approver), now=approved.now)


DEEDS: Mapping[Act, Deed] = MappingProxyType(
    {
        Act.STAFF_GRANT: _grant,
        Act.USERS_DELETE: _erase_person,
        Act.WORKSPACES_DELETE: _delete_workspace,
    }
)
# How acts that wait are called where they are listed.
WAITING: Mapping[str, str | Promise] = MappingProxyType(
    {deal.act.value: deal.title for deal in (*PERSON_DEALS, *WORKSPACE_DEALS) if deal.waits and deal.form is not NoForm}
)


def deals_for(subject: User | Workspace) -> tuple[Deal, ...]:
    """What can be done to this, whoever asks."""
    return PERSON_DEALS if isinstance(subject, User) else WORKSPACE_DEALS
