"""The world that the crawl walks through: each page has something to show, and names no English word of its own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker
    from pytest_django.live_server_helper import LiveServer

    from accounts.models import User, Workspace
    from channels_app.models import Channel

PASSWORD = "pass-word-1234"
WORD = re.compile(r"[A-Za-z][A-Za-zʻʼ'‘’-]+")


@dataclass(slots=True)
class World:
    """What stands in the database while the pages are walked."""

    server: "LiveServer"
    owner: "User"
    # What fills the holes of addresses.
    things: dict[str, str] = field(default_factory=dict)
    # Words that are data: of titles, names and posts, in small letters.
    words: frozenset[str] = frozenset()

    def session(self) -> Any:
        """A cookie of the owner's session."""
        from django.conf import settings
        from django.test import Client

        from tests.accounts.factors import confirmed

        client = confirmed(Client(), self.owner)
        name = settings.SESSION_COOKIE_NAME
        return {"name": name, "value": client.cookies[name].value, "url": self.server.url}


@contextmanager
def built_world(blocker: "DjangoDbBlocker") -> Iterator[World]:
    """The world, committed, with a server before it and the public demo open; all gone afterwards."""
    from django.core.management import call_command
    from django.test import override_settings
    from pytest_django.live_server_helper import LiveServer

    from tests.emptying import without_guards

    with blocker.unblock(), override_settings(PUBLIC_DEMO=True, SHARE_LINKS_ENABLED=True, API_LIMIT_FACTOR=1_000):
        server = LiveServer("127.0.0.1")
        try:
            yield fill(server, now=timezone.now())
        finally:
            server.stop()
            with without_guards(["default"]):
                call_command("flush", verbosity=0, interactive=False)


def fill(server: "LiveServer", *, now: datetime) -> World:
    """Give every page something to tell."""
    from tests.face.post_world import full_post
    from tests.face.section_world import enrich
    from tests.face.world import full_channel, track, whole_world
    from tests.factories import make_token, make_user, make_workspace

    owner = make_user("anna@example.org", password=PASSWORD)
    # Another than the workspace's: pages then offer both.
    owner.time_zone = "Asia/Tokyo"
    owner.save()
    workspace: Workspace = make_workspace(owner=owner, name="Anna")
    make_token(workspace)
    channel = whole_world(workspace, now=now, days=120)
    enrich(channel, now=now)
    track(workspace, full_channel(now=now, username="boshqa_tomon", days=40, title="Boshqa tomon"), now=now)
    post = full_post(channel, now=now)
    _open_demo(channel, now=now)
    world = World(server, owner, {"post": str(post.message_id), "previous": str(post.message_id - 1)})
    world.things |= _invited(owner, workspace, now=now)
    world.things["erasure"] = _leaving(now=now)
    world.things["key"] = _factors(owner)
    world.things |= _mailed(owner) | _shared(owner, workspace, channel, now=now) | _made(owner, now=now)
    world.words = _words_of_data(world.things["prefix"])
    return world


def _open_demo(channel: "Channel", *, now: datetime) -> None:
    from accounts.preferences import show_as_demo
    from analyticbot.core.audit import SYSTEM
    from tests.face.world import track
    from tests.factories import make_workspace

    demo = make_workspace(name="Demo")
    track(demo, channel, now=now, owned=True)
    show_as_demo(demo, actor=SYSTEM, now=now)


def _factors(owner: "User") -> str:
    """An app, recovery codes and a key; returns the key's number."""
    from tests.accounts.factors import add_app, add_key

    add_app(owner)
    return str(add_key(owner, "Anna").pk)


def _leaving(*, now: datetime) -> str:
    """Somebody whose account is to be erased; returns the key out of the mail."""
    from accounts.access import user_actor
    from accounts.personal.erasing import request_erasure
    from accounts.personal.links import address_of
    from tests.factories import make_user

    person = make_user("leaving@example.org")
    row = request_erasure(person, actor=user_actor(person), now=now)
    return address_of(row).rstrip("/").rpartition("/")[2]


def _mailed(owner: "User") -> dict[str, str]:
    """What is mailed to people: a key to a new password, a key that confirms an address."""
    from allauth.account.forms import default_token_generator
    from allauth.account.models import EmailAddress, EmailConfirmationHMAC
    from allauth.account.utils import user_pk_to_url_str

    from accounts.admission import admission_link

    mail, _made = EmailAddress.objects.get_or_create(user=owner, email=owner.email, defaults={"primary": True})
    return {
        "reset_key": f"{user_pk_to_url_str(owner)}-{default_token_generator.make_token(owner)}",
        "mail_key": EmailConfirmationHMAC(mail).key,
        "admission": admission_link(owner).rstrip("/").rpartition("/")[2],
    }


def _invited(owner: "User", workspace: "Workspace", *, now: datetime) -> dict[str, str]:
    """An invitation as its mail has it."""
    from accounts.models import Invitation, Role
    from accounts.people.invitations import LIFETIME, new_link_secret

    row = Invitation.objects.create(
        workspace=workspace, email="bek@example.org", role=Role.ANALYST, inviter=owner, language="en",
        created_at=now, expires_at=now + LIFETIME,
    )  # fmt: skip
    return {"invitation": new_link_secret(row)}


def _shared(owner: "User", workspace: "Workspace", channel: "Channel", *, now: datetime) -> dict[str, str]:
    """A link that shows everything, and one with a password."""
    from analytics.sharing.models import SHAREABLE
    from tests.face.sharing_world import sharing

    share = sharing(owner, workspace, channel, now=now)
    ancestors = ("https://example.org",)
    link, open_root = share(
        name="Для рекламы", sections=SHAREABLE, owner_facts=True, exports=True, compares=True, frame_ancestors=ancestors
    )
    _link, locked_root = share(name="Для своих", password="open sesame")
    return {
        "link": str(link.public_id),
        "prefix": link.prefix,
        "shared": open_root.split("/")[2],
        "locked": locked_root.split("/")[2],
    }


def _made(owner: "User", *, now: datetime) -> dict[str, str]:
    """Notes, tags, saved filters, a saved report: sent through the forms, as a person sends them."""
    from django.test import Client

    from analytics.models import Note, ReportRecipient, ReportSchedule, SavedSegment
    from analytics.reports.tokens import Purpose, token_of

    client = Client()
    client.force_login(owner)

    def send(address: str, **fields: Any) -> None:
        response = client.post(address, fields)
        assert response.status_code == 302, (address, response.status_code, response.content.decode())

    day = (now - timedelta(days=3)).date().isoformat()
    send("/app/channels/@qulay_savdo/notes/add/", text="Реклама", day=day)
    send("/app/tags/put/", tag="Торговля", channels=["@qulay_savdo"])
    send("/app/segments/", name="Видео", next="/app/channels/@qulay_savdo/posts/?media=video")
    send(
        "/app/reports/new/", name="Отчёт", channels=["@qulay_savdo"], recipients="anna@example.org", every="week",
        weekday="1", month_day="1", at="09:00", time_zone="Asia/Tashkent", language="ru", attached=["pdf"],
        sections=["sentences", "charts", "posts", "sources"],
    )  # fmt: skip
    recipient = ReportRecipient.objects.get()
    return {
        "note": str(Note.objects.get(text="Реклама").public_id),
        "segment": str(SavedSegment.objects.get().public_id),
        "schedule": str(ReportSchedule.objects.get().public_id),
        "stop": token_of(recipient, Purpose.STOP),
        "confirm": token_of(recipient, Purpose.CONFIRM),
    }


def _words_of_data(*more: str) -> frozenset[str]:
    """Every word of posts, titles and names; the one English post becomes an Uzbek one before."""
    from channels_app.models import Channel, Post, PublicForwardSeen

    Post.objects.filter(text__startswith="We measured").update(text="Bir oy o‘lchadik: ertalab nima o‘qiladi")
    texts = {text for row in Channel.objects.values_list("title", "username") for text in row}
    texts |= {text for row in Post.objects.values_list("text", "post_author", "forward_from_name") for text in row}
    texts |= set(PublicForwardSeen.objects.values_list("channel_title", flat=True))
    texts |= {"Olma Anor Qaysi biri", "Qulay savdo", "Anna anna", "Demo", "tests", *more}
    return frozenset(word.lower() for text in texts for word in WORD.findall(text or ""))
