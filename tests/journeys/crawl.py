"""All pages of the product, and a world in which each of them has something to show.

`PAGES` is held against the URL configuration: an address that is neither a page nor in `NO_PAGES` fails a test.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from django.urls import resolve
from django.utils import timezone

if TYPE_CHECKING:
    from pytest_django import DjangoDbBlocker
    from pytest_django.live_server_helper import LiveServer

    from accounts.models import User

Who = Literal["owner", "nobody"]
CHANNEL = "/app/channels/@qulay_savdo/"
PASSWORD = "pass-word-1234"


@dataclass(frozen=True, slots=True)
class Page:
    """An address with `{names}` of things of the world; who looks; the status it answers with."""

    address: str
    who: Who = "owner"
    status: int = 200

    @property
    def route(self) -> str:
        """As the URL configuration has it."""
        path = re.sub(r"\{(\w+)\}", lambda hole: _SAMPLES.get(hole[1], "1"), self.address.partition("?")[0])
        return resolve(path).route

    def __str__(self) -> str:
        return self.address if self.status == 200 else f"{self.status} {self.address}"


# Of the form that the converters of the addresses want.
_SAMPLES: dict[str, str] = {"reset_key": "1-abc", "mail_key": "abc:def"}

PAGES = (
    Page("/", "nobody"),
    Page("/account/login/", "nobody"),
    Page("/account/signup/", "nobody"),
    Page("/account/password/reset/", "nobody"),
    Page("/account/password/reset/done/", "nobody"),
    Page("/account/password/reset/key/done/", "nobody"),
    Page("/account/password/reset/key/{reset_key}/", "nobody"),
    Page("/account/confirm-email/", "nobody"),
    Page("/account/confirm-email/{mail_key}/", "nobody"),
    Page("/account/inactive/", "nobody"),
    Page("/account/reauthenticate/"),
    Page("/account/password/change/"),
    Page("/account/email/"),
    Page("/account/logout/"),
    Page("/app/"),
    Page("/app/compare/"),
    Page("/app/compare/?channels=@qulay_savdo,@boshqa_tomon"),
    Page("/app/exports/"),
    Page("/app/import/"),
    Page("/app/settings/"),
    Page(CHANNEL),
    Page(f"{CHANNEL}?period=all"),
    Page("/app/channels/@growing_history/"),
    Page("/app/channels/@no_such_channel_at_all/"),
    Page(f"{CHANNEL}growth/"),
    Page(f"{CHANNEL}posts/"),
    Page(f"{CHANNEL}posts/?period=28d&weekday=3&media=video"),
    Page(f"{CHANNEL}timing/"),
    Page(f"{CHANNEL}content/"),
    Page(f"{CHANNEL}trending/"),
    Page(f"{CHANNEL}sources/"),
    Page(f"{CHANNEL}audience/"),
    Page(f"{CHANNEL}changes/"),
    Page(f"{CHANNEL}posts/{{post}}/"),
    Page("/app/nothing/", status=404),
)

# Addresses that are no page of ours, by what they are instead.
NO_PAGES = {
    "for machines": {"health/live", "health/ready", "metrics", "api/schema/"},
    "made by others: Swagger UI": {"api/docs/"},
    "takes a form and leads to a page": {
        "i18n/setlang/",
        "account/workspace/<uuid:public_id>/",
        "preferences/theme/",
        "app/add/",
        "app/exports/<uuid:public_id>/remove/",
        "app/tracked/<int:pk>/remove/",
        "app/settings/tokens/",
        "app/settings/tokens/<int:pk>/end/",
    },
    "a part of a page": {
        "app/exports/progress/",
        "app/import/progress/",
        "app/palette/",
        "app/tracked/<int:pk>/",
        "app/tracked/<int:pk>/collecting/",
    },
    "leads elsewhere unless something is under way": {"account/password/set/", "account/login/code/confirm/"},
    "of no room: whatever else begins with /api/": {"api/(?P<rest>.*)$"},
}


@dataclass(slots=True)
class World:
    """What stands in the database while the pages are walked."""

    server: "LiveServer"
    owner: "User"
    # What fills the holes of addresses.
    things: dict[str, str] = field(default_factory=dict)
    # Words that are data: of titles, names and posts.
    words: frozenset[str] = frozenset()

    def address(self, page: Page) -> str:
        """The page's address in this world."""
        return self.server.url + page.address.format(**self.things)

    def session(self) -> dict[str, Any]:
        """A cookie of the owner's session."""
        from django.conf import settings
        from django.test import Client

        client = Client()
        client.force_login(self.owner)
        name = settings.SESSION_COOKIE_NAME
        return {"name": name, "value": client.cookies[name].value, "url": self.server.url}


@contextmanager
def built_world(blocker: "DjangoDbBlocker") -> Iterator[World]:
    """The world, committed, with a server before it; both gone afterwards."""
    from django.core.management import call_command
    from pytest_django.live_server_helper import LiveServer

    with blocker.unblock():
        server = LiveServer("127.0.0.1")
        try:
            yield fill(server, now=timezone.now())
        finally:
            server.stop()
            call_command("flush", verbosity=0, interactive=False)


def fill(server: "LiveServer", *, now: datetime) -> World:
    """Give every page something to tell."""
    from accounts.models import Workspace
    from tests.face.post_world import full_post
    from tests.face.section_world import enrich
    from tests.face.world import full_channel, track, whole_world
    from tests.factories import make_token, make_user, make_workspace

    owner = make_user("anna@example.org", password=PASSWORD)
    workspace: Workspace = make_workspace(owner=owner, name="Anna")
    make_token(workspace)
    channel = whole_world(workspace, now=now, days=120)
    enrich(channel, now=now)
    track(workspace, full_channel(now=now, username="boshqa_tomon", days=40, title="Boshqa tomon"), now=now)
    post = full_post(channel, now=now)
    world = World(server, owner, {"post": str(post.message_id), **_keys(owner)})
    world.words = _words_of_data()
    return world


def _keys(owner: "User") -> dict[str, str]:
    """What is mailed to people: a key to a new password, a key that confirms an address."""
    from allauth.account.forms import default_token_generator
    from allauth.account.models import EmailAddress, EmailConfirmationHMAC
    from allauth.account.utils import user_pk_to_url_str

    mail, _made = EmailAddress.objects.get_or_create(user=owner, email=owner.email, defaults={"primary": True})
    return {
        "reset_key": f"{user_pk_to_url_str(owner)}-{default_token_generator.make_token(owner)}",
        "mail_key": EmailConfirmationHMAC(mail).key,
    }


def _words_of_data() -> frozenset[str]:
    """Every word of posts, titles and names, in small letters; the one English post becomes an Uzbek one before."""
    from channels_app.models import Channel, Post, PublicForwardSeen

    Post.objects.filter(text__startswith="We measured").update(text="Bir oy o‘lchadik: ertalab nima o‘qiladi")
    texts = [text for row in Channel.objects.values_list("title", "username") for text in row]
    texts += [text for row in Post.objects.values_list("text", "post_author", "forward_from_name") for text in row]
    texts += PublicForwardSeen.objects.values_list("channel_title", flat=True)
    texts += ["Olma Anor Qaysi biri", "Qulay savdo", "Anna anna", "tests"]
    return frozenset(word.lower() for text in set(texts) for word in re.findall(r"[A-Za-z][A-Za-zʻʼ'‘’-]+", text or ""))


@cache
def script(name: str) -> str:
    """The text of a script: `inspect` is ours, `axe` the one of axe-core."""
    if name == "axe":
        import axe_playwright_python

        return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
    return (Path(__file__).parent / f"{name}.js").read_text()
