"""Privacy, terms, cookies: open to everybody, linked from everywhere, agreed to at sign-up, true about cookies."""

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone, translation

from accounts.legal.consents import record_consents
from accounts.legal.documents import AGREED, TEXTS, Document, Text
from accounts.models import Consent, User
from tests.accounts.personal.world import PASSWORD, confirmed
from tests.factories import make_user, make_workspace

pytestmark = pytest.mark.django_db
AGREED_NAMES = sorted(document.value for document in AGREED)


def agreed_by(email: str) -> list[str]:
    return sorted(Consent.objects.filter(user__email=email).values_list("document", flat=True))


@pytest.mark.parametrize("document", Document)
def test_document_is_open_to_everybody(client: Client, document: Document) -> None:
    text = client.get(f"/{document}/").content.decode()

    assert all(f'id="{part.name}"' in text for part in TEXTS[document].parts())
    assert all(f'href="/{other}/"' in text for other in Document)


@pytest.mark.parametrize("language", ["ru", "uz"])
@pytest.mark.parametrize("document", Document)
def test_document_says_the_same_in_every_language(document: Document, language: str) -> None:
    def shape() -> list[tuple[str, int, int]]:
        return [(part.name, len(part.paragraphs), len(part.rows)) for part in TEXTS[document].parts()]

    english = shape()
    with translation.override(language):
        assert shape() == english


def test_operator_is_named(client: Client, settings: Any) -> None:
    settings.OPERATOR_NAME, settings.OPERATOR_EMAIL = "Statistics Ltd", "data@statistics.example"
    settings.STORAGE_PLACE = "Tashkent"

    text = client.get("/privacy/").content.decode()

    assert all(words in text for words in ("Statistics Ltd", "data@statistics.example", "Tashkent"))


def test_signing_up_means_to_agree(client: Client) -> None:
    page = client.get("/account/signup/").content.decode()
    assert 'href="/terms/"' in page and 'href="/privacy/"' in page

    client.post("/account/signup/", {"email": "ann@example.org", "password1": PASSWORD}, REMOTE_ADDR="10.77.1.2")

    assert agreed_by("ann@example.org") == AGREED_NAMES


def test_who_signs_in_is_told_of_a_new_version(monkeypatch: pytest.MonkeyPatch) -> None:
    user = make_user("ann@example.org", password=PASSWORD)
    make_workspace(owner=user)
    record_consents(user, now=timezone.now())
    quiet = confirmed(user).get("/app/").content.decode()
    assert "has changed" not in quiet
    before = TEXTS[Document.TERMS]

    monkeypatch.setitem(TEXTS, Document.TERMS, Text(before.title, "2030-01-01", before.parts))
    told = confirmed(User.objects.get(pk=user.pk)).get("/app/").content.decode()

    assert "“Terms” has changed" in told
    assert Consent.objects.filter(user=user, document="terms").count() == 2
    assert "“Privacy” has changed" not in told


def test_every_cookie_is_listed(settings: Any) -> None:
    """Whoever goes everywhere is given no cookie that the page does not name."""
    settings.PUBLIC_DEMO = True
    user = make_user("ann@example.org", password=PASSWORD)
    make_workspace(owner=user)
    client = confirmed(user)
    client.post("/i18n/setlang/", {"language": "uz", "next": "/"})
    client.post("/preferences/theme/", {"theme": "dark", "next": "/"})
    for page in ("/", "/app/", "/account/", "/account/data/", "/privacy/", "/demo/"):
        client.get(page)

    listed = re.findall(
        r"\w+", " ".join(str(row.name) for part in TEXTS[Document.COOKIES].parts() for row in part.rows)
    )

    given = set(client.cookies)
    assert {django_settings.SESSION_COOKIE_NAME, "csrftoken", "theme", "django_language", "device"} <= given
    assert sorted(given - set(listed)) == []
