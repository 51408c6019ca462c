"""The ways of a visitor: the sections of the link, posts in Telegram, and nothing else."""

from dataclasses import dataclass

FIRST = "overview"


@dataclass(frozen=True, slots=True)
class SharedDoors:
    """Addresses below the link. `root`: its own, with a slash at the end; `sections`: what it shows, in order."""

    root: str
    sections: tuple[str, ...]

    @property
    def locked(self) -> bool:
        """The period is that of the link."""
        return True

    def section(self, name: str) -> str | None:
        """A section that the link shows; its first one has the address of the link."""
        if name not in self.sections:
            return None
        return self.root if name == self.sections[0] else f"{self.root}{name}/"

    def post(self, msg_id: int, permalink: str | None) -> str | None:  # noqa: ARG002 - members have a page of it
        """The post in Telegram."""
        return permalink

    def channels(self) -> str | None:
        """Visitors add no channels."""
        return None
