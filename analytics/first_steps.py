"""The first steps of a workspace: four, each done as soon as the facts say so, each with one thing to do."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.access import Access
from accounts.models import Workspace
from accounts.roles import Permission
from analytics.models import ReportSchedule, SharedLink
from channels_app.models import Post, Relation, TrackedChannel


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `address` and `action`: what to do about it; none while it waits for an earlier step."""

    title: str
    text: str
    done: bool
    address: str | None
    action: str
    # Further words on how it is done, for who asks.
    how: str = ""


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """The steps in their order."""

    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        """How many are done."""
        return sum(step.done for step in self.steps)


def first_steps(access: Access) -> FirstSteps | None:
    """What is still to be done: one read. None when all is done, or put away, or this person may not do it."""
    if access.is_demo or not access.allows(Permission.CHANNELS_WRITE) or access.workspace.steps_hidden_at is not None:
        return None
    facts = _facts(access.workspace)
    steps = FirstSteps((_add(facts), _look(facts), _prove(facts), _tell(facts)))
    return None if steps.done == len(steps.steps) else steps


def _facts(workspace: Workspace) -> dict[str, Any]:
    tracked = TrackedChannel.objects.filter(workspace=OuterRef("pk")).order_by("pk")
    posts = Post.objects.filter(channel=OuterRef("channel"))
    shown = tracked.filter(Exists(posts))
    return dict(
        Workspace.objects.filter(pk=workspace.pk)
        .annotate(
            tracks=Exists(tracked),
            username=_of_first(shown, "channel__username"),
            tg_id=_of_first(shown, "channel__tg_id"),
            owns=Exists(tracked.filter(relation=Relation.OWNED)),
            reports=Exists(ReportSchedule.objects.filter(workspace=OuterRef("pk"))),
            shares=Exists(SharedLink.objects.filter(workspace=OuterRef("pk"))),
        )
        .values("tracks", "username", "tg_id", "owns", "reports", "shares")
        .get()
    )


def _of_first(rows: "QuerySet[TrackedChannel]", name: str) -> Subquery:
    return Subquery(rows.values(name)[:1])


def _add(facts: dict[str, Any]) -> Step:
    return Step(
        title=_("Add a channel"),
        text=_("Any public channel by its name or a link, or an export of it as a file."),
        done=facts["tracks"],
        address="#id_ref",
        action=_("Name a channel"),
    )


def _look(facts: dict[str, Any]) -> Step:
    name = f"@{facts['username']}" if facts["username"] else str(facts["tg_id"] or "")
    return Step(
        title=_("See its first chart"),
        text=_("It is there as soon as the first posts are read: within a minute of adding the channel."),
        done=bool(name),
        address=reverse("pages:channel", args=[name]) if name else None,
        action=_("Open the channel"),
    )


def _prove(facts: dict[str, Any]) -> Step:
    return Step(
        title=_("Prove that a channel is yours"),
        text=_("An admin's account opens what only admins see: who joined and left, languages, sources."),
        done=facts["owns"],
        address=None,
        action="",
        how=_(
            "Whoever runs this installation signs in the Telegram account of an admin with the command "
            "add_telegram_account; your channels are recognised by themselves after that. Nothing is posted or "
            "changed in them."
        ),
    )


def _tell(facts: dict[str, Any]) -> Step:
    reports, shares = _address("pages:reports"), _address("pages:shared-links")
    return Step(
        title=_("Get a weekly report, or share a link"),
        text=_(
            "A report comes by mail at the hour you choose; a link shows others what you choose, until you revoke it."
        ),
        done=facts["reports"] or facts["shares"],
        address=(reports or shares) if facts["tracks"] else None,
        action=_("Set up a report") if reports else _("Make a link"),
    )


def _address(name: str) -> str | None:
    """The address of a page; None where this installation has none of that name."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return None
