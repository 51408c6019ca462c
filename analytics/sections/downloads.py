"""The menu of downloads: what a page shows, as files."""

from dataclasses import dataclass

from django.urls import reverse

from accounts.access import Access
from accounts.roles import Permission
from analyticbot.core import runtime
from analytics.sections.files import Given, given_of
from analytics.sections.visit import Visit


@dataclass(frozen=True, slots=True)
class Download:
    """A line of the menu: what it is called, and its forms with their addresses."""

    label: str
    drawn: bool
    forms: tuple[tuple[str, str], ...]


def downloads_of(visit: Visit, section: str, access: Access) -> tuple[Download, ...]:
    """What can be downloaded of a page that was built; nothing for who may not, or where it is switched off."""
    if not runtime.EXPORTS.now() or not access.allows(Permission.EXPORTS_WRITE):
        return ()
    query = visit.address()
    query = "" if query == "?" else query
    name = visit.card.status.name

    def address(one: Given, form: str) -> str:
        return reverse("pages:section-file", args=[name, section, one.name, form]) + query

    return tuple(
        Download(str(one.label), one.drawn, tuple((form, address(one, form)) for form in one.forms))
        for one in given_of(visit)
    )
