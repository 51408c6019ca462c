"""Choose the workspace that PUBLIC_DEMO shows to everybody."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from accounts.preferences import hide_demo, show_as_demo
from analyticbot.core.audit import SYSTEM


class Command(BaseCommand):
    """Show the first workspace of a person as the public demo, or stop showing it."""

    help = "Show the workspace of EMAIL as the public demo (where PUBLIC_DEMO is on), or with --off no longer."

    def add_arguments(self, parser: CommandParser) -> None:
        """EMAIL and --off."""
        parser.add_argument("email", metavar="EMAIL", help="whose first workspace it is")
        parser.add_argument("--off", action="store_true", help="show it no longer")

    def handle(self, *_: Any, email: str, off: bool, **__: Any) -> None:
        """Mark the workspace. CommandError if there is no such person, or they have no workspace."""
        user = User.objects.filter(email=email.strip().lower()).first()
        membership = user.memberships.select_related("workspace").order_by("created_at", "pk").first() if user else None
        if membership is None:
            raise CommandError(f"{email} has no workspace here.")
        workspace, now = membership.workspace, timezone.now()
        if off:
            hide_demo(workspace, actor=SYSTEM, now=now)
            self.stdout.write(f"{workspace} is shown to its members only.")
            return
        show_as_demo(workspace, actor=SYSTEM, now=now)
        where = f"{settings.SITE_URL}/demo/" if settings.PUBLIC_DEMO else "nowhere yet: PUBLIC_DEMO is off"
        self.stdout.write(f"{workspace} is the public demo: {where}")
