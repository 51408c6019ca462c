"""Inviting, changing roles, leaving and handing over, through the pages."""

import re
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import (
    Invitation,
    Membership,
    OwnershipOffer,
    Role,
    SecurityEvent,
    User,
    Workspace,
)
from accounts.people.invitations import accept, find_invitation
from accounts.people.letters import mail_due_invitations
from accounts.roles import MANAGED, ROLE_PERMISSIONS, Permission
from accounts.workspaces import MOST_OWNED
from analyticbot.core.errors import NotFound
from analyticbot.core.models import AuditEntry
from tests.accounts.factors import PASSWORD, confirmed
from tests.factories import bearer, make_member, make_token, make_user, make_workspace, owner_of

pytestmark = pytest.mark.django_db
LINK = re.compile(r"/account/invitation/[A-Za-z0-9_-]{43}/")


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def workspace() -> Workspace:
    return make_workspace(owner=make_user("owner@example.org"), name="Bazaar")


@pytest.fixture
def owner(client: Client, workspace: Workspace) -> Client:
    client.force_login(owner_of(workspace))
    return client


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def member(workspace: Workspace, role: Role) -> tuple[Membership, Client]:
    membership = make_member(workspace, role=role)
    return membership, signed_in(membership.user)


def invited(client: Client, email: str = "bek@example.org", role: str = "analyst") -> str:
    """The path of the link that the mail holds."""
    answer = client.post("/account/people/", {"email": email, "role": role})
    assert answer.status_code == 302, text_of(answer)
    mail_due_invitations()
    return LINK.findall(str(mail.outbox[-1].body))[0]


def test_invited_person_without_an_account_comes_in_by_the_link(owner: Client, workspace: Workspace) -> None:
    link = invited(owner)
    assert mail.outbox[-1].to == ["bek@example.org"]
    assert "owner@example.org" in mail.outbox[-1].body
    stranger = Client()
    page = stranger.get(link)
    assert "Join “Bazaar”" in text_of(page)
    assert page["Referrer-Policy"] == "same-origin"
    to_form = stranger.post(link)["Location"]
    assert to_form.startswith("/account/signup/?email=bek%40example.org&next=")
    form = {"email": "bek@example.org", "password1": "a long way to Samarkand", "next": link}
    assert stranger.post(to_form, form | {"terms": "on", "consent": "on"})["Location"] == link
    assert EmailAddress.objects.get(email="bek@example.org").verified
    joined = stranger.post(link)
    assert joined["Location"] == "/app/"
    assert "Bazaar" in text_of(stranger.get("/account/workspaces/"))
    membership = Membership.objects.get(workspace=workspace, user__email="bek@example.org")
    assert membership.role == Role.ANALYST
    # The workspace they were invited to is where they are, not the empty one of their own.
    assert "Bazaar" in text_of(stranger.get("/account/people/"))
    assert Client().get(link).status_code == 404


def test_link_works_once_and_only_the_last_one(owner: Client, workspace: Workspace) -> None:
    first = invited(owner)
    row = Invitation.objects.get()
    owner.post(f"/account/people/invited/{row.public_id}/again/")
    mail_due_invitations()
    second = LINK.findall(str(mail.outbox[-1].body))[0]
    assert first != second
    assert Client().get(first).status_code == 404
    assert Client().get(second).status_code == 200
    owner.post(f"/account/people/invited/{row.public_id}/withdraw/")
    assert Client().get(second).status_code == 404
    assert not Membership.objects.filter(workspace=workspace).exclude(role=Role.OWNER).exists()


def test_secret_of_the_link_stands_nowhere_in_the_database(owner: Client) -> None:
    secret = invited(owner).split("/")[-2]
    row = Invitation.objects.get()
    assert secret not in repr(row.__dict__)
    assert secret not in repr(list(AuditEntry.objects.values()))
    assert "bek@example.org" not in repr(list(AuditEntry.objects.filter(object_type="accounts.invitation").values()))


@pytest.mark.parametrize("days", [7, 400])
def test_link_runs_out_after_a_week(owner: Client, workspace: Workspace, days: int) -> None:
    secret = invited(owner).split("/")[-2]
    row = find_invitation(secret, now=timezone.now() + timedelta(days=6))
    assert row is not None
    later = timezone.now() + timedelta(days=days)
    assert find_invitation(secret, now=later) is None
    with pytest.raises(NotFound):
        accept(row, user=make_user("bek@example.org"), now=later)


@pytest.mark.parametrize("secret", ["", "x", "x" * 43, "ж" * 43, "x" * 5_000, "%00" * 43])
def test_link_that_was_made_up_opens_nothing(client: Client, secret: str) -> None:
    assert client.get(f"/account/invitation/{secret}/").status_code == 404


def test_link_is_of_no_use_to_another_account(owner: Client, workspace: Workspace) -> None:
    link = invited(owner)
    thief = signed_in(make_user("thief@example.org"))
    assert "is for bek@example.org" in text_of(thief.get(link))
    assert thief.post(link).status_code == 403
    assert not Membership.objects.filter(user__email="thief@example.org", workspace=workspace).exists()


def test_address_that_another_has_confirmed_is_not_taken(owner: Client, workspace: Workspace) -> None:
    link = invited(owner)
    rightful = make_user("rightful@example.org")
    EmailAddress.objects.create(user=rightful, email="bek@example.org", verified=True)
    squatter = make_user("squatter@example.org")
    EmailAddress.objects.create(user=squatter, email="bek@example.org", verified=False)
    assert signed_in(squatter).post(link).status_code == 403
    assert signed_in(rightful).post(link).status_code == 302


def test_opening_a_link_decides_nothing_about_an_account_that_is_made_later(owner: Client) -> None:
    """Somebody could have another open the link of an invitation to an address of their own."""
    visitor = Client()
    visitor.get(invited(owner, "attacker@example.org"))
    form = {"email": "victim@example.org", "password1": "a long way to Samarkand", "terms": "on", "consent": "on"}
    assert visitor.post("/account/signup/", form).status_code == 302
    victim = User.objects.get(email="victim@example.org")
    assert not EmailAddress.objects.filter(user=victim, email="attacker@example.org").exists()


def test_existing_account_accepts_after_signing_in(owner: Client, workspace: Workspace) -> None:
    link = invited(owner)
    make_user("bek@example.org", password=PASSWORD)
    visitor = Client()
    assert f"/account/login/?next={link}" in text_of(visitor.get(link))
    signed = visitor.post(f"/account/login/?next={link}", {"login": "bek@example.org", "password": PASSWORD})
    assert signed["Location"] == link
    assert visitor.post(link)["Location"] == "/app/"
    assert Membership.objects.filter(workspace=workspace, user__email="bek@example.org").exists()


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"email": "no address", "role": "viewer"}, "valid email"),
        ({"email": "owner@example.org", "role": "viewer"}, "already a member"),
        ({"email": "new@example.org", "role": "owner"}, "not one of the available choices"),
        ({"email": "new@example.org", "role": ""}, "required"),
    ],
)
def test_invitation_that_makes_no_sense_is_not_sent(owner: Client, form: dict[str, str], told: str) -> None:
    answer = owner.post("/account/people/", form)
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert not Invitation.objects.exists()


def test_same_address_is_invited_once(owner: Client) -> None:
    invited(owner)
    again = owner.post("/account/people/", {"email": "BEK@example.org", "role": "viewer"})
    assert "already invited" in text_of(again)
    assert Invitation.objects.count() == 1


def test_twenty_invitations_a_day_and_no_more(workspace: Workspace) -> None:
    client = signed_in(owner_of(workspace))
    codes = [
        client.post("/account/people/", {"email": f"p{number}@example.org", "role": "viewer"}).status_code
        for number in range(21)
    ]
    assert codes == [302] * 20 + [422]
    row = Invitation.objects.first()
    assert row is not None
    assert client.post(f"/account/people/invited/{row.public_id}/again/").status_code == 429


@pytest.mark.parametrize("role", list(Role))
def test_each_role_manages_those_below_it(workspace: Workspace, role: Role) -> None:
    client = signed_in(owner_of(workspace)) if role == Role.OWNER else member(workspace, role)[1]
    for target in (Role.ADMIN, Role.ANALYST, Role.VIEWER):
        reaches = target in MANAGED[role]
        client.post("/account/people/", {"email": f"{target}@example.org", "role": target.value})
        assert Invitation.objects.filter(email=f"{target}@example.org").exists() == reaches
        other = make_member(workspace, role=target)
        wanted = Role.VIEWER if target != Role.VIEWER else Role.ANALYST
        client.post(f"/account/people/{other.pk}/role/", {"role": wanted.value})
        other.refresh_from_db()
        assert (other.role == wanted) == reaches
        client.post(f"/account/people/{other.pk}/remove/")
        assert Membership.objects.filter(pk=other.pk).exists() != reaches


def test_nobody_raises_anybody_to_their_own_height(workspace: Workspace) -> None:
    _mine, admin = member(workspace, Role.ADMIN)
    viewer = make_member(workspace)
    for wanted in ("admin", "owner"):
        admin.post(f"/account/people/{viewer.pk}/role/", {"role": wanted})
    viewer.refresh_from_db()
    assert viewer.role == Role.VIEWER


def test_table_of_roles_only_grows_upwards() -> None:
    rising = [ROLE_PERMISSIONS[role] for role in (Role.VIEWER, Role.ANALYST, Role.ADMIN, Role.OWNER)]
    assert all(lower < higher for lower, higher in pairwise(rising))
    assert {role for role in Role if MANAGED[role]} == {
        role for role in Role if Permission.MEMBERS_WRITE in ROLE_PERMISSIONS[role]
    }


def test_removed_member_is_out_at_once_with_their_tokens_for_good(owner: Client, workspace: Workspace) -> None:
    membership, theirs = member(workspace, Role.ANALYST)
    program = Client(headers=bearer(make_token(workspace, creator=membership.user, scopes=["channels:read"])))
    assert program.get("/api/v2/channels").status_code == 200
    assert theirs.get("/app/").status_code == 200
    owner.post(f"/account/people/{membership.pk}/remove/")
    assert program.get("/api/v2/channels").status_code == 401
    assert theirs.get("/app/")["Location"] == "/account/workspaces/"
    make_member(workspace, membership.user, Role.ANALYST)
    assert program.get("/api/v2/channels").status_code == 401
    kinds = set(SecurityEvent.objects.filter(user=membership.user).values_list("kind", flat=True))
    assert {"membership_ended", "token_revoked"} <= kinds
    actions = set(AuditEntry.objects.filter(workspace_id=workspace.pk).values_list("action", flat=True))
    assert "accounts:membership:removed" in actions


def test_owner_stays_until_another_is(owner: Client, workspace: Workspace) -> None:
    mine = Membership.objects.get(workspace=workspace)
    assert owner.post(f"/account/workspaces/{workspace.public_id}/leave/").status_code == 409
    assert owner.post(f"/account/people/{mine.pk}/remove/").status_code == 409
    assert owner.post(f"/account/people/{mine.pk}/role/", {"role": "viewer"}).status_code == 409
    assert Membership.objects.get(workspace=workspace).role == Role.OWNER
    make_member(workspace, role=Role.OWNER)
    assert owner.post(f"/account/workspaces/{workspace.public_id}/leave/").status_code == 302
    assert Membership.objects.filter(workspace=workspace, role=Role.OWNER).count() == 1


def test_ownership_changes_hands_when_the_heir_accepts(owner: Client, workspace: Workspace) -> None:
    before = owner_of(workspace)
    heir, theirs = member(workspace, Role.ANALYST)
    confirmed(owner, before)
    confirmed(theirs, heir.user)
    owner.post("/account/workspace/offer/", {"heir": heir.user_id})
    assert "You have offered this workspace" in text_of(owner.get("/account/workspace/"))
    assert owner_of(workspace) == before
    assert "offers you this workspace" in text_of(theirs.get("/account/workspace/"))
    _other, third = member(workspace, Role.ADMIN)
    confirmed(third, _other.user)
    assert third.post("/account/workspace/offer/accept/").status_code == 404
    assert theirs.post("/account/workspace/offer/accept/").status_code == 302
    assert owner_of(workspace) == heir.user
    assert Membership.objects.get(workspace=workspace, user=before).role == Role.ADMIN
    assert not OwnershipOffer.objects.exists()
    assert theirs.post("/account/workspace/offer/accept/").status_code == 404
    mailed = SecurityEvent.objects.filter(kind="ownership_changed", due_at__isnull=False)
    assert {event.user_id for event in mailed} == {before.pk, heir.user_id}


def test_nobody_is_handed_more_workspaces_than_they_may_own(owner: Client, workspace: Workspace) -> None:
    heir, theirs = member(workspace, Role.ANALYST)
    for _number in range(MOST_OWNED):
        make_workspace(owner=heir.user)
    confirmed(owner, owner_of(workspace))
    confirmed(theirs, heir.user)
    session = theirs.session
    session["workspace"] = str(workspace.public_id)
    session.save()
    owner.post("/account/workspace/offer/", {"heir": heir.user_id})
    answer = theirs.post("/account/workspace/offer/accept/")
    assert answer.status_code == 409
    assert owner_of(workspace).email == "owner@example.org"


@pytest.mark.parametrize("who", ["owner", "heir"])
def test_offer_is_taken_back_or_refused(owner: Client, workspace: Workspace, who: str) -> None:
    heir, theirs = member(workspace, Role.VIEWER)
    confirmed(owner, owner_of(workspace)).post("/account/workspace/offer/", {"heir": heir.user_id})
    (owner if who == "owner" else theirs).post("/account/workspace/offer/end/")
    assert confirmed(theirs, heir.user).post("/account/workspace/offer/accept/").status_code == 404
    assert Membership.objects.get(pk=heir.pk).role == Role.VIEWER


def test_handing_over_and_deleting_ask_for_a_confirmation_first(owner: Client, workspace: Workspace) -> None:
    heir = make_member(workspace)
    for place, form in (("offer/", {"heir": heir.user_id}), ("delete/", {"delete-name": "Bazaar"})):
        answer = owner.post(f"/account/workspace/{place}", form)
        assert answer["Location"].startswith("/account/confirm/?next=")
    assert not OwnershipOffer.objects.exists()
    assert Workspace.objects.get(pk=workspace.pk).is_open


def test_workspace_chosen_last_is_where_the_next_session_begins(workspace: Workspace) -> None:
    person = owner_of(workspace)
    second = make_workspace(owner=person, name="Second")
    signed_in(person).post(f"/account/workspace/{second.public_id}/")
    assert "Second" in text_of(signed_in(person).get("/account/workspace/"))


def test_new_workspace_is_made_until_there_are_many(owner: Client, workspace: Workspace) -> None:
    assert "You are in “Two” now." in text_of(owner.post("/account/workspaces/", {"name": "Two"}, follow=True))
    for number in range(8):
        make_workspace(owner=owner_of(workspace), name=f"W{number}")
    assert owner.post("/account/workspaces/", {"name": "Eleven"}).status_code == 409


def test_invitation_and_two_requests_at_a_time_make_one_member(owner: Client, workspace: Workspace) -> None:
    link = invited(owner)
    bek = signed_in(make_user("bek@example.org"))
    assert bek.post(link)["Location"] == "/app/"
    assert bek.post(link).status_code == 404
    assert Membership.objects.filter(workspace=workspace, user__email="bek@example.org").count() == 1
