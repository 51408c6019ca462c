"""A reader of the loaded world: a workspace that tracks some channels, a token, requests through the whole stack.

Everything between the socket and the answer takes part: middleware, token, tenant, rate limits in Redis (counted, but
wide enough to let all through), the cache, rendering.
"""

import random
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import User, Workspace
from accounts.roles import SCOPES
from accounts.tokens import create_token
from analyticbot.core.audit import SYSTEM
from benchmarks.loader import NAME, Loaded
from channels_app.models import Channel, Relation, TrackedChannel

TRACKED = 200
_MAIL = f"{NAME}@example.org"


def leave() -> None:
    """Remove the workspace and its person, with all that is theirs."""
    Workspace.objects.filter(name=NAME).delete()
    User.objects.filter(email=_MAIL).delete()


class Visitor:
    """Asks as a program with a token does."""

    def __init__(self, loaded: Loaded, *, seed: int = 7) -> None:
        self._dice, now = random.Random(seed), timezone.now()
        self._now = now.replace(microsecond=0)
        from tests.factories import make_user, make_workspace, owner_of

        leave()
        workspace = make_workspace(owner=make_user(_MAIL), name=NAME)
        count = min(TRACKED, loaded.channels)
        numbers = self._dice.sample(range(loaded.channels), count)
        found = Channel.objects.filter(pk__in=[loaded.first_channel + number for number in numbers])
        self.channels = [(f"@{channel.username}", channel.pk) for channel in found.order_by("pk")]
        TrackedChannel.objects.bulk_create(
            TrackedChannel(workspace=workspace, channel_id=pk, relation=Relation.OWNED, created_at=now)
            for _, pk in self.channels
        )
        scopes = [scope.value for scope in SCOPES]
        _, text = create_token(workspace, creator=owner_of(workspace), name=NAME, scopes=scopes, now=now, actor=SYSTEM)
        self._client = Client(headers={"Authorization": f"Bearer {text}"})
        self._asked = 0

    def any_channel(self) -> str:
        """One of the tracked channels."""
        return self._dice.choice(self.channels)[0]

    def any_post(self) -> int:
        """A message id that every channel has."""
        return self._dice.randrange(1, 1000)

    def span(self, days: int) -> dict[str, str]:
        """So many days until about now; no two are the same, so that no answer is kept for them."""
        self._asked += 1
        end = self._now - timedelta(seconds=self._asked)
        return {"from": (end - timedelta(days=days)).isoformat(), "to": end.isoformat()}

    def get(self, address: str, parameters: dict[str, str] | None = None, **headers: str) -> Any:
        """One answer, read to its end."""
        answer = self._client.get(address, parameters or {}, headers=headers)
        _ = answer.getvalue() if answer.streaming else answer.content
        return answer

    def lines(self, address: str) -> int:
        """Lines of a streamed answer."""
        answer: Any = self._client.get(address, headers={"Accept": "text/csv"})
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code} {answer.content[:200]!r}")
        return sum(block.count(b"\n") for block in answer.streaming_content)
