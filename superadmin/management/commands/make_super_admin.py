"""Makes a person a Super Admin: the first one, or one more when nobody of them can sign in any longer."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Tier, User
from analyticbot.core.audit import SYSTEM
from superadmin.people.staff import set_tier


class Command(BaseCommand):
    """`make_super_admin EMAIL`."""

    help = "Make a person who has signed up a Super Admin. Who can run this runs the service anyway."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("email", help="address of somebody who has signed up")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Give the tier; CommandError says what is wrong."""
        user = User.objects.filter(email=options["email"].strip().lower()).first()
        if user is None or not user.is_active:
            raise CommandError(f"Nobody has signed up as {options['email']}, or they are suspended.")
        set_tier(user, tier=Tier.SUPER_ADMIN, reason="make_super_admin", actor=SYSTEM, now=timezone.now())
        self.stdout.write(f"{user.email} is a Super Admin. A second factor is asked for before /superadmin/ opens.")
