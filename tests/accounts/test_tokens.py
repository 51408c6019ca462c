"""API tokens: their form, what is kept of them, and when they stop working."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import ApiToken, Membership, SecurityEvent
from accounts.roles import SCOPES
from accounts.tokens import (
    TOKEN_PATTERN,
    checksum,
    create_token,
    digest_of,
    find_token,
    is_well_formed,
    new_token_text,
    note_use,
    revoke_token,
)
from analyticbot.core.audit import SYSTEM
from analyticbot.core.errors import InvalidInput, NotAllowed
from analyticbot.core.models import AuditEntry
from tests.factories import bearer, make_token, make_user, make_workspace, owner_of

VECTOR = "abk_live_0123456789abcdefghijABCDEFGHIJ3mpbCX"


def test_token_vector_is_well_formed() -> None:
    assert checksum("0123456789abcdefghijABCDEFGHIJ") == "3mpbCX"
    assert is_well_formed(VECTOR)


def test_new_tokens_differ_and_are_well_formed() -> None:
    texts = {new_token_text() for _ in range(50)}

    assert len(texts) == 50
    assert all(TOKEN_PATTERN.fullmatch(text) and is_well_formed(text) for text in texts)


@given(st.integers(9, len(VECTOR) - 1), st.sampled_from("0Zz9"))
def test_token_with_one_wrong_character_is_malformed(position: Any, other: Any) -> None:
    mistyped = VECTOR[:position] + other + VECTOR[position + 1 :]

    assert is_well_formed(mistyped) == (mistyped == VECTOR)


@given(st.text())
def test_any_text_is_judged_without_an_error(text: Any) -> None:
    assert not is_well_formed(text)


@pytest.mark.django_db
def test_created_token_is_kept_as_digest_only() -> None:
    workspace = make_workspace()
    now = timezone.now()

    token, text = create_token(
        workspace, creator=owner_of(workspace), name=" CI ", scopes=["channels:read"], now=now, actor=SYSTEM
    )

    token.refresh_from_db()
    assert token.digest == digest_of(text)
    assert text not in str(ApiToken.objects.values().get())
    assert (token.name, token.prefix, token.expires_at) == ("CI", text[:12], now + timedelta(days=90))
    entry = AuditEntry.objects.get(action="accounts:token:created")
    assert (entry.workspace_id, entry.object_id) == (workspace.pk, str(token.pk))
    assert text[12:] not in str(entry.after)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "n" * 81}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["members:write"]}, "scopes"),
        ({"lifetime": timedelta(days=366)}, "expires"),
        ({"lifetime": timedelta(0)}, "expires"),
    ],
)
def test_token_with_wrong_input_is_refused(changes: Any, field: Any) -> None:
    workspace = make_workspace()
    given = {"name": "CI", "scopes": ["channels:read"]} | changes

    with pytest.raises(InvalidInput) as refused:
        create_token(workspace, creator=owner_of(workspace), now=timezone.now(), actor=SYSTEM, **given)

    assert refused.value.field == field


@pytest.mark.django_db
def test_token_for_a_workspace_one_is_not_in_is_refused() -> None:
    with pytest.raises(NotAllowed):
        create_token(
            make_workspace(),
            creator=make_user(),
            name="x",
            scopes=["channels:read"],
            now=timezone.now(),
            actor=SYSTEM,
        )


def _end_expired(token: Any) -> None:
    ApiToken.objects.filter(pk=token.pk).update(
        created_at=timezone.now() - timedelta(days=2), expires_at=timezone.now() - timedelta(seconds=1)
    )


def _end_revoked(token: Any) -> None:
    revoke_token(token, now=timezone.now(), actor=SYSTEM)


def _end_member_left(token: Any) -> None:
    Membership.objects.filter(user=token.creator).delete()


def _end_person_disabled(token: Any) -> None:
    token.creator.is_active = False
    token.creator.save(update_fields=["is_active"])


@pytest.mark.django_db
@pytest.mark.parametrize("end", [_end_expired, _end_revoked, _end_member_left, _end_person_disabled])
def test_ended_token_opens_nothing(client: Client, end: Any) -> None:
    text = make_token(make_workspace())
    assert client.get("/api/v2/channels", headers=bearer(text)).status_code == 200

    end(ApiToken.objects.get())

    response = client.get("/api/v2/channels", headers=bearer(text))
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert response.json()["error"]["code"] == "token_invalid"


@pytest.mark.django_db
def test_revoking_twice_leaves_one_audit_row() -> None:
    make_token(make_workspace())
    token = ApiToken.objects.get()
    first = timezone.now()

    revoke_token(token, now=first, actor=SYSTEM)
    revoke_token(ApiToken.objects.get(), now=first + timedelta(hours=1), actor=SYSTEM)

    assert ApiToken.objects.get().revoked_at == first
    assert AuditEntry.objects.filter(action="accounts:token:revoked").count() == 1


@pytest.mark.django_db
def test_malformed_token_costs_no_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert find_token(VECTOR[:-1] + "0", now=timezone.now()) is None
    with django_assert_num_queries(1):
        assert find_token(VECTOR, now=timezone.now()) is None


@pytest.mark.django_db
def test_last_use_is_written_once_a_minute(django_assert_num_queries: Any) -> None:
    make_token(make_workspace())
    now = timezone.now()

    note_use(ApiToken.objects.get(), now=now)
    assert ApiToken.objects.get().last_used_at == now
    with django_assert_num_queries(1):
        note_use(ApiToken.objects.get(), now=now + timedelta(seconds=59))
    assert ApiToken.objects.get().last_used_at == now
    note_use(ApiToken.objects.get(), now=now + timedelta(seconds=61))
    assert ApiToken.objects.get().last_used_at == now + timedelta(seconds=61)


@pytest.mark.django_db
def test_command_prints_the_token_alone(capsys: pytest.CaptureFixture[str]) -> None:
    user = make_user("ann@example.org")

    call_command("create_api_token", "Ann@Example.org", "--name", "CI")

    out = capsys.readouterr().out
    holder = find_token(out.removesuffix("\n"), now=timezone.now())
    assert holder is not None
    assert holder.token.creator == user
    assert holder.token.scopes == sorted(SCOPES)


@pytest.mark.django_db
def test_command_takes_scopes_and_expiry(capsys: pytest.CaptureFixture[str]) -> None:
    make_user("ann@example.org")

    call_command(
        "create_api_token", "ann@example.org", "--name=r", "--scope", "channels:read", "--scope", "analytics:read",
        "--expires", "7",
    )  # fmt: skip

    token = ApiToken.objects.get()
    assert token.scopes == ["analytics:read", "channels:read"]
    assert token.expires_at - token.created_at == timedelta(days=7)
    assert is_well_formed(capsys.readouterr().out.strip())


@pytest.mark.django_db
@pytest.mark.parametrize("days", ["0", "-1", "366", "99999999999999"])
def test_command_refuses_a_wrong_expiry(days: Any) -> None:
    make_user("ann@example.org")

    with pytest.raises(CommandError):
        call_command("create_api_token", "ann@example.org", "--name", "x", f"--expires={days}")


@pytest.mark.django_db
def test_command_for_nobody_says_so() -> None:
    with pytest.raises(CommandError, match="Nobody has signed up"):
        call_command("create_api_token", "nobody@example.org", "--name", "x")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("networks", "address", "works"),
    [
        ([], "203.0.113.7", True),
        (["203.0.113.0/24"], "203.0.113.7", True),
        (["203.0.113.0/24"], "203.0.114.7", False),
        (["203.0.113.7"], "203.0.113.7", True),
        (["203.0.113.0/24"], "::ffff:203.0.113.7", True),
        (["2001:db8::/32"], "2001:db8:1::5", True),
        (["2001:db8::/32"], "203.0.113.7", False),
        (["198.51.100.0/24", "2001:db8::/32"], "2001:db9::1", False),
    ],
)
def test_token_works_only_from_its_networks(client: Client, networks: list[str], address: str, works: bool) -> None:
    workspace = make_workspace()
    token, text = create_token(
        workspace, creator=owner_of(workspace), name="t", scopes=["channels:read"], networks=networks,
        now=timezone.now(), actor=SYSTEM,
    )  # fmt: skip
    answer = client.get("/api/v2/channels", headers=bearer(text), REMOTE_ADDR=address)
    assert answer.status_code == (200 if works else 403)
    token.refresh_from_db()
    assert bool(token.last_used_at) == works
    if works:
        assert token.last_used_from in {"203.0.113.0/24", "2001:db8:1::/48"}
    else:
        assert answer.json()["error"]["code"] == "network_not_allowed"
        assert SecurityEvent.objects.filter(kind="token_refused", user=owner_of(workspace)).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["203.0.113.7/24", "::ffff:203.0.113.0/120", "nowhere", "203.0.113.0/33", "0x7f.1"])
def test_token_is_not_made_for_what_is_no_network(text: str) -> None:
    workspace = make_workspace()
    with pytest.raises(InvalidInput) as refusal:
        create_token(
            workspace, creator=owner_of(workspace), name="t", scopes=["channels:read"], networks=[text],
            now=timezone.now(), actor=SYSTEM,
        )  # fmt: skip
    assert refusal.value.field == "networks"


@pytest.mark.django_db
def test_forged_forwarding_does_not_move_a_token_into_its_network(client: Client) -> None:
    workspace = make_workspace()
    _token, text = create_token(
        workspace, creator=owner_of(workspace), name="t", scopes=["channels:read"], networks=["203.0.113.0/24"],
        now=timezone.now(), actor=SYSTEM,
    )  # fmt: skip
    forged = {"X-Forwarded-For": "203.0.113.7", "X-Real-IP": "203.0.113.7", "Forwarded": "for=203.0.113.7"}
    answer = client.get("/api/v2/channels", headers={**bearer(text), **forged}, REMOTE_ADDR="198.51.100.1")
    assert answer.status_code == 403
