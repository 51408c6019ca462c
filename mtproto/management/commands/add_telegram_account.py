"""``manage.py add_telegram_account PHONE``: sign a Telegram account in, with code and password from standard input."""

import asyncio
import getpass
import io
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from analyticbot.core.audit import SYSTEM
from analyticbot.core.errors import AppError
from mtproto.errors import GatewayError, PasswordNeeded, SignInError
from mtproto.records import AccountRecord
from mtproto.sign_in import QrCode, SignIn, add_account, open_sign_in, qr_sign_in

ATTEMPTS = 3

T = TypeVar("T")


class Call(Protocol):
    """Runs a coroutine to its end and gives its result."""

    def __call__(self, step: Coroutine[Any, Any, T]) -> T:
        """The result of `step`."""


@contextmanager
def background_loop() -> Iterator[Call]:
    """An event loop in a thread: the connection lives on while a person looks for the code, and Ctrl-C works."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def call(step: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(step, loop).result()

    try:
        yield call
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Command(BaseCommand):
    """Asks for the code, and the password where the account has one; a pipe gives one line each."""

    help = "Sign a Telegram account in, so that it can collect. Asks for code and password on standard input."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("phone", nargs="?", metavar="PHONE", help="phone number with country code")
        parser.add_argument("--qr", action="store_true", help="sign in by a QR code instead of a phone number")
        parser.add_argument(
            "--workspace",
            metavar="EMAIL_OR_ID",
            help="workspace that the account collects for: its number, public id, or its owner's e-mail address "
            "(default: the only workspace, or shared by all when there are several)",
        )
        parser.add_argument("--label", default="", help="name to show (default: the account's first name)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Sign in and keep the account; CommandError says what went wrong."""
        if not options["qr"] and not options["phone"]:
            raise CommandError("Give a phone number, or --qr.")
        workspace_id = resolve_workspace(options["workspace"])
        try:
            with background_loop() as call:
                who, session, phone = self._sign_in(call, options)
            account = add_account(
                who=who,
                session=session,
                phone=phone,
                workspace_id=workspace_id,
                label=options["label"],
                actor=SYSTEM,
                now=timezone.now(),
            )
        except (GatewayError, AppError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped; nothing was kept.") from None
        self.stdout.write(f"Signed in as {account.label} (Telegram id {account.tg_id}).")

    def _sign_in(self, call: Call, options: dict[str, Any]) -> tuple[AccountRecord, str, str | None]:
        flow = open_sign_in()
        try:
            who = self._by_qr(call, flow) if options["qr"] else self._by_code(call, flow, options["phone"])
            return who, flow.session, flow.phone
        finally:
            call(flow.close())

    def _by_code(self, call: Call, flow: SignIn, phone: str) -> AccountRecord:
        sent = call(flow.request_code(phone))
        self.stderr.write(f"Telegram has sent a code ({sent.where}).")
        try:
            return self._until_right(lambda: call(flow.enter_code(self._ask("Code: "))), wrong="PHONE_CODE_INVALID")
        except PasswordNeeded:
            return self._by_password(call, flow)

    def _by_password(self, call: Call, flow: SignIn) -> AccountRecord:
        return self._until_right(
            lambda: call(flow.enter_password(self._ask_secret("Password: "))), wrong="PASSWORD_HASH_INVALID"
        )

    def _until_right(self, attempt: Callable[[], AccountRecord], *, wrong: str) -> AccountRecord:
        """Try again after a wrong answer, a few times."""
        for _ in range(ATTEMPTS - 1):
            try:
                return attempt()
            except SignInError as error:
                if error.code != wrong:
                    raise
                self.stderr.write(error.message)
        return attempt()

    def _by_qr(self, call: Call, flow: SignIn) -> AccountRecord:
        try:
            return call(qr_sign_in(flow, show=self._show))
        except PasswordNeeded:
            return self._by_password(call, flow)

    async def _show(self, code: QrCode) -> None:
        self.stderr.write("Scan in Telegram: Settings, Devices, Link Desktop Device.")
        self.stdout.write(code.url)
        drawing = draw_qr(code.url)
        if drawing:
            self.stderr.write(drawing)
        self.stdout.flush()

    def _ask(self, question: str) -> str:
        """One line; at a terminal with the question before it."""
        if sys.stdin.isatty():
            return input(question).strip()
        line = sys.stdin.readline()
        if not line:
            raise SignInError(f"{question.rstrip(': ')} expected on standard input, but it has ended.")
        return line.strip()

    def _ask_secret(self, question: str) -> str:
        """One line, not shown at a terminal."""
        if sys.stdin.isatty():
            return getpass.getpass(question)
        return self._ask(question)


def draw_qr(text: str) -> str:
    """The QR code in block characters; empty when the qrcode package is not installed."""
    try:
        import qrcode  # type: ignore[import-untyped]  # comes with the second-factor packages and is not needed otherwise
    except ImportError:
        return ""
    code = qrcode.QRCode(border=1)
    code.add_data(text)
    drawing = io.StringIO()
    code.print_ascii(out=drawing, invert=True)
    return drawing.getvalue()


def resolve_workspace(text: str | None) -> int | None:
    """The workspace's id by number, public id or its owner's e-mail; by default the only one. None: shared.

    mtproto stands beside accounts and does not import it, so the models are looked up by name.
    """
    workspaces = apps.get_model("accounts", "Workspace")._default_manager
    if text is None:
        ids = list(workspaces.order_by("pk").values_list("pk", flat=True)[:2])
        return ids[0] if len(ids) == 1 else None
    if "@" in text:
        found = workspaces.filter(memberships__user__email__iexact=text, memberships__role="owner")
    elif text.isdigit():
        found = workspaces.filter(pk=int(text))
    else:
        found = workspaces.extra(where=["public_id::text = %s"], params=[text.lower()])
    ids = list(found.order_by("pk").values_list("pk", flat=True)[:2])
    if not ids:
        raise CommandError(f"There is no workspace {text}.")
    if len(ids) > 1:
        raise CommandError(f"{text} owns several workspaces: give one by its number.")
    return int(ids[0])
