"""Three languages: complete catalogues, pages in each, no text outside translation."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client

from accounts.models import User
from channels_app.models import Channel

LOCALE = Path(settings.BASE_DIR) / "locale"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
LANGUAGES = ["ru", "uz"]
# What is the same in every language.
# "Ctrl" stands on the key itself, whatever its owner speaks.
NAMES = {"AnalyticBot", "Telegram", "API", "Ctrl", "Esc", "ERR", "GIF", "UTC", "ER"}


def catalogue(language: str) -> Catalog:
    with (LOCALE / language / "LC_MESSAGES" / "django.po").open("rb") as handle:
        return read_po(handle, locale=language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_catalogue_is_complete(language: str) -> None:
    for message in catalogue(language):
        if not message.id:
            continue
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        assert all(texts), f"untranslated: {message.id}"
        assert "fuzzy" not in message.flags, f"doubtful: {message.id}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_their_placeholders(language: str) -> None:
    for message in catalogue(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set().union(*(re.findall(r"%\((\w+)\)", text) for text in ids))
        for text in texts:
            assert set(re.findall(r"%\((\w+)\)", text)) <= wanted, message.id
            if not isinstance(message.id, tuple):
                assert set(re.findall(r"%\((\w+)\)", text)) == wanted, message.id


def test_catalogues_hold_the_same_messages() -> None:
    first, second = ({message.id for message in catalogue(language)} for language in LANGUAGES)
    assert first == second


@pytest.mark.parametrize(("language", "word"), [("en", "Subscribers"), ("ru", "Подписчики"), ("uz", "Obunachilar")])
def test_channel_page_speaks_the_language(page: Client, person: User, full: Channel, language: str, word: str) -> None:
    person.language = language
    person.save()
    text = page.get("/app/channels/@qulay_savdo/").content.decode()
    assert f'<html lang="{language}">' in text
    assert word in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", ["/", "/account/login/", "/account/signup/", "/account/password/reset/"])
def test_open_page_has_no_english_left(client: Client, db: None, language: str, address: str) -> None:
    client.cookies["django_language"] = language
    assert_no_english(client.get(address).content.decode(), language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", ["/app/", "/account/", "/app/channels/@qulay_savdo/", "/app/nothing/"])
def test_own_page_has_no_english_left(page: Client, person: User, full: Channel, language: str, address: str) -> None:
    person.language = language
    person.save()
    assert_no_english(page.get(address).content.decode(), language)


def assert_no_english(text: str, language: str) -> None:
    """No message of ours stands on the page in its English form."""
    # Names of zones are cities, whatever the language.
    text = re.sub(r"<option[^>]*>[A-Z][A-Za-z_ ]+/[^<]*</option>", "", text)
    shown = " ".join(re.sub(r"<[^>]+>", "\n", text).split("\n"))
    for message in catalogue(language):
        if isinstance(message.id, str) and message.id and message.id != message.string and "%" not in message.id:
            found = re.search(rf"(?<!\w){re.escape(message.id)}(?!\w)", shown)
            # A word of one language may be a word of another ("Video", "Post").
            assert not found or message.id in {"Post", "Audio", "Video", "Admin", "name", "English"}, message.id


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_template_has_no_text_outside_translation(path: Path) -> None:
    source = path.read_text()
    source = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", " ", source, flags=re.DOTALL)
    # The kind of a page is a class of its body.
    source = re.sub(r"{% block kind %}.*?{% endblock %}", " ", source)
    source = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}|&\w+;", " ", source, flags=re.DOTALL)
    shown = re.sub(r"<(script|svg|code)\b.*?</\1>", " ", source, flags=re.DOTALL)
    # A picture of a font of pictures is named where it stands.
    shown = re.sub(r'<span class="material-symbols-outlined.*?</span>', " ", shown, flags=re.DOTALL)
    attributes = re.findall(r'\b(?:title|alt|placeholder|aria-label)="([^"]*)"', shown)
    words = re.findall(r"[A-Za-z]{2,}", " ".join([re.sub(r"<[^>]*>", " ", shown, flags=re.DOTALL), *attributes]))
    assert set(words) - NAMES - {"DOCTYPE", "html", "durov"} == set()
