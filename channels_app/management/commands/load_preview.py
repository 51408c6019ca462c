"""Load a channel's public preview pages, where no Telegram account can collect it."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analyticbot.core.audit import Actor
from analyticbot.core.errors import AppError
from billing.limits import PlanLimitReached
from channels_app.importing.destination import find_workspace, follow
from channels_app.models import Channel
from channels_app.preview.collect import can_be_served, collect_preview
from channels_app.preview.parser import PreviewUnavailable
from mtproto.references import ReferenceInvalid, parse_reference

DEFAULT_PAGES = 5


class Command(BaseCommand):
    """Reads t.me/s/USERNAME, newest page first."""

    help = "Load the public preview pages of a channel (about 20 posts each; counters are approximate)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare what may be given."""
        parser.add_argument("username")
        parser.add_argument("--workspace", help="e-mail of its owner, or its id; default: the only one there is")
        parser.add_argument("--pages", type=int, default=DEFAULT_PAGES)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load and say what came; exit with 1 and the reason when there is no preview."""
        now = datetime.now(UTC)
        try:
            workspace = find_workspace(options["workspace"])
            username = parse_reference(options["username"]).username
        except AppError as error:
            raise CommandError(error.message) from None
        except ReferenceInvalid as error:
            raise CommandError(str(error)) from None
        if username is None:
            raise CommandError("Only channels with a username have a public preview.")
        channel = Channel.objects.filter(username=username).first() or Channel(username=username, created_at=now)
        if channel.pk and can_be_served(channel):
            self.stdout.write("A Telegram account can collect this channel; its preview is not needed.")
            return
        made = channel.pk is None
        if made:
            channel.save()
        try:
            outcome = collect_preview(channel, pages=options["pages"], now=now)
        except PreviewUnavailable as error:
            _take_back(channel, made=made)
            raise CommandError(str(error)) from None
        except AppError as error:
            _take_back(channel, made=made)
            raise CommandError(error.message) from None
        if workspace:
            try:
                follow(channel, workspace=workspace, actor=Actor(kind="system", id=None, label="load_preview"), now=now)
            except PlanLimitReached as error:
                raise CommandError(error.message) from None
        self.stdout.write(
            f"{outcome.pages} pages, {outcome.messages} posts shown, {outcome.new_posts} new; counters are approximate."
        )


def _take_back(channel: Channel, *, made: bool) -> None:
    """A row that was made for a channel without preview holds nothing and goes again."""
    if made and not channel.posts.exists():
        channel.delete()
