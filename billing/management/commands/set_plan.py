"""Give a workspace a plan."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import Role, User, Workspace
from analyticbot.core.audit import SYSTEM
from billing.changing import change_plan
from billing.plans import Plan


class Command(BaseCommand):
    """`set_plan WORKSPACE_OR_EMAIL PLAN`."""

    help = "Give a workspace a plan; names it by its id (as in its address) or by the e-mail of its only owner."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("workspace", help="public id of the workspace, or e-mail of a person who owns just one")
        parser.add_argument("plan", choices=Plan.values)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        """Change the plan; CommandError says what is wrong."""
        workspace = _find(options["workspace"].strip())
        plan = Plan(options["plan"])
        change_plan(workspace, plan=plan, actor=SYSTEM, now=timezone.now())
        self.stdout.write(f"{workspace.name} ({workspace.public_id}): {plan.value}")


def _find(named: str) -> Workspace:
    if "@" not in named:
        try:
            found = Workspace.objects.filter(public_id=UUID(named)).first()
        except ValueError:
            raise CommandError(f"{named} is neither the id of a workspace nor an e-mail address.") from None
        if found is None:
            raise CommandError(f"There is no workspace {named}.")
        return found
    user = User.objects.filter(email=named.lower()).first()
    if user is None:
        raise CommandError(f"Nobody has signed up as {named}.")
    owned = list(Workspace.objects.filter(memberships__user=user, memberships__role=Role.OWNER).order_by("pk")[:10])
    if len(owned) != 1:
        listed = ", ".join(f"{one.name} ({one.public_id})" for one in owned) or "none"
        raise CommandError(f"{named} owns {listed}: name one workspace by its id.")
    return owned[0]
