"""What staff does to people and workspaces, through the pages."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from accounts.factors.models import TelegramFactor
from accounts.models import ApiToken, Erasure, SecurityEvent, Tier, User, Workspace
from analyticbot.core.models import AuditEntry
from analytics.sharing.models import SharedLink
from superadmin.models import ApprovalRequest, Decision
from superadmin.people.acts import PERSON_DEALS, WORKSPACE_DEALS
from superadmin.tiers import LEAST_TIER, NEEDS_APPROVAL, Act
from tests.factories import bearer, make_token, make_tracked, make_user, make_workspace, owner_of
from tests.superadmin.staff import enter, make_staff

pytestmark = pytest.mark.django_db
TIERS = [tier for tier in Tier if tier]
FORMS: dict[str, dict[str, Any]] = {
    "tier": {"tier": int(Tier.SUPPORT), "reason": "new colleague"},
    "impersonate": {"reason": "cannot see a chart", "ticket": "T-1"},
    "plan": {"plan": "pro"},
}


def form_of(slug: str) -> dict[str, Any]:
    return FORMS.get(slug, {"reason": "asked for by ticket 7"})


@pytest.mark.parametrize("deal", PERSON_DEALS, ids=lambda deal: deal.slug)
def test_each_act_on_a_person_asks_for_its_tier_and_for_somebody_below(deal: Any) -> None:
    people = {tier: make_staff(tier) for tier in TIERS}
    for staff, target in itertools.product(TIERS, [Tier.NONE, *TIERS]):
        subject = people[target] if target else make_user()
        answer = enter(people[staff]).get(f"/superadmin/people/{subject.pk}/{deal.slug}/")
        allowed = staff >= LEAST_TIER[deal.act] and staff > target
        assert answer.status_code == (200 if allowed else 403), f"{staff.label} on {target.label}"


@pytest.mark.parametrize("deal", WORKSPACE_DEALS, ids=lambda deal: deal.slug)
def test_each_act_on_a_workspace_asks_for_its_tier(deal: Any) -> None:
    workspace = make_workspace()
    for tier in TIERS:
        answer = enter(make_staff(tier)).get(f"/superadmin/workspaces/{workspace.pk}/{deal.slug}/")
        assert answer.status_code == (200 if tier >= LEAST_TIER[deal.act] else 403), tier.label


def test_every_act_stands_in_the_table() -> None:
    assert set(LEAST_TIER) == set(Act)
    assert set(Act) >= NEEDS_APPROVAL


def test_suspended_person_finds_every_door_closed(client: Client) -> None:
    workspace = make_workspace()
    person, token = owner_of(workspace), make_token(workspace)
    client.force_login(person)
    assert client.get("/app/").status_code == 200
    assert client.get("/api/v2/channels", headers=bearer(token)).status_code == 200

    staff = make_staff(Tier.MODERATOR)
    answer = enter(staff).post(f"/superadmin/people/{person.pk}/suspend/", {"reason": "spam"})

    assert answer.status_code == 302
    assert client.get("/app/").status_code == 302
    assert Client().get("/api/v2/channels", headers=bearer(token)).status_code == 401
    signing_in = Client().post("/account/login/", {"login": person.email, "password": "pass-word-1234"})
    assert "/app/" not in signing_in.get("Location", "")
    row = AuditEntry.objects.get(action="accounts:user:suspended")
    assert (row.actor_id, row.object_id, row.after) == (staff.pk, str(person.pk), {"reason": "spam"})
    assert SecurityEvent.objects.filter(user=person, kind="suspended").exists()


def test_reactivated_person_can_sign_in_again(client: Client) -> None:
    person, staff = make_user(), enter(make_staff(Tier.MODERATOR))
    staff.post(f"/superadmin/people/{person.pk}/suspend/", {"reason": "spam"})
    staff.post(f"/superadmin/people/{person.pk}/reactivate/", {"reason": "was none"})
    person.refresh_from_db()
    assert (person.is_active, person.suspended_at, person.suspended_for) == (True, None, "")
    client.post("/account/login/", {"login": person.email, "password": "pass-word-1234"})
    assert client.session.get("_auth_user_id") == str(person.pk)


def test_last_super_admin_cannot_be_suspended_nor_demoted() -> None:
    from analyticbot.core.audit import SYSTEM
    from analyticbot.core.errors import Conflict
    from superadmin.people.staff import set_tier
    from superadmin.people.users import suspend_person

    last = make_staff()
    for act in (
        lambda: set_tier(last, tier=Tier.ADMIN, reason="r", actor=SYSTEM, now=timezone.now()),
        lambda: suspend_person(last, reason="r", actor=SYSTEM, now=timezone.now()),
    ):
        with pytest.raises(Conflict, match="last Super Admin"):
            act()
    make_staff()
    set_tier(last, tier=Tier.ADMIN, reason="r", actor=SYSTEM, now=timezone.now())
    assert User.objects.get(pk=last.pk).tier == Tier.ADMIN


def test_signing_out_everywhere_ends_sessions(client: Client) -> None:
    person = make_user()
    client.force_login(person)
    enter(make_staff(Tier.MODERATOR)).post(f"/superadmin/people/{person.pk}/sign-out/")
    assert client.get("/account/").status_code in {302, 404}
    assert not client.get("/").wsgi_request.user.is_authenticated


def test_tier_is_granted_only_after_another_super_admin_agrees() -> None:
    first, second, person = make_staff(), make_staff(), make_user()
    enter(first).post(f"/superadmin/people/{person.pk}/tier/", {"tier": int(Tier.ADMIN), "reason": "new colleague"})
    row = ApprovalRequest.objects.get()
    assert User.objects.get(pk=person.pk).tier == Tier.NONE

    assert enter(first).post(f"/superadmin/approvals/{row.pk}/agree/").status_code == 403
    assert User.objects.get(pk=person.pk).tier == Tier.NONE

    assert enter(make_staff(Tier.ADMIN)).post(f"/superadmin/approvals/{row.pk}/agree/").status_code == 403
    assert enter(second).post(f"/superadmin/approvals/{row.pk}/agree/").status_code == 302
    person.refresh_from_db()
    assert (person.tier, person.is_staff, person.is_superuser) == (Tier.ADMIN, True, False)
    row.refresh_from_db()
    assert (row.decision, row.decided_by_id) == (Decision.APPROVED, second.pk)


def test_approval_is_carried_out_once_and_not_when_it_has_expired() -> None:
    first, second, person = make_staff(), enter(make_staff()), make_user()
    enter(first).post(f"/superadmin/people/{person.pk}/delete/", {"reason": "asked by letter"})
    row = ApprovalRequest.objects.get()
    again = enter(first).post(f"/superadmin/people/{person.pk}/delete/", {"reason": "asked by letter"})
    assert again.status_code == 422
    ApprovalRequest.objects.update(asked_at=row.asked_at - timedelta(days=2), expires_at=row.asked_at)
    assert second.post(f"/superadmin/approvals/{row.pk}/agree/").status_code == 422
    assert not Erasure.objects.exists()

    enter(first).post(f"/superadmin/people/{person.pk}/delete/", {"reason": "asked by letter"})
    fresh = ApprovalRequest.objects.get(decision=Decision.OPEN)
    assert second.post(f"/superadmin/approvals/{fresh.pk}/agree/").status_code == 302
    assert second.post(f"/superadmin/approvals/{fresh.pk}/agree/").status_code == 422
    assert Erasure.objects.filter(person_id=person.pk).count() == 1
    assert not User.objects.get(pk=person.pk).is_active


def test_deletion_can_be_taken_back_by_staff() -> None:
    first, second, person = enter(make_staff()), enter(make_staff()), make_user()
    first.post(f"/superadmin/people/{person.pk}/delete/", {"reason": "asked by letter"})
    second.post(f"/superadmin/approvals/{ApprovalRequest.objects.get().pk}/agree/")
    first.post(f"/superadmin/people/{person.pk}/keep/")
    assert User.objects.get(pk=person.pk).is_active


def test_person_is_made_without_a_password() -> None:
    staff = enter(make_staff(Tier.ADMIN))
    form = {"email": "New.Person@Example.org", "name": "New", "reason": "by telephone"}
    assert staff.post("/superadmin/people/new/", form).status_code == 302
    made = User.objects.get(email="new.person@example.org")
    assert not made.has_usable_password()
    assert staff.post("/superadmin/people/new/", form).status_code == 422


def test_workspace_that_is_suspended_opens_nothing(client: Client) -> None:
    workspace = make_workspace()
    token, staff = make_token(workspace), enter(make_staff(Tier.MODERATOR))
    client.force_login(owner_of(workspace))
    staff.post(f"/superadmin/workspaces/{workspace.pk}/suspend/", {"reason": "fraud"})
    assert client.get("/app/").status_code != 200
    assert Client().get("/api/v2/channels", headers=bearer(token)).status_code == 401
    staff.post(f"/superadmin/workspaces/{workspace.pk}/reactivate/", {"reason": "was none"})
    assert client.get("/app/").status_code == 200


def test_token_revoked_by_staff_opens_nothing() -> None:
    workspace = make_workspace()
    text = make_token(workspace)
    row = ApiToken.objects.get()
    assert enter(make_staff(Tier.SUPPORT)).post(f"/superadmin/tokens/{row.pk}/revoke/").status_code == 403
    assert enter(make_staff(Tier.MODERATOR)).post(f"/superadmin/tokens/{row.pk}/revoke/").status_code == 302
    assert Client().get("/api/v2/channels", headers=bearer(text)).status_code == 401


def test_plan_is_changed_by_an_admin() -> None:
    from billing.limits import plans_of
    from billing.plans import Plan

    workspace = make_workspace()
    enter(make_staff(Tier.ADMIN)).post(f"/superadmin/workspaces/{workspace.pk}/plan/", {"plan": "agency"})
    assert plans_of([workspace.pk])[workspace.pk] == Plan.AGENCY


def test_workspace_is_deleted_by_two_and_brought_back_by_one(client: Client) -> None:
    workspace = make_workspace()
    client.force_login(owner_of(workspace))
    first, second = enter(make_staff(Tier.ADMIN)), enter(make_staff(Tier.ADMIN))
    first.post(f"/superadmin/workspaces/{workspace.pk}/delete/", {"reason": "asked by letter"})
    assert client.get("/app/").status_code == 200
    second.post(f"/superadmin/approvals/{ApprovalRequest.objects.get().pk}/agree/")
    workspace.refresh_from_db()
    assert workspace.deleted_at is not None
    first.post(f"/superadmin/workspaces/{workspace.pk}/restore/")
    assert client.get("/app/").status_code == 200


def test_person_whose_password_is_guessed_at_is_unlocked() -> None:
    from accounts.devices import blurred
    from accounts.guarding import STRANGERS
    from analyticbot.core.ratelimit import take

    person = make_user()
    while take([STRANGERS], key=blurred(person.email)).allowed:
        pass
    enter(make_staff(Tier.MODERATOR)).post(f"/superadmin/people/{person.pk}/unlock/")
    assert take([STRANGERS], key=blurred(person.email)).allowed
    assert SecurityEvent.objects.filter(user=person, kind="unlocked").exists()


def test_factors_are_reset_and_sessions_end() -> None:
    person = make_staff(Tier.SUPPORT)
    theirs = enter(person)
    enter(make_staff(Tier.ADMIN)).post(f"/superadmin/people/{person.pk}/reset-factors/", {"reason": "lost telephone"})
    assert not Authenticator.objects.filter(user=person).exists()
    assert not theirs.get("/superadmin/").wsgi_request.user.is_authenticated


def test_shared_link_revoked_by_staff_opens_nothing(client: Client) -> None:
    tracked = make_tracked(make_workspace())
    end = timezone.now() + timedelta(days=1)
    row = SharedLink.objects.create(
        workspace=tracked.workspace,
        tracked=tracked,
        name="For a friend",
        digest="d",
        prefix="abcdefgh",
        created_at=timezone.now(),
        expires_at=end,
        preset="28d",
        sections=["overview"],
    )
    assert enter(make_staff(Tier.SUPPORT)).post(f"/superadmin/links/{row.pk}/revoke/").status_code == 403
    assert enter(make_staff(Tier.MODERATOR)).post(f"/superadmin/links/{row.pk}/revoke/").status_code == 302
    assert SharedLink.objects.get().revoked_at is not None


@pytest.mark.parametrize("has_app", [True, False])
def test_reset_takes_codes_by_telegram_away_as_well(has_app: bool) -> None:
    person = make_user()
    if has_app:
        Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": ""})
    TelegramFactor.objects.create(user=person, created_at=timezone.now())
    answer = enter(make_staff(Tier.ADMIN)).post(
        f"/superadmin/people/{person.pk}/reset-factors/", {"reason": "lost telephone"}
    )
    assert answer.status_code == 302
    assert not TelegramFactor.objects.filter(user=person).exists()
    entry = AuditEntry.objects.get(action="accounts:user:factors_reset", object_id=str(person.pk))
    assert entry.after is not None
    assert entry.after["factors"] == 1 + has_app


def test_workspace_that_its_owner_deleted_first_is_not_deleted_later(client: Client) -> None:
    workspace = make_workspace()
    enter(make_staff(Tier.ADMIN)).post(f"/superadmin/workspaces/{workspace.pk}/delete/", {"reason": "fraud"})
    earlier = timezone.now() - timedelta(days=3)
    Workspace.objects.filter(pk=workspace.pk).update(deleted_at=earlier)
    enter(make_staff(Tier.ADMIN)).post(f"/superadmin/approvals/{ApprovalRequest.objects.get().pk}/agree/")
    workspace.refresh_from_db()
    assert workspace.deleted_at == earlier
    assert not AuditEntry.objects.filter(action="accounts:workspace:deleted").exists()


def test_tier_is_not_granted_to_somebody_who_was_suspended_meanwhile() -> None:
    person, form = make_user(), {"tier": int(Tier.ADMIN), "reason": "new colleague"}
    enter(make_staff(Tier.SUPER_ADMIN)).post(f"/superadmin/people/{person.pk}/tier/", form)
    enter(make_staff(Tier.MODERATOR)).post(f"/superadmin/people/{person.pk}/suspend/", {"reason": "stolen"})
    enter(make_staff(Tier.SUPER_ADMIN)).post(f"/superadmin/approvals/{ApprovalRequest.objects.get().pk}/agree/")
    person.refresh_from_db()
    assert person.tier == Tier.NONE
