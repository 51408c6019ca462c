"""Keys and what they do: the one table behind the sheet, the palette, and the script that listens."""

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlencode

from django.conf import settings
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language_info
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
    """Something to go to: what it is called, what else it is found by, and the keys that lead there.

    With `press` (a CSS selector) it does instead what that part of the page does.
    """

    title: Promise | str
    hint: Promise | str
    address: str = ""
    parts: tuple[str, ...] = ()
    press: str = ""

    def holds(self, words: list[str]) -> bool:
        """Whether title and hint hold all the words, written small."""
        text = f"{self.title} {self.hint}".casefold()
        return all(word in text for word in words)


GO = Group(
    _("Go to"),
    (
        Shortcut("g c", _("Channels"), page="pages:channels"),
        Shortcut("g o", _("Compare channels"), page="pages:compare"),
        Shortcut("g e", _("Exports"), page="pages:exports"),
        Shortcut("g f", _("Search posts"), page="pages:search"),
        Shortcut("g t", _("Tags"), page="pages:tags"),
        Shortcut("g r", _("Reports"), page="pages:reports"),
        Shortcut("g l", _("Shared links"), page="pages:shared-links"),
        Shortcut("g i", _("Import a file"), page="pages:import"),
        Shortcut("g s", _("Settings"), page="settings:you"),
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
            *(Shortcut(f"p {KEYS[name]}", label, press=f"[data-preset='{name}']") for name, label in LABELS.items()),
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
            Shortcut("f", _("Filters"), press="[data-opens-filters]"),
            Shortcut("e", _("Export"), press="[data-opens-downloads]"),
            Shortcut("s", _("Share this page"), press="[data-key='s']"),
            Shortcut("n", _("Add a note"), press="[data-key='n']"),
            Shortcut("m", _("Tag the chosen"), press="[data-key='m']", page="pages:tags"),
            Shortcut("v", _("Cards or table"), press=".list-bar .choices-bar__one:not([aria-current])"),
            Shortcut("j", _("Next post"), press="a[rel='next']"),
            Shortcut("k", _("Previous post"), press="a[rel='prev']"),
            Shortcut("t l", _("Light colours"), press="button[name='theme'][value='light']"),
            Shortcut("t d", _("Dark colours"), press="button[name='theme'][value='dark']"),
            Shortcut("t s", _("Colours as the system has them"), press="button[name='theme'][value='system']"),
        ),
    ),
    # Heard by the chart that has the focus (chart.js), not by the page.
    Group(
        _("In a chart"),
        (
            Shortcut("← →", _("Value before or after")),
            Shortcut("↑ ↓", _("Row above or below, in a map or in bars")),
            Shortcut("PgUp PgDn", _("A week or a row back or on")),
            Shortcut("Home End", _("First or last value")),
        ),
    ),
)


def places_of(heads: tuple[ChannelHead, ...], at: str = "") -> tuple[Place, ...]:
    """What the palette offers on the page `at` (its path): of its channel first, then pages, actions, channels."""
    pages = (Place(one.label, _("Page"), one.address, one.parts) for one in GO.shortcuts)
    return (*_of_channel(heads, at), *pages, *_actions(), *channels_named(heads))


def channels_named(heads: tuple[ChannelHead, ...]) -> tuple[Place, ...]:
    """The channels that have an address."""
    return tuple(
        Place(title_of(head), f"@{head.username}" if head.username else "", reverse("pages:channel", args=[name]))
        for head in heads
        if (name := name_of(head))
    )


def _of_channel(heads: tuple[ChannelHead, ...], at: str) -> tuple[Place, ...]:
    """Sections of the channel whose page this is, and what can be done with it."""
    found = _CHANNEL_PAGE.match(unquote(at))
    head = next((head for head in heads if found and name_of(head) == found[1]), None)
    if head is None:
        return ()
    name, title = name_of(head), title_of(head)
    sections = (
        Place(label, title, reverse(f"pages:{route}", args=[name]), (str(number),) if number <= _DIGITS else ())
        for number, (route, label) in enumerate(
            [("channel", _("Overview")), *((one.name, one.label) for one in SECTIONS.values())], start=1
        )
    )
    return (
        *sections,
        Place(_("Add a note"), title, reverse("pages:add-note", args=[name]), ("n",)),
        Place(_("Export"), title, reverse("pages:exports") + "?" + urlencode({"channel": name})),
        *(Place(label, title, address) for label, address in _doings(name) if address),
    )


_CHANNEL_PAGE = re.compile(r"/app/channels/([^/]+)/")


def _doings(name: str) -> tuple[tuple[Promise, str | None], ...]:
    share = _known("pages:share")
    return (
        (_("Share"), share and share + "?" + urlencode({"channel": name})),
        (_("Report"), _known("pages:report", name)),
        (_("Media kit"), _known("pages:media-kit", name)),
    )


def _known(route: str, *parts: str) -> str | None:
    """The address of a page, where there is such a page."""
    try:
        return reverse(route, args=parts)
    except NoReverseMatch:
        return None


def _actions() -> tuple[Place, ...]:
    """What can be done from everywhere. Languages are called by their own names."""
    languages = (
        Place(
            get_language_info(code)["name_local"].capitalize(),
            _("Language"),
            press=f"button[name='language'][value='{code}']",
        )
        for code, _name in settings.LANGUAGES
    )
    return (
        Place(_("Add a channel"), _("Action"), reverse("pages:channels") + "#id_ref"),
        Place(_("Light colours"), _("Action"), press="button[name='theme'][value='light']", parts=("t", "l")),
        Place(_("Dark colours"), _("Action"), press="button[name='theme'][value='dark']", parts=("t", "d")),
        Place(
            _("Colours as the system has them"),
            _("Action"),
            press="button[name='theme'][value='system']",
            parts=("t", "s"),
        ),
        *languages,
    )
