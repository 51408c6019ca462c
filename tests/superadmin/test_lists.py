"""Lists of the panel: read by key, never counted, and nothing secret in them."""

import itertools
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiToken, Tier, User, Workspace
from superadmin.listing import PER_PAGE
from superadmin.site import site
from tests.factories import WHEN, make_token, make_user, make_workspace
from tests.superadmin.staff import enter, make_staff

pytestmark = pytest.mark.django_db
LISTS = sorted(f"{model._meta.app_label}/{model._meta.model_name}" for model in site._registry)


@pytest.mark.parametrize("path", LISTS)
def test_list_opens_and_never_counts(path: str) -> None:
    make_token(make_workspace())
    client = enter(make_staff())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        answer = client.get(f"/superadmin/{path}/")
    assert answer.status_code == 200
    assert not [query["sql"] for query in asked if "COUNT(" in query["sql"]]
    assert len(asked) <= 15


@pytest.mark.parametrize("path", LISTS)
def test_list_takes_any_search(path: str) -> None:
    client = enter(make_staff())
    for term in ("1", "9" * 30, "%\\'", "ё@" * 2_000):
        assert client.get(f"/superadmin/{path}/", {"q": term, "before": term}).status_code == 200


def test_pages_follow_each_other_by_key() -> None:
    User.objects.bulk_create(User(email=f"many{number}@example.org") for number in range(PER_PAGE + 5))
    client = enter(make_staff())
    first = client.get("/superadmin/accounts/user/").content.decode()
    older = re.search(r'href="(\?before=\d+)"', first)
    assert older
    second = client.get(f"/superadmin/accounts/user/{older[1]}").content.decode()
    assert "many0@example.org" in second
    assert "many0@example.org" not in first
    assert not re.search(r'href="\?before=\d+"', second)


def test_people_are_found_by_the_beginning_of_their_address_and_by_id() -> None:
    person, other = make_user("findme@example.org"), make_user("somebody@example.org")
    client = enter(make_staff(Tier.SUPPORT))
    for term in ("FindMe", "findme@example.org", str(person.pk)):
        page = client.get("/superadmin/accounts/user/", {"q": term}).content.decode()
        assert person.email in page
        assert other.email not in page


def test_workspaces_are_found_by_name_member_and_id() -> None:
    workspace = make_workspace(owner=make_user("owner@example.org"), name="Quiet waters")
    Workspace.objects.create(name="Other", created_at=WHEN)
    client = enter(make_staff(Tier.SUPPORT))
    for term in ("quiet", "owner@example.org", str(workspace.public_id), str(workspace.pk)):
        page = client.get("/superadmin/accounts/workspace/", {"q": term}).content.decode()
        assert "Quiet waters" in page
        assert ">Other<" not in page


def test_pages_of_people_hold_no_secrets() -> None:
    workspace = make_workspace()
    text = make_token(workspace)
    person, row = workspace.memberships.get().user, ApiToken.objects.get()
    client = enter(make_staff())
    for path in (f"user/{person.pk}/change/", f"workspace/{workspace.pk}/change/", "user/", "apitoken/"):
        page = client.get(f"/superadmin/accounts/{path}").content.decode()
        for secret in (text, row.digest, person.password):
            assert secret not in page


def test_rows_cannot_be_added_nor_deleted_by_hand() -> None:
    client = enter(make_staff())
    for path, act in itertools.product(LISTS, ("add/", "1/delete/", "1/history/")):
        assert client.get(f"/superadmin/{path}/{act}").status_code == 404, path


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("accounts/user", "password__startswith"),
        ("accounts/user", "password__regex"),
        ("accounts/apitoken", "digest__startswith"),
        ("accounts/workspace", "suspended_for__contains"),
    ],
)
def test_addresses_cannot_guess_at_what_lists_do_not_show(path: str, asked: str) -> None:
    make_token(make_workspace())
    client = enter(make_staff(Tier.SUPPORT))
    assert client.get(f"/superadmin/{path}/", {asked: "x"}).status_code == 400
    assert client.get(f"/superadmin/{path}/").status_code == 200
    assert client.get("/superadmin/accounts/user/", {"state": "suspended"}).status_code == 200
