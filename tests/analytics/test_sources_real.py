"""Whom a real channel forwards, and that those see it: an imported dump against its own JSON."""

import gzip
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from channels_app.models import Channel
from tests.analytics.world import NOW
from tests.factories import bearer, make_token, make_tracked, make_workspace

pytestmark = pytest.mark.django_db
DUMP = Path(__file__).resolve().parents[3] / "shared/data/a_telethon/omazda__BankingInfo_Bot/channel_messages.json.gz"


@pytest.mark.skipif(not DUMP.is_file(), reason="../shared/data is not here")
def test_forwards_of_a_real_channel_are_those_of_its_dump(client: Client) -> None:
    with gzip.open(DUMP, "rt", encoding="utf-8") as file:
        messages: list[dict[str, Any]] = json.load(file)
    posts = defaultdict(set)
    for message in messages:
        origin = ((message.get("fwd_from") or {}).get("from_id") or {}).get("channel_id")
        if message["_"] == "Message" and origin:
            # An album is one post.
            posts[str(origin)].add(message.get("grouped_id") or -message["id"])
    workspace = make_workspace()
    call_command("import_channel", str(DUMP), channel="@fincult_dump", workspace=str(workspace.public_id), verbosity=0)
    channel = Channel.objects.get(username="fincult_dump")
    if not workspace.tracked_channels.exists():
        make_tracked(workspace, channel)
    origin = max(posts, key=lambda one: (len(posts[one]), one))
    make_tracked(workspace, Channel.objects.create(tg_id=int(origin), username="origin_one", title="O", created_at=NOW))
    headers = bearer(make_token(workspace))
    base, span = "/api/v2/analytics/channels", "from=2022-01-01&to=2023-01-01&kind=forward&limit=50"

    out = client.get(f"{base}/@fincult_dump/sources?{span}&direction=out", headers=headers).json()
    came = client.get(f"{base}/{origin}/sources?{span}", headers=headers).json()

    expected = {one: len(found) for one, found in posts.items()}
    counted = {str(row["dst_id"]): row["count"] for row in out["data"]}
    assert len(posts) > 1
    assert (out["meta"]["total"], out["meta"]["total_posts"]) == (len(expected), sum(expected.values()))
    assert counted.items() <= expected.items()
    assert [(row["src"], row["dst"], row["count"]) for row in came["data"]] == [
        ("fincult_dump", "origin_one", expected[origin])
    ]
