"""``manage.py add_telegram_account PHONE``: sign a Telegram account in, with code and password from standard input."""

import asyncio
import getpass
import io
import sys
from argparse import ArgumentParser
from typing import Any

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
            who, session, phone = asyncio.run(self._sign_in(options))
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
        self.stdout.write(f"Signed in as {account.label} (Telegram id {account.tg_id}).")

    async def _sign_in(self, options: dict[str, Any]) -> tuple[AccountRecord, str, str | None]:
        flow = open_sign_in()
        try:
            who = await (self._by_qr(flow) if options["qr"] else self._by_code(flow, options["phone"]))
            return who, flow.session, flow.phone
        finally:
            await flow.close()

    async def _by_code(self, flow: SignIn, phone: str) -> AccountRecord:
        sent = await flow.request_code(phone)
        self.stderr.write(f"Telegram has sent a code ({sent.where}).")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await flow.enter_code(await asyncio.to_thread(self._ask, "Code: "))
            except PasswordNeeded:
                return await self._by_password(flow)
            except SignInError as error:
                if error.code != "PHONE_CODE_INVALID" or attempt == ATTEMPTS:
                    raise
                self.stderr.write(error.message)
        raise AssertionError

    async def _by_password(self, flow: SignIn) -> AccountRecord:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await flow.enter_password(await asyncio.to_thread(self._ask_secret, "Password: "))
            except SignInError as error:
                if error.code != "PASSWORD_HASH_INVALID" or attempt == ATTEMPTS:
                    raise
                self.stderr.write(error.message)
        raise AssertionError

    async def _by_qr(self, flow: SignIn) -> AccountRecord:
        try:
            return await qr_sign_in(flow, show=self._show)
        except PasswordNeeded:
            return await self._by_password(flow)

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
