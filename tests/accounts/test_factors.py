"""Second factors, over the real views."""

import base64
import json
import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.factors.guessing import BY_ACCOUNT
from accounts.models import EventKind, SecurityEvent, User
from analyticbot.core.models import AuditEntry
from analyticbot.core.ratelimit import take
from tests.accounts.factors import (
    PASSWORD,
    add_app,
    add_key,
    confirmed,
    is_signed_in,
    recovery_codes,
    shown_code,
    sign_in,
    stranger,
)
from tests.factories import bearer, make_member, make_token, make_user, make_workspace, owner_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner() -> User:
    return owner_of(make_workspace())


@pytest.mark.django_db(transaction=True)
def test_an_app_is_added_with_its_first_code_and_then_asked_for(owner: User) -> None:
    client = sign_in(stranger(), owner)
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.findall(r'<code class="token">([A-Z2-7]+)</code>', page)[0]
    code = shown_code(secret)

    added = client.post(reverse("mfa_activate_totp"), {"code": code})

    assert (added.status_code, added["Location"]) == (302, reverse("mfa_view_recovery_codes"))
    codes = re.findall(r"<code>(\d{8})</code>", client.get(added["Location"]).content.decode())
    assert len(set(codes)) == 10
    assert not re.findall(r"\d{8}", client.get(added["Location"]).content.decode().split("<main")[1])  # only once
    row = Authenticator.objects.get(user=owner, type=Authenticator.Type.TOTP)
    assert row.data["secret"].startswith("k1$") and secret not in str(row.data)
    assert SecurityEvent.objects.get(user=owner, kind=EventKind.FACTOR_ADDED).detail == {"factor": "totp"}
    assert AuditEntry.objects.filter(action="accounts:factor:added", object_id=str(owner.pk)).count() == 1

    other = stranger()
    asked = other.post(reverse("account_login"), {"login": owner.email, "password": PASSWORD})
    assert asked["Location"] == reverse("mfa_authenticate") and not is_signed_in(other)
    # The code that added the app is used up; the one after it is not.
    assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert other.post(reverse("mfa_authenticate"), {"code": shown_code(secret, steps=1)}).status_code == 302
    assert is_signed_in(other)
    assert is_signed_in(client)


def test_a_code_works_once_and_no_earlier_one_after_it(owner: User) -> None:
    secret = add_app(owner)
    code = shown_code(secret)
    sign_in(stranger(), owner, code=code)

    second = stranger()
    second.post(reverse("account_login"), {"login": owner.email, "password": PASSWORD})
    again = second.post(reverse("mfa_authenticate"), {"code": code})
    before = second.post(reverse("mfa_authenticate"), {"code": shown_code(secret, steps=-1)})

    assert (again.status_code, before.status_code) == (200, 200)
    assert not is_signed_in(second)
    assert SecurityEvent.objects.filter(user=owner, kind=EventKind.FACTOR_REFUSED).count() == 2


def test_a_recovery_code_works_once_and_its_owner_hears_of_it(owner: User) -> None:
    add_app(owner)
    code = recovery_codes(owner)[3]

    sign_in(stranger(), owner, code=code)

    assert code not in recovery_codes(owner)
    event = SecurityEvent.objects.get(user=owner, kind=EventKind.RECOVERY_CODE_USED)
    assert event.detail == {"left": 9} and event.due_at is not None
    second = stranger()
    second.post(reverse("account_login"), {"login": owner.email, "password": PASSWORD})
    assert second.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_a_person_who_must_confirm_their_address_adds_no_factor(client: Client) -> None:
    client.post(reverse("account_signup"), {"email": "ann@example.org", "password1": "correct-horse-battery"})

    asked = client.get(reverse("mfa_activate_totp"))
    page = client.post(asked["Location"], {"password": "correct-horse-battery"}, follow=True)

    assert page.redirect_chain[-1][0] == reverse("settings:security")
    assert "Confirm your e-mail address first" in page.content.decode()


def test_guesses_are_counted_by_network_and_account(owner: User) -> None:
    add_app(owner)
    client = stranger()
    client.post(reverse("account_login"), {"login": owner.email, "password": PASSWORD})

    answers = [client.post(reverse("mfa_authenticate"), {"code": f"{number:06}"}) for number in range(11)]

    assert "Too many" not in answers[9].content.decode()
    assert "Too many" in answers[10].content.decode()


def test_guesses_from_many_networks_stop_and_do_not_shut_the_owner_out(owner: User) -> None:
    secret = add_app(owner)
    home = sign_in(stranger(), owner, code=shown_code(secret, steps=-1))
    take(
        [BY_ACCOUNT], key=str(owner.pk), cost=BY_ACCOUNT.amount - 6
    )  # as others have guessed; the first sign-in was one
    refused = 0
    for _network in range(2):
        attacker = stranger()
        attacker.post(reverse("account_login"), {"login": owner.email, "password": PASSWORD})
        for guess in range(5):
            answer = attacker.post(reverse("mfa_authenticate"), {"code": f"{guess:06}"})
            refused += "Too many" in answer.content.decode()
    assert refused == 5

    again = Client(REMOTE_ADDR=home.defaults["REMOTE_ADDR"])
    sign_in(again, owner, code=shown_code(secret))
    assert is_signed_in(again)


def test_removing_the_app_removes_its_recovery_codes_and_other_sessions(owner: User) -> None:
    secret = add_app(owner)
    other = sign_in(stranger(), owner, code=shown_code(secret, steps=-1))
    client = sign_in(stranger(), owner, code=shown_code(secret))

    assert client.get(reverse("mfa_deactivate_totp")).status_code == 200
    client.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.filter(user=owner).exists()
    assert is_signed_in(client) and not is_signed_in(other)
    assert SecurityEvent.objects.filter(user=owner, kind=EventKind.FACTOR_REMOVED).count() == 1


def test_new_recovery_codes_replace_the_old_ones(owner: User) -> None:
    secret = add_app(owner)
    client = sign_in(stranger(), owner, code=shown_code(secret))
    before = recovery_codes(owner)

    made = client.post(reverse("mfa_generate_recovery_codes"))

    assert made["Location"] == reverse("mfa_view_recovery_codes")
    assert not set(before) & set(recovery_codes(owner))


def test_a_workspace_may_demand_a_second_factor(owner: User) -> None:
    workspace = owner.workspaces.get()
    secret = add_app(owner)
    member = make_user()
    make_member(workspace, member)
    token = make_token(workspace, creator=member, scopes=["channels:read"])
    boss = sign_in(stranger(), owner, code=shown_code(secret))
    colleague = sign_in(stranger(), member)
    assert colleague.get("/app/").status_code == 200
    assert colleague.get("/api/v2/channels", headers=bearer(token)).status_code == 200

    boss.post(reverse("factor-rule"), {"required": "yes"})

    workspace.refresh_from_db()
    assert workspace.factor_required_at is not None
    assert boss.get("/app/").status_code == 200
    led = colleague.get("/app/")
    assert led.status_code == 302 and led["Location"].startswith(reverse("settings:security"))
    assert colleague.get(led["Location"]).status_code == 200
    refused = colleague.get("/api/v2/channels")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "factor_required")
    by_token = Client().get("/api/v2/channels", headers=bearer(token))
    assert (by_token.status_code, by_token.json()["error"]["code"]) == (403, "factor_required")

    add_app(member)

    assert colleague.get("/app/").status_code == 200
    assert Client().get("/api/v2/channels", headers=bearer(token)).status_code == 200


def test_an_owner_without_a_factor_cannot_demand_one(owner: User) -> None:
    client = sign_in(stranger(), owner)

    client.post(reverse("factor-rule"), {"required": "yes"})

    assert owner.workspaces.get().factor_required_at is None


def test_staff_is_led_to_a_second_factor_and_keeps_it(owner: User) -> None:
    User.objects.filter(pk=owner.pk).update(is_staff=True)
    client = sign_in(stranger(), owner)
    assert client.get("/app/")["Location"].startswith(reverse("settings:security"))
    assert client.get("/api/v2/channels").status_code == 403

    secret = add_app(owner)
    verified = sign_in(stranger(), owner, code=shown_code(secret))
    assert verified.get("/app/").status_code == 200
    verified.post(reverse("mfa_deactivate_totp"))

    assert Authenticator.objects.filter(user=owner, type=Authenticator.Type.TOTP).exists()


def test_a_used_step_is_not_forgotten_when_the_cache_is(owner: User, settings: Any) -> None:
    secret = add_app(owner)
    code = shown_code(secret, at=timezone.now() - timedelta(seconds=1))
    sign_in(stranger(), owner, code=code)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}

    second = stranger()
    second.post(reverse("account_login"), {"login": owner.email, "password": PASSWORD})
    assert second.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_the_last_factor_that_a_workspace_demands_stays(owner: User) -> None:
    workspace = owner.workspaces.get()
    key, spare = add_key(owner, "Laptop"), add_key(owner, "Spare")
    workspace.factor_required_at = timezone.now()
    workspace.save()
    client = confirmed(stranger(), owner)

    client.post(reverse("mfa_remove_webauthn", args=[spare.pk]))
    refused = client.post(reverse("mfa_remove_webauthn", args=[key.pk]), follow=True)

    assert [one.pk for one in Authenticator.objects.filter(user=owner)] == [key.pk]
    assert "Add another one" in refused.content.decode()


def test_keys_are_named_and_nobody_touches_those_of_others(owner: User) -> None:
    key = add_key(owner, "Laptop")
    client, thief = confirmed(stranger(), owner), confirmed(stranger(), make_user())

    client.post(reverse("mfa_edit_webauthn", args=[key.pk]), {"name": "Desk"})
    for door in ("mfa_edit_webauthn", "mfa_remove_webauthn"):
        assert thief.post(reverse(door, args=[key.pk]), {"name": "Mine"}).status_code == 404

    assert Authenticator.objects.get(user=owner).wrap().name == "Desk"
    page = client.get(reverse("confirm-identity")).content.decode()
    assert "Use a passkey or key" in page and 'name="password"' not in page


def test_a_key_that_answers_nonsense_is_refused(owner: User) -> None:
    key = add_key(owner, "Laptop")
    told = key.data["credential"]
    client, adding = stranger(), confirmed(stranger(), owner)
    client.post(reverse("account_login"), {"login": owner.email, "password": PASSWORD})
    handle = base64.urlsafe_b64encode(user_pk_to_url_str(owner).encode()).decode().rstrip("=")
    unsigned = told | {
        "response": {
            "clientDataJSON": told["response"]["clientDataJSON"],
            "authenticatorData": base64.urlsafe_b64encode(bytes(37)).decode().rstrip("="),
            "signature": "AAAA",
            "userHandle": handle,
        }
    }
    answers: list[object] = [unsigned, told, [], 1, {"id": 1}, {"response": []}]
    values: list[object] = [None, "AAAA"]
    answers += [told | {name: value} for name in ("rawId", "response") for value in values]

    for answer in answers:
        text = {"credential": json.dumps(answer)}
        client.get(reverse("mfa_authenticate"))
        assert client.post(reverse("mfa_authenticate"), text).status_code == 200
        assert client.post(reverse("mfa_login_webauthn"), text).status_code in (302, 429)
        assert adding.post(reverse("confirm-identity"), text).status_code == 422
        adding.get(reverse("mfa_add_webauthn"))
        assert adding.post(reverse("mfa_add_webauthn"), text).status_code == 200
    assert not is_signed_in(client)
    assert Authenticator.objects.filter(user=owner).count() == 1
