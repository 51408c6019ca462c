"""Makes an API token and prints it, alone, on standard output."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from accounts.roles import SCOPES
from accounts.tokens import DEFAULT_LIFETIME, LONGEST_LIFETIME, create_token
from accounts.workspaces import ensure_personal_workspace
from analyticbot.core.audit import SYSTEM
from analyticbot.core.errors import AppError


class Command(BaseCommand):
    """`create_api_token EMAIL --name N [--scope S …] [--expires DAYS]`."""

    help = "Make an API token for a person's first workspace; prints the token alone. It is shown only once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("email", help="address of the person the token acts for")
        parser.add_argument("--name", required=True, help="what the token is for")
        parser.add_argument(
            "--scope",
            action="append",
            nargs="+",
            choices=[scope.value for scope in SCOPES],
            help="what the token may do (default: everything a token can)",
        )
        parser.add_argument("--expires", type=int, default=DEFAULT_LIFETIME.days, metavar="DAYS")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Make the token; CommandError says what is wrong."""
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None:
            raise CommandError(f"Nobody has signed up as {options['email']}.")
        now = timezone.now()
        # Absurd numbers would not even fit into a timedelta.
        days = min(max(options["expires"], 0), LONGEST_LIFETIME.days + 1)
        scopes = [scope for group in options["scope"] or [] for scope in group]
        try:
            _token, text = create_token(
                ensure_personal_workspace(user, now=now, actor=SYSTEM),
                creator=user,
                name=options["name"],
                scopes=scopes or [scope.value for scope in SCOPES],
                lifetime=timedelta(days=days),
                now=now,
                actor=SYSTEM,
            )
        except AppError as error:
            raise CommandError(error.message) from None
        self.stdout.write(text)
