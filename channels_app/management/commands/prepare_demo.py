"""The demo workspace of a local run: filled by collecting from the sandbox, like any other."""

import os
import secrets
from datetime import datetime
from pathlib import Path
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import User, Workspace
from accounts.preferences import show_as_demo
from accounts.workspaces import ensure_personal_workspace
from analyticbot.core.audit import SYSTEM
from channels_app.collect.session import utc_now
from channels_app.tracking import track_channel
from mtproto.references import parse_reference
from mtproto.sign_in import sign_in_sandbox

EMAIL = "demo@analyticbot.local"
NAME = "Demo"
SHARED_PHONE = "+99890000003"
# The channels that the sandbox invents; the ones of files are added by whoever brought the files.
CHANNELS = ("@samarqand_news", "@registon_foto", "@anor_market", "@toshkent_blog", "@choyxona_uz")


class Command(BaseCommand):
    """Make the demo user, workspace and account, and have the sandbox's channels collected. Idempotent."""

    help = "Prepare the demo workspace; only where the sandbox plays Telegram, never in production."

    def handle(self, *_: Any, **__: Any) -> None:
        """Make what is missing; says where the password is."""
        if not settings.SANDBOX or settings.PRODUCTION:
            self.stdout.write("No sandbox here: there is no demo.")
            return
        now = utc_now()
        user, workspace = make_user(now=now)
        # The demo's own account is admin of the sandbox's channels; the shared one serves all other workspaces.
        sign_in_sandbox(workspace_id=workspace.pk, now=now)
        sign_in_sandbox(phone=SHARED_PHONE, workspace_id=None, now=now)
        tracked = 0
        if settings.SANDBOX_CHANNELS is None:
            for name in CHANNELS:
                _tracked, created = track_channel(
                    workspace=workspace, reference=parse_reference(name), actor=SYSTEM, user=user, now=now
                )
                tracked += created
        self.stdout.write(f"{EMAIL}, {tracked} channels added" if tracked else f"{EMAIL}, nothing to add")


@transaction.atomic
def make_user(*, now: datetime) -> tuple[User, Workspace]:
    """The demo user with a verified address and the password of the run, and the demo workspace."""
    user = User.objects.filter(email=EMAIL).first()
    if user is None:
        user = User.objects.create_user(EMAIL, name=NAME)
    password = demo_password()
    if not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    EmailAddress.objects.update_or_create(user=user, email=EMAIL, defaults={"verified": True, "primary": True})
    workspace = ensure_personal_workspace(user, now=now, actor=SYSTEM)
    show_as_demo(workspace, actor=SYSTEM, now=now)
    return user, workspace


def demo_password() -> str:
    """The password given by DEMO_PASSWORD or kept in the state folder; made and kept there at the first run."""
    given = os.environ.get("DEMO_PASSWORD")
    if given:
        return given
    path = Path(settings.STATE_DIR) / "demo-password"
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(12)
    path.touch(mode=0o600)
    path.write_text(password, encoding="utf-8")
    return password
