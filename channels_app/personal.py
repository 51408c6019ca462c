"""What this room keeps about people and workspaces, told and forgotten (`accounts.personal.keepers`).

For `mtproto` as well: it stands beside `accounts` and cannot register by itself.
"""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import TelegramIdentity, User, Workspace
from accounts.personal.keepers import Keeper, Leaving, Sheet, sheet
from analyticbot.core.audit import SYSTEM
from channels_app.models import (
    Channel,
    ImportFile,
    PackedCurve,
    Post,
    PostOfficialGraph,
    PostReach,
    Relation,
    TrackedChannel,
)
from channels_app.models.channel import SourceChoice
from mtproto.models import TelegramAccount
from mtproto.servers import present_server
from mtproto.sign_in import sign_out_account


def _tell(user: User) -> Iterable[Sheet]:
    yield sheet(
        "channels",
        _("Channels you added."),
        TrackedChannel.objects.filter(added_by=user).order_by("pk"),
        *("relation", "created_at"),
        workspace="workspace__name",
        channel="channel__title",
        username="channel__username",
    )
    owned = user.memberships.filter(role="owner").values("workspace_id")
    yield sheet(
        "telegram_collectors",
        _("Telegram accounts that collect for workspaces you own, without their keys."),
        TelegramAccount.objects.filter(workspace_id__in=owned).order_by("pk"),
        *("tg_id", "label", "state", "created_at", "last_used_at"),
    )
    yield sheet(
        "imports",
        _("Files that were imported into workspaces you own."),
        ImportFile.objects.filter(workspace_id__in=owned).order_by("pk"),
        *("original_name", "format", "total_bytes", "messages", "created_at", "finished_at"),
    )


def _let_go(workspace: Workspace) -> None:
    """Sign its Telegram accounts out. Raises Unreachable while Telegram cannot be told."""
    _sign_out(TelegramAccount.objects.filter(workspace_id=workspace.pk))


def _let_go_of_person(user: User) -> None:
    """Sign their own Telegram account out, for whichever workspace it collects. Raises Unreachable as above."""
    _sign_out(_own_accounts(user))


def _own_accounts(user: User) -> "QuerySet[TelegramAccount]":
    known = TelegramIdentity.objects.filter(user=user).values("telegram_id")
    return TelegramAccount.objects.filter(tg_id__in=known)


def _sign_out(accounts: "QuerySet[TelegramAccount]") -> None:
    # The session of another Telegram (a sandbox of before) means nothing here, and is just forgotten.
    for account in accounts.filter(session__isnull=False, server=present_server()):
        sign_out_account(account, actor=SYSTEM, now=timezone.now())


def _forget(leaving: Leaving) -> None:
    _own_accounts(leaving.user).delete()


def _forget_workspace(workspace: Workspace) -> None:
    """Its Telegram accounts, its uploaded files, and private channels that nobody else follows."""
    TelegramAccount.objects.filter(workspace_id=workspace.pk).delete()
    folder = Path(settings.UPLOAD_DIR).resolve()
    for path in map(Path, ImportFile.objects.filter(workspace=workspace).values_list("path", flat=True)):
        if path.parent == folder:  # what a command imported stays where its owner put it
            transaction.on_commit(partial(path.unlink, missing_ok=True))
    others = TrackedChannel.objects.exclude(workspace=workspace).values("channel_id")
    mine = Channel.objects.filter(trackings__workspace=workspace).exclude(pk__in=others)
    for channel in mine.filter(Q(username__isnull=True) | Q(username="")):
        _forget_channel(channel)
    owned = Channel.objects.filter(trackings__workspace=workspace, trackings__relation=Relation.OWNED)
    elsewhere = TrackedChannel.objects.filter(relation=Relation.OWNED).exclude(workspace=workspace)
    for channel in owned.exclude(pk__in=elsewhere.values("channel_id")):
        _forget_official(channel)


def _forget_channel(channel: Channel) -> None:
    """A private channel that nobody follows any more, with all that was observed of it."""
    posts = Post.objects.filter(channel=channel).values("pk")
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM channels_app_postsnapshot WHERE post_id IN"
            " (SELECT id FROM channels_app_post WHERE channel_id = %s)",
            [channel.pk],
        )
    PackedCurve.objects.filter(post__in=posts).delete()
    PostReach.objects.filter(post__in=posts).delete()
    channel.delete()


def _forget_official(channel: Channel) -> None:
    """What only admins of a channel may see, when no workspace that owns it is left."""
    channel.official_graphs.all().delete()
    channel.official_summaries.all().delete()
    channel.daily_facts.filter(source=SourceChoice.OFFICIAL).delete()
    PostOfficialGraph.objects.filter(post__channel=channel).delete()
    # Answers are kept by the version of their data.
    Channel.objects.filter(pk=channel.pk).update(version=F("version") + 1)


KEEPER = Keeper(
    room="channels_app",
    tell=_tell,
    let_go=_let_go,
    let_go_of_person=_let_go_of_person,
    forget=_forget,
    forget_workspace=_forget_workspace,
)
