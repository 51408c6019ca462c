"""The clients that are made of the document: up to date, typed, and every method of them works."""

import importlib.util
import inspect
import json
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command

from accounts.models import Workspace
from analyticbot.core.clients.document import operations_of, read_document
from analyticbot.core.management.commands.export_api import DEFAULT_CLIENT, DEFAULT_POSTMAN
from analytics.exports.work import run_due_exports
from analytics.reports.making import run_due_files
from tests.api.example_world import GIVEN, NEWS, SPAN, make_world
from tests.factories import make_token

ROOT = Path(django_settings.BASE_DIR)
BODIES: dict[str, Any] = {
    "add_channel": {"ref": "@example_third"},
    "request_export": {"what": "overview", "channel": f"@{NEWS}", "format": "csv", "parameters": SPAN},
    "request_report": {"channel": f"@{NEWS}", "format": "html", "first": SPAN["from"], "last": "2026-06-14"},
    "add_note": {"text": "A campaign began", "at": "2026-06-10T09:00:00Z"},
    "change_note": {"text": "A campaign began early"},
    "create_shared_link": {
        "channel": f"@{NEWS}", "name": "For readers", "sections": ["overview"], "preset": "28d",
        "expires_at": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
    },
    "change_shared_link": {"name": "For all readers", "password": "open sesame"},
}  # fmt: skip
# What makes things goes before what reads them, what removes them last. Of their names the last part says the kind.
FIRST = ("request_export", "request_report", "add_note", "create_shared_link", "add_channel")
LAST = ("delete_export", "delete_report", "remove_note", "revoke_shared_link", "remove_channel")
FILES = ("fetch_export", "fetch_report")


@pytest.mark.parametrize("name", [DEFAULT_CLIENT, DEFAULT_POSTMAN])
def test_clients_are_up_to_date(tmp_path: Path, name: str) -> None:
    call_command("export_api", postman=tmp_path / "postman", client=tmp_path / "client", stdout=sys.stderr)
    made = tmp_path / ("client" if name == DEFAULT_CLIENT else "postman")

    assert (ROOT / name).read_text(encoding="utf-8") == made.read_text(encoding="utf-8"), "run: manage.py export_api"


def test_the_collection_names_every_operation() -> None:
    collection = json.loads((ROOT / DEFAULT_POSTMAN).read_text(encoding="utf-8"))
    items = [item for folder in collection["item"] for item in folder["item"]]

    assert {item["name"] for item in items} == {operation.name for operation in operations_of(read_document())}
    assert collection["auth"]["bearer"][0]["value"] == "{{token}}"
    for item in items:
        url = item["request"]["url"]
        assert url["raw"].startswith("{{base_url}}/api/v2/")
        assert {one["key"] for one in url["variable"]} == {part[1:] for part in url["path"] if part.startswith(":")}


@pytest.mark.slow
def test_the_python_client_is_typed(tmp_path: Path) -> None:
    use = tmp_path / "use.py"
    use.write_text(
        "from analyticbot_client import Client\n"
        "points = Client('', '').growth('@x', window='D')['data']['points']\n"
        "total: int = sum(point['y'] or 0 for point in points)\n"
    )
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", str(use)],
        env={"MYPYPATH": str((ROOT / DEFAULT_CLIENT).parent), "PATH": ""},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert checked.returncode == 0, checked.stdout


def load_client() -> Any:
    spec = importlib.util.spec_from_file_location("analyticbot_client", ROOT / DEFAULT_CLIENT)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.django_db(transaction=True)
def test_every_method_of_the_python_client_works(live_server: Any, settings: Any, tmp_path: Path) -> None:
    settings.EXPORT_DIR = settings.REPORT_DIR = tmp_path
    settings.EXPORT_ENABLED = True
    settings.API_LIMIT_FACTOR = 100
    world = make_world()
    module = load_client()
    client = module.Client(live_server.url, make_token(world.workspace))
    given: dict[str, str] = dict(GIVEN)
    made: dict[str, str] = {}
    methods = [name for name, _ in inspect.getmembers(client, inspect.ismethod) if not name.startswith("_")]
    middle = [name for name in methods if name not in (*FIRST, *LAST)]

    for name in (*FIRST, *middle, *LAST):
        kind = name.partition("_")[2]
        if name == LAST[-1]:
            given["channel"] = "@example_third"
        if kind in made:
            given["public_id"] = made[kind]
        answer = call(client, name, given)
        if name in FIRST[:-1]:
            made[kind] = answer["id"]
            run_due_exports()
            run_due_files()
        assert (answer is None) == (name in LAST), name
        assert isinstance(answer, bytes) == (name.endswith("_csv") or name in FILES), name

    again = client.overview(f"@{NEWS}", from_=SPAN["from"], to=SPAN["to"])
    assert again == client.overview(f"@{NEWS}", from_=SPAN["from"], to=SPAN["to"])
    with pytest.raises(module.ApiError) as refused:
        client.overview("@nobody")
    assert (refused.value.status, refused.value.code) == (404, "not_found")
    assert Workspace.objects.filter(pk=world.workspace.pk).exists()


def call(client: Any, name: str, given: dict[str, str]) -> Any:
    """One method with what must be given, and the period of the made world where it takes one."""
    method = getattr(client, name)
    arguments: dict[str, Any] = {}
    for parameter in inspect.signature(method).parameters.values():
        if parameter.name == "body":
            arguments["body"] = BODIES[name]
        elif parameter.default is inspect.Parameter.empty:
            arguments[parameter.name] = given[parameter.name]
        elif parameter.name in {"from_", "to"}:
            arguments[parameter.name] = SPAN[parameter.name.rstrip("_")]
    return method(**arguments)


def test_the_client_takes_its_token_nowhere_else() -> None:
    seen: list[tuple[str, str | None]] = []

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append((self.path, self.headers["Authorization"]))
            led = self.path.startswith("/api/")
            self.send_response(302 if led else 200)
            if led:
                self.send_header("Location", f"http://localhost:{self.server.server_port}/elsewhere")  # type: ignore[attr-defined]
            self.end_headers()
            self.wfile.write(b"" if led else b"{}")

        def log_message(self, *_args: Any) -> None:
            """Quietly."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        load_client().Client(f"http://127.0.0.1:{server.server_port}", "abk_live_x").metrics()
        server.shutdown()

    assert [token for _path, token in seen] == ["Bearer abk_live_x", None]
