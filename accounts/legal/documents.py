"""Privacy, terms and cookies: what each says, in which version. The texts say what the product does, nothing else.

A change of meaning makes a new version: people agree to a version, and are told at their next sign-in.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.legal import cookies, privacy, terms
from accounts.legal.shape import Part


class Document(StrEnum):
    """The documents, as their addresses name them."""

    PRIVACY = "privacy"
    TERMS = "terms"
    COOKIES = "cookies"


@dataclass(frozen=True, slots=True)
class Text:
    """A document: its title, the day of its version, and its parts."""

    title: Promise
    version: str
    parts: Callable[[], tuple[Part, ...]]


TEXTS = {
    Document.PRIVACY: Text(_("Privacy"), "2026-11-23", privacy.parts),
    Document.TERMS: Text(_("Terms"), "2026-11-23", terms.parts),
    Document.COOKIES: Text(_("Cookies"), "2026-11-23", cookies.parts),
}
# What an account cannot be had without.
AGREED = (Document.TERMS, Document.PRIVACY)
