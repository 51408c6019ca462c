"""Somebody who reads statistics over HTTP with a token."""

from typing import Any

from django.test import Client

from accounts.models import Workspace
from channels_app.models import Channel, Relation, TrackedChannel
from tests.analytics.world import NOW
from tests.factories import bearer, make_token, make_workspace


class Reader:
    """A workspace that tracks channels, and its requests."""

    def __init__(self, *channels: Channel, relation: Relation = Relation.WATCHED) -> None:
        self.workspace: Workspace = make_workspace()
        for channel in channels:
            TrackedChannel.objects.create(workspace=self.workspace, channel=channel, relation=relation, created_at=NOW)
        self._client = Client(headers=bearer(make_token(self.workspace)))

    def answer(self, channel: Channel, what: str, **query: Any) -> Any:
        """The response; `from_` stands for `from`."""
        texts = {name.rstrip("_"): str(value) for name, value in query.items()}
        return self._client.get(f"/api/v2/analytics/channels/{channel.tg_id}/{what}", texts)

    def get(self, channel: Channel, what: str, **query: Any) -> Any:
        """The body of an answer that must be there."""
        response = self.answer(channel, what, **query)
        assert response.status_code == 200, response.content
        return response.json()

    def pages(self, channel: Channel, what: str, **query: Any) -> list[list[Any]]:
        """The data of all pages, by following `meta.next`."""
        found = [self.get(channel, what, **query)]
        while (following := found[-1]["meta"].get("next")) is not None:
            assert len(found) < 100, "the pages do not end"
            found.append(self.get(channel, what, **query, cursor=following))
        return [page["data"] for page in found]
