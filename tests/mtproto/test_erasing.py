"""Who is erased is signed out at Telegram first; while Telegram cannot be told, nothing is gone."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.access import user_actor
from accounts.models import Erasure, Role, TelegramIdentity, User, Workspace
from accounts.people.closing import UNDO_FOR, erase_deleted
from accounts.personal.erasing import request_erasure, run_due_erasures
from mtproto.accounts import open_gateway
from mtproto.errors import AccountUnusable
from mtproto.models import TelegramAccount
from mtproto.sign_in import sign_in_sandbox
from tests.accounts.personal.world import keep_files_below, let_pass
from tests.factories import WHEN, make_member, make_user, make_workspace
from tests.mtproto.conftest import run
from tests.mtproto.rows import make_account
from tests.telegram import SandboxProcess

pytestmark = pytest.mark.django_db
PHONE = "+99890000003"


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Any) -> None:
    keep_files_below(tmp_path, settings)


@pytest.fixture
def person() -> User:
    return make_user("ann@example.org")


def collecting(workspace: Workspace) -> TelegramAccount:
    return sign_in_sandbox(phone=PHONE, workspace_id=workspace.pk, now=WHEN)


def erase(person: User) -> Erasure:
    row = request_erasure(person, actor=user_actor(person), now=WHEN)
    let_pass(person)
    run_due_erasures()
    row.refresh_from_db()
    return row


def works(session: str) -> bool:
    """Whether somebody who has stolen this session could use it."""
    stolen = make_account(session=session)
    try:
        run(open_gateway(stolen, receive_updates=False).connect)
    except AccountUnusable:
        return False
    return True


def test_account_of_an_erased_workspace_is_signed_out(sandbox: SandboxProcess, person: User) -> None:
    account = collecting(make_workspace(owner=person))
    session = str(account.session)

    assert erase(person).finished_at is not None

    assert not TelegramAccount.objects.exists()
    assert not works(session)


def test_own_account_is_signed_out_in_workspaces_of_others(sandbox: SandboxProcess, person: User) -> None:
    elsewhere = make_workspace()
    make_member(elsewhere, person, Role.ADMIN)
    account = collecting(elsewhere)
    TelegramIdentity.objects.create(user=person, telegram_id=account.tg_id, connected_at=WHEN)
    session = str(account.session)

    assert erase(person).finished_at is not None

    assert not TelegramAccount.objects.exists()
    assert not works(session)


def test_nothing_is_gone_while_telegram_is_away(sandbox: SandboxProcess, person: User, settings: Any) -> None:
    account = collecting(make_workspace(owner=person))
    reachable = settings.TELEGRAM_SERVER
    settings.TELEGRAM_SERVER = "127.0.0.1:1"

    row = erase(person)

    assert (row.finished_at, row.attempts, row.parked_at) == (None, 1, None)
    assert User.objects.filter(pk=person.pk).exists()
    assert Workspace.objects.exists()
    settings.TELEGRAM_SERVER = reachable
    Erasure.objects.update(due_at=row.erase_at)
    run_due_erasures()
    assert not User.objects.filter(pk=person.pk).exists()
    assert not TelegramAccount.objects.filter(pk=account.pk).exists()


def test_deleted_workspace_that_cannot_go_yet_holds_up_no_other(
    sandbox: SandboxProcess, person: User, settings: Any
) -> None:
    stuck, free = make_workspace(owner=person), make_workspace(owner=person)
    collecting(stuck)
    Workspace.objects.filter(pk=stuck.pk).update(deleted_at=WHEN)
    Workspace.objects.filter(pk=free.pk).update(deleted_at=WHEN + timedelta(minutes=1))
    reachable = settings.TELEGRAM_SERVER
    settings.TELEGRAM_SERVER = "127.0.0.1:1"

    assert erase_deleted(now=WHEN + UNDO_FOR + timedelta(hours=1)) == 1

    assert list(Workspace.objects.filter(pk__in=[stuck.pk, free.pk])) == [stuck]
    settings.TELEGRAM_SERVER = reachable
    assert erase_deleted(now=WHEN + UNDO_FOR + timedelta(hours=1)) == 1
