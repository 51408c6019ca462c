"""Keys and what they do: the one table behind the sheet, the palette, and the script that listens."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.compare_pages import name_of, title_of
from analytics.picker import CUSTOM_KEY, KEYS, LABELS
from analytics.questions.asking import ChannelHead
from analytics.sections.places import SECTIONS

_DIGITS = 9
_TABS = [_("Overview"), *(section.label for section in SECTIONS.values())]


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A key, or keys one after the other ("g c").

    It presses the first thing of the page that `press` (a CSS selector) finds; where there is none, it leads to the
    page named `page`, or opens the dialog `opens`; else it does nothing.
    """

    keys: str
    label: Promise
    press: str = ""
    page: str = ""
    opens: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """The keys one by one, as they are shown."""
        return tuple(self.keys.split(" "))

    @property
    def address(self) -> str:
        """Where it leads; empty where it leads nowhere."""
        return reverse(self.page) if self.page else ""


@dataclass(frozen=True, slots=True)
class Group:
    """Shortcuts that belong together."""

    label: Promise
    shortcuts: tuple[Shortcut, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Something to go to: what it is called, what else it is found by, and the keys that lead there."""

    title: Promise | str
    hint: Promise | str
    address: str
    parts: tuple[str, ...] = ()


GO = Group(
    _("Go to"),
    (
        Shortcut("g c", _("Channels"), page="pages:channels"),
        Shortcut("g o", _("Compare channels"), page="pages:compare"),
        Shortcut("g e", _("Exports"), page="pages:exports"),
        Shortcut("g r", _("Reports"), page="pages:reports"),
        Shortcut("g l", _("Shared links"), page="pages:shared-links"),
        Shortcut("g i", _("Import a file"), page="pages:import"),
        Shortcut("g s", _("Settings"), page="pages:settings"),
        Shortcut("g a", _("API documentation"), page="api-docs"),
    ),
)
GROUPS = (
    Group(
        _("Everywhere"),
        (
            Shortcut("Ctrl+K", _("Find a channel or a page"), opens="palette"),
            Shortcut("/", _("Search on this page, or everywhere"), press="[data-search]", opens="palette"),
            Shortcut("?", _("Show these keys"), opens="keys"),
            Shortcut("Esc", _("Close what is open; then take the filters away")),
        ),
    ),
    GO,
    Group(
        _("Period"),
        (
            *(
                Shortcut(f"p {KEYS[name]}", label, press=f"[data-preset='{name}']") for name, label in LABELS.items()
            ),
            Shortcut(f"p {CUSTOM_KEY}", _("Choose days"), press="[data-opens-period]"),
            Shortcut("[", _("Earlier period"), press="[data-period='earlier']"),
            Shortcut("]", _("Later period"), press="[data-period='later']"),
            Shortcut("z", _("Workspace's or your own time zone"), press="[data-zone]:not([aria-current])"),
        ),
    ),
    Group(
        _("Sections of a channel"),
        tuple(
            Shortcut(str(number), label, press=f".tabs__list > li:nth-child({number}) > a")
            for number, label in enumerate(
                [_("Overview"), *(one.label for one in SECTIONS.values())][:_DIGITS], start=1
            )
        ),
    ),
    Group(
        _("On the page"),
        (
            Shortcut("x", _("Comparison"), press="[data-key='x']", page="pages:compare"),
            Shortcut("s", _("Share this page"), press="[data-key='s']"),
            Shortcut("j", _("Next post"), press="a[rel='next']"),
            Shortcut("k", _("Previous post"), press="a[rel='prev']"),
            Shortcut("t l", _("Light colours"), press="button[name='theme'][value='light']"),
            Shortcut("t d", _("Dark colours"), press="button[name='theme'][value='dark']"),
            Shortcut("t s", _("Colours as the system has them"), press="button[name='theme'][value='system']"),
        ),
    ),
)


def places_of(heads: tuple[ChannelHead, ...]) -> tuple[Place, ...]:
    """Pages first, then the channels."""
    pages = (Place(one.label, _("Page"), one.address, one.parts) for one in GO.shortcuts)
    channels = (
        Place(title_of(head), f"@{head.username}" if head.username else "", reverse("pages:channel", args=[name]))
        for head in heads
        if (name := name_of(head))
    )
    return (*pages, *channels)
