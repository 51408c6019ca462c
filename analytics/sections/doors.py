"""Where the addresses on a section lead: into the app for a member, nowhere else than the link for a stranger."""

from dataclasses import dataclass
from typing import Protocol

from django.urls import reverse


class Doors(Protocol):
    """What a page asks for every address outside of itself. None: there is no such way, so none is shown."""

    @property
    def locked(self) -> bool:
        """Whether the period cannot be changed."""
        ...

    def section(self, name: str) -> str | None:
        """The address of a section ("overview" is the channel's first page), without its query."""
        ...

    def post(self, msg_id: int, permalink: str | None) -> str | None:
        """The address of a post."""
        ...

    def channels(self) -> str | None:
        """Where a channel can be added."""
        ...


@dataclass(frozen=True, slots=True)
class AppDoors:
    """The ways of a member of the workspace. `channel`: the name that addresses call it by."""

    channel: str

    @property
    def locked(self) -> bool:
        """Members look at any time."""
        return False

    def section(self, name: str) -> str | None:
        """A section of the channel."""
        page = "pages:channel" if name == "overview" else f"pages:{name}"
        return reverse(page, args=[self.channel])

    def post(self, msg_id: int, permalink: str | None) -> str | None:  # noqa: ARG002 - strangers are led there
        """The page of the post."""
        return reverse("pages:post", args=[self.channel, msg_id])

    def channels(self) -> str | None:
        """The list with its form."""
        return reverse("pages:channels")
