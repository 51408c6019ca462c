"""Accounts are held by one process at a time, by the database's clock."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from analyticbot.core.audit import SYSTEM
from analyticbot.core.models import AuditEntry
from mtproto.accounts import disable_account, lease_account, mark_unusable, release_lease, renew_lease
from mtproto.models import AccountState, TelegramAccount
from tests.factories import WHEN, make_workspace
from tests.mtproto.rows import make_account

MINUTE = timedelta(minutes=1)
OVER = timedelta(seconds=-1)


@pytest.mark.django_db
def test_account_is_leased_once_until_released() -> None:
    account = make_account()

    first = lease_account(owner="a", lease=MINUTE)
    assert first is not None
    assert (first.pk, first.leased_by, first.fence, first.session) == (account.pk, "a", 1, "session-secret")
    assert lease_account(owner="b", lease=MINUTE) is None
    assert release_lease(first)
    second = lease_account(owner="b", lease=MINUTE)
    assert second is not None
    assert second.fence == 2


@pytest.mark.django_db
def test_lease_that_ran_out_is_lost_to_the_next() -> None:
    make_account()
    first = lease_account(owner="a", lease=OVER)
    assert first is not None

    second = lease_account(owner="b", lease=MINUTE)

    assert second is not None
    assert not renew_lease(first, lease=MINUTE)
    assert not release_lease(first)
    assert renew_lease(second, lease=MINUTE)


@pytest.mark.django_db
def test_renewing_moves_the_end_by_the_database_clock() -> None:
    make_account()
    leased = lease_account(owner="a", lease=OVER)
    assert leased is not None

    assert renew_lease(leased, lease=MINUTE)

    assert lease_account(owner="b", lease=MINUTE) is None


@pytest.mark.django_db
def test_same_owner_with_an_older_fence_holds_nothing() -> None:
    make_account()
    first = lease_account(owner="a", lease=OVER)
    second = lease_account(owner="a", lease=MINUTE)
    assert first is not None
    assert second is not None

    assert not renew_lease(first, lease=MINUTE)
    assert renew_lease(second, lease=MINUTE)


@pytest.mark.django_db
def test_only_usable_accounts_are_leased() -> None:
    for state in (AccountState.REVOKED, AccountState.BANNED, AccountState.DISABLED, AccountState.SIGNED_OUT):
        make_account(state=state)

    assert lease_account(owner="a", lease=MINUTE) is None


@pytest.mark.django_db
def test_asked_for_account_is_taken_or_none() -> None:
    one, other = make_account(), make_account()

    taken = lease_account(owner="a", lease=MINUTE, account=other)

    assert taken is not None
    assert taken.pk == other.pk
    assert lease_account(owner="b", lease=MINUTE, account=other) is None
    assert lease_account(owner="b", lease=MINUTE, account=one) is not None


@pytest.mark.django_db
def test_healthier_account_is_taken_first_and_untried_before_all() -> None:
    poor, good, untried = make_account(health=0.2), make_account(health=0.9), make_account()

    taken = [lease_account(owner="a", lease=MINUTE) for _ in range(3)]

    assert [t.pk for t in taken if t] == [untried.pk, good.pk, poor.pk]


@pytest.mark.django_db
def test_workspace_gets_its_own_then_shared_and_never_anothers() -> None:
    mine, theirs = make_workspace(), make_workspace()
    shared = make_account()
    own = make_account(workspace_id=mine.pk, health=0.1)
    make_account(workspace_id=theirs.pk)

    taken = [lease_account(owner="a", lease=MINUTE, workspace_id=mine.pk) for _ in range(3)]

    assert [t and t.pk for t in taken] == [own.pk, shared.pk, None]


@pytest.mark.django_db(transaction=True)
def test_of_many_connections_at_once_exactly_one_gets_the_account() -> None:
    make_account()
    start = threading.Barrier(8)
    won: list[TelegramAccount] = []

    def compete(number: int) -> None:
        start.wait()
        try:
            taken = lease_account(owner=f"process {number}", lease=MINUTE)
            if taken is not None:
                won.append(taken)
        finally:
            connection.close()

    threads = [threading.Thread(target=compete, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert TelegramAccount.objects.get().leased_by == won[0].leased_by


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "state"),
    [("SESSION_REVOKED", AccountState.REVOKED), ("USER_DEACTIVATED_BAN", AccountState.BANNED)],
)
def test_refused_account_is_marked_and_freed(code: str, state: AccountState) -> None:
    make_account()
    leased = lease_account(owner="a", lease=MINUTE)
    assert leased is not None

    for _ in range(2):
        mark_unusable(leased, code=code, reason="Telegram says no", now=WHEN)

    leased.refresh_from_db()
    assert (leased.state, leased.state_reason, leased.leased_by) == (state, "Telegram says no", "")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.after) == ("mtproto:account:refused", {"state": state, "reason": "Telegram says no"})


@pytest.mark.django_db
def test_disabled_account_leaves_an_audit_row_and_keeps_its_session() -> None:
    account = make_account()

    disable_account(account, reason="too slow", actor=SYSTEM, now=WHEN)

    account.refresh_from_db()
    assert (account.state, account.session) == (AccountState.DISABLED, "session-secret")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.after) == (
        "mtproto:account:disabled",
        {"state": "disabled", "reason": "too slow"},
    )
