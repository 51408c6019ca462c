"""What the documents say about files, commands, settings and schedules is true."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands

from analyticbot.env import Environment
from channels_app.beat import SCHEDULE

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_to_files(path: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text(encoding="utf-8"))

    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_commands_that_are_named_exist() -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", TEXT))

    assert named - set(get_commands()) == set()


def test_own_commands_are_documented() -> None:
    rooms = {"channels_app", "mtproto", "accounts", "billing", "analytics", "analyticbot.core"}
    ours = {name for name, app in get_commands().items() if app in rooms}

    assert [name for name in sorted(ours) if name not in TEXT and name != "prepare_demo"] == []


def test_metrics_that_are_named_exist() -> None:
    sources = "\n".join(
        path.read_text(encoding="utf-8")
        for room in ("analyticbot", "accounts", "channels_app", "mtproto", "analytics", "superadmin")
        for path in (ROOT / room).rglob("*.py")
    )

    # The client of Prometheus adds the ending to the names of counters itself.
    names = [name.removesuffix("_total") for name in re.findall(r"`(analyticbot_[a-z_]+)`", TEXT)]
    assert [name for name in names if name not in sources] == []


def test_every_setting_stands_in_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")

    assert [name for name in Environment.model_fields if name.upper() not in example] == []


def test_the_schedule_names_real_tasks() -> None:
    from analyticbot.celery import app

    app.loader.import_default_modules()

    assert [entry.task for entry in SCHEDULE if entry.task not in app.tasks] == []
