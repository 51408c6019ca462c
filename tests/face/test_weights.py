"""How heavy pages are: bytes as they go over the network, before anybody has touched anything."""

import gzip
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage
from django.test import Client

from accounts.models import Workspace
from analyticbot.core.assets import BUNDLE, MODULES, STYLESHEETS, BundledStorage, squeezed
from analytics.sections.places import SECTIONS
from tests.face.section_world import enrich
from tests.face.world import full_channel, track
from tests.factories import bearer, make_token

CHANNEL = "/app/channels/@qulay_savdo/"
STATIC = Path(settings.BASE_DIR) / "static"
# Bytes, compressed.
MOST_HTML, MOST_JS, MOST_CSS = 60_000, 60_000, 25_000
LINKED = re.compile(r'<(?:script|link)\b[^>]*?(?:src|href)="/static/([^"]+\.(?:js|css))"')
IMPORTED = re.compile(r'(?:\bfrom|\bimport)\s*"\./([\w.-]+\.js)"')


@pytest.fixture
def year(workspace: Workspace, now: datetime) -> None:
    """A channel of theirs with a year behind it."""
    channel = full_channel(now=now, days=366)
    track(workspace, channel, now=now, owned=True)
    enrich(channel, now=now)


def packed(name: str) -> int:
    """Bytes of a static file, compressed as when static files are collected."""
    found = finders.find(name)
    assert isinstance(found, str), name
    return len(gzip.compress(Path(found).read_bytes()))


@pytest.mark.slow
def test_pages_of_a_year_are_light(page: Client, year: None) -> None:
    heavy: dict[str, int] = {}
    for place in ["", *(f"{name}/" for name in SECTIONS)]:
        response = page.get(f"{CHANNEL}{place}?period=365d", headers={"Accept-Encoding": "gzip, br"})
        assert response["Content-Encoding"] == "gzip"
        linked = LINKED.findall(gzip.decompress(response.content).decode())
        assert linked
        weights = {
            "html": (len(response.content), MOST_HTML),
            "js": (sum(packed(name) for name in linked if name.endswith(".js")), MOST_JS),
            "css": (sum(packed(name) for name in linked if name.endswith(".css")), MOST_CSS),
        }
        heavy |= {f"{place} {kind}": is_ for kind, (is_, most) in weights.items() if is_ > most}
    assert heavy == {}


def test_pages_are_compressed_and_nothing_else_is(page: Client, workspace: Workspace, db: None) -> None:
    headers = {"Accept-Encoding": "gzip"}
    shown = page.get("/app/", headers=headers)
    assert shown["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in shown["Vary"]
    assert b"<!DOCTYPE html>" in gzip.decompress(shown.content)
    # Each answer is lengthened by chance, so that its length tells nothing (BREACH).
    assert len({len(page.get("/app/", headers=headers).content) for _ in range(6)}) > 1
    assert "Content-Encoding" not in page.get("/app/").headers

    answer = page.get("/api/v2/channels", headers={**headers, **bearer(make_token(workspace))})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_browser_is_told_of_every_module_that_the_page_imports() -> None:
    wanted, found = ["page.js"], set[str]()
    while wanted:
        for name in IMPORTED.findall((STATIC / "js" / wanted.pop()).read_text()):
            if name not in found:
                found.add(name)
                wanted.append(name)
    assert {f"js/{name}" for name in found} == set(MODULES)


def test_squeezed_sheet_says_the_same() -> None:
    sheet = """
    /* why */ a:hover , a :hover { color : red ; margin: 0 calc(1px + 2px) }
    @media (width > 1px) and (scripting: enabled) { .a > .b + .c { content: "x"; } }
    """
    assert squeezed(sheet) == (
        "a:hover,a :hover{color : red;margin: 0 calc(1px + 2px)}"
        '@media (width > 1px) and (scripting: enabled){.a > .b + .c{content: "x";}}'
    )
    for name in STYLESHEETS:
        source = (STATIC / name).read_text()
        bare = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
        assert re.sub(r"\s", "", squeezed(source)) == re.sub(r"\s", "", bare)


def test_collected_files_are_one_stylesheet_and_modules_by_hashed_names(tmp_path: Path) -> None:
    source = FileSystemStorage(STATIC)
    names = [*STYLESHEETS, "img/mark.svg", *(f"js/{path.name}" for path in (STATIC / "js").glob("*.js"))]
    storage = BundledStorage(location=tmp_path, base_url="/static/")
    for name in names:
        with source.open(name) as file:
            storage.save(name, file)

    made: dict[str, Any] = {name: new for name, new, _done in storage.post_process({n: (source, n) for n in names})}

    bundle = (tmp_path / storage.stored_name(BUNDLE)).read_text()
    assert bundle.count("{") == sum((STATIC / name).read_text().count("{") for name in STYLESHEETS)
    assert (tmp_path / f"{storage.stored_name(BUNDLE)}.gz").is_file()
    page = (tmp_path / storage.stored_name("js/page.js")).read_text()
    for name in IMPORTED.findall(page):
        assert (tmp_path / "js" / name).is_file()
        assert re.search(r"\.[0-9a-f]{12}\.js$", name)
    assert made
