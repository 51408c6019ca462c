"""Who agreed to which version of which document."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.legal.documents import AGREED, TEXTS, Document
from accounts.models import Consent, User


@dataclass(frozen=True, slots=True)
class ShownConsent:
    """A consent in words."""

    title: str
    address: str
    version: datetime
    given_at: datetime


def record_consents(user: User, *, now: datetime) -> list[Document]:
    """Note that a person agrees to the present documents; returns those whose version is new to them."""
    rows = [
        Consent(user=user, document=one, version=TEXTS[one].version, language=user.language, given_at=now)
        for one in AGREED
    ]
    known = set(Consent.objects.filter(user=user).values_list("document", "version"))
    fresh = [row for row in rows if (row.document, row.version) not in known]
    # Two sign-ins at once agree once.
    Consent.objects.bulk_create(fresh, ignore_conflicts=True)
    return [Document(row.document) for row in fresh]


def agree_at_sign_in(request: HttpRequest, user: User, *, now: datetime) -> None:
    """Tell somebody who signs in of documents that have changed since they last did; going on means to agree."""
    for document in record_consents(user, now=now):
        messages.info(
            request,
            _("“%(title)s” has changed. The page is linked below; going on means that you agree.")
            % {"title": TEXTS[document].title},
        )


def consents_of(user: User) -> list[ShownConsent]:
    """What a person agreed to, newest first."""
    return [
        ShownConsent(
            title=str(TEXTS[Document(row.document)].title),
            address=reverse(row.document),
            version=datetime.fromisoformat(row.version).replace(tzinfo=UTC),
            given_at=row.given_at,
        )
        for row in Consent.objects.filter(user=user).order_by("-given_at", "document")
    ]
