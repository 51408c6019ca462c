"""A typed client of the AnalyticBot API, version 2.0.0. Made by `manage.py export_api`."""

from __future__ import annotations

import json
from typing import Any, Literal, NotRequired, Optional, TypedDict, Union, cast
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

__all__ = ["ApiError", "Client"]


class ApiError(Exception):
    """The API refused. `code` is for programs; `retry_after` in seconds where it says so."""

    def __init__(self, status: int, code: str, message: str, field: str | None, retry_after: int | None) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.field = field
        self.retry_after = retry_after


class Client:
    """Speaks for one workspace. Answers are kept with their ETag and asked for again only when they have changed."""

    def __init__(self, base_url: str, token: str, *, timeout: float = 30.0, language: str = "en") -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self._token = token
        self._headers = {"Accept-Language": language}
        self._kept: dict[str, tuple[str, bytes]] = {}

    def _send(self, method: str, path: str, query: dict[str, Any], body: Any, accept: str) -> bytes:
        given = {name: _word(value) for name, value in query.items() if value is not None}
        url = self.base_url + path + (f"?{urlencode(given)}" if given else "")
        headers = {**self._headers, "Accept": accept}
        kept = self._kept.get(f"{accept} {url}") if method == "GET" else None
        if kept:
            headers["If-None-Match"] = kept[0]
        data = None
        if body is not None:
            data = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        request = Request(url, data, headers, method=method)  # noqa: S310
        # Left out when an answer leads elsewhere: another server must not get the token.
        request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            with urlopen(request, timeout=self.timeout) as response:  # noqa: S310
                found: bytes = response.read()
                tag = response.headers.get("ETag")
        except HTTPError as error:
            with error:
                if error.code == 304 and kept:  # noqa: PLR2004
                    return kept[1]
                raise _refusal(error) from None
        if tag and method == "GET":
            self._kept[f"{accept} {url}"] = (tag, found)
        return found

    def _json(self, method: str, path: str, query: dict[str, Any], body: Any) -> Any:
        return json.loads(self._send(method, path, query, body, "application/json"))

    def _bytes(self, method: str, path: str, query: dict[str, Any], body: Any, *, accept: str) -> bytes:
        return self._send(method, path, query, body, accept)

    def _nothing(self, method: str, path: str, query: dict[str, Any], body: Any) -> None:
        self._send(method, path, query, body, "application/json")


    def benchmarks(
        self,
        *,
        channel: str | None = None,
        fields: str | None = None,
    ) -> "BenchmarksAnswer":
        """Rates of public channels by size, and where a channel stands among them."""
        query: dict[str, Any] = {"channel": channel, "fields": fields}
        return cast("BenchmarksAnswer", self._json("GET", f"/api/v2/analytics/benchmarks", query, None))

    def benchmarks_csv(
        self,
        *,
        channel: str | None = None,
        fields: str | None = None,
    ) -> bytes:
        """Rates of public channels by size, and where a channel stands among them."""
        query: dict[str, Any] = {"channel": channel, "fields": fields}
        return self._bytes("GET", f"/api/v2/analytics/benchmarks", query, None, accept="text/csv")

    def anomalies(
        self,
        channel: str,
        *,
        fields: str | None = None,
        from_: str | None = None,
        limit: int | None = None,
        to: str | None = None,
    ) -> "AnomaliesAnswer":
        """Days on which views gained or subscribers stand out."""
        query: dict[str, Any] = {"fields": fields, "from": from_, "limit": limit, "to": to}
        return cast("AnomaliesAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/anomalies", query, None))

    def anomalies_csv(
        self,
        channel: str,
        *,
        fields: str | None = None,
        from_: str | None = None,
        limit: int | None = None,
        to: str | None = None,
    ) -> bytes:
        """Days on which views gained or subscribers stand out."""
        query: dict[str, Any] = {"fields": fields, "from": from_, "limit": limit, "to": to}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/anomalies", query, None, accept="text/csv")

    def best_time(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> "BestTimeAnswer":
        """Which hours of the week posts do best in."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "to": to, "weekday": weekday, "with_link": with_link}
        return cast("BestTimeAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/best-time", query, None))

    def best_time_csv(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> bytes:
        """Which hours of the week posts do best in."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "to": to, "weekday": weekday, "with_link": with_link}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/best-time", query, None, accept="text/csv")

    def calendar(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> "CalendarAnswer":
        """What was published and gained on each day."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "to": to, "weekday": weekday, "with_link": with_link}
        return cast("CalendarAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/calendar", query, None))

    def calendar_csv(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> bytes:
        """What was published and gained on each day."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "to": to, "weekday": weekday, "with_link": with_link}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/calendar", query, None, accept="text/csv")

    def content_effects(
        self,
        channel: str,
        *,
        author: str | None = None,
        by: Literal['emoji', 'forwarded', 'hashtag', 'hour', 'length', 'link', 'media', 'weekday'] | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> "ContentEffectsAnswer":
        """What kind of posts do better than the channel's usual."""
        query: dict[str, Any] = {"author": author, "by": by, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "to": to, "weekday": weekday, "with_link": with_link}
        return cast("ContentEffectsAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/content-effects", query, None))

    def content_effects_csv(
        self,
        channel: str,
        *,
        author: str | None = None,
        by: Literal['emoji', 'forwarded', 'hashtag', 'hour', 'length', 'link', 'media', 'weekday'] | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> bytes:
        """What kind of posts do better than the channel's usual."""
        query: dict[str, Any] = {"author": author, "by": by, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "to": to, "weekday": weekday, "with_link": with_link}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/content-effects", query, None, accept="text/csv")

    def events(
        self,
        channel: str,
        *,
        fields: str | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> "EventsAnswer":
        """What happened to the channel."""
        query: dict[str, Any] = {"fields": fields, "from": from_, "to": to}
        return cast("EventsAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/events", query, None))

    def events_csv(
        self,
        channel: str,
        *,
        fields: str | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> bytes:
        """What happened to the channel."""
        query: dict[str, Any] = {"fields": fields, "from": from_, "to": to}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/events", query, None, accept="text/csv")

    def growth(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        window: Literal['D', 'H', 'W'] | None = None,
        with_link: bool | None = None,
    ) -> "GrowthAnswer":
        """Subscribers over time."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "to": to, "weekday": weekday, "window": window, "with_link": with_link}
        return cast("GrowthAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/growth", query, None))

    def growth_csv(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        window: Literal['D', 'H', 'W'] | None = None,
        with_link: bool | None = None,
    ) -> bytes:
        """Subscribers over time."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "to": to, "weekday": weekday, "window": window, "with_link": with_link}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/growth", query, None, accept="text/csv")

    def ledger(
        self,
        channel: str,
        *,
        author: str | None = None,
        cursor: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        kind: Literal['deletion', 'edit'] | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        limit: int | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> "LedgerAnswer":
        """Edits and deletions."""
        query: dict[str, Any] = {"author": author, "cursor": cursor, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "kind": kind, "length": length, "limit": limit, "media": media, "to": to, "weekday": weekday, "with_link": with_link}
        return cast("LedgerAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/ledger", query, None))

    def ledger_csv(
        self,
        channel: str,
        *,
        author: str | None = None,
        cursor: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        kind: Literal['deletion', 'edit'] | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        limit: int | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> bytes:
        """Edits and deletions."""
        query: dict[str, Any] = {"author": author, "cursor": cursor, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "kind": kind, "length": length, "limit": limit, "media": media, "to": to, "weekday": weekday, "with_link": with_link}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/ledger", query, None, accept="text/csv")

    def now(
        self,
        channel: str,
        *,
        fields: str | None = None,
    ) -> "NowAnswer":
        """What happens now."""
        query: dict[str, Any] = {"fields": fields}
        return cast("NowAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/now", query, None))

    def now_csv(
        self,
        channel: str,
        *,
        fields: str | None = None,
    ) -> bytes:
        """What happens now."""
        query: dict[str, Any] = {"fields": fields}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/now", query, None, accept="text/csv")

    def official_graphs(
        self,
        channel: str,
        *,
        fields: str | None = None,
    ) -> "OfficialGraphsAnswer":
        """Telegram's own graphs of the channel, as far as they were loaded."""
        query: dict[str, Any] = {"fields": fields}
        return cast("OfficialGraphsAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/official-graphs", query, None))

    def official_graphs_csv(
        self,
        channel: str,
        *,
        fields: str | None = None,
    ) -> bytes:
        """Telegram's own graphs of the channel, as far as they were loaded."""
        query: dict[str, Any] = {"fields": fields}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/official-graphs", query, None, accept="text/csv")

    def official_graph(
        self,
        channel: str,
        graph: str,
        *,
        at: str | None = None,
        fields: str | None = None,
        form: Literal['parsed', 'raw'] | None = None,
    ) -> "OfficialGraphAnswer":
        """One of Telegram's own graphs: its history over all loads, or the last load as it came."""
        query: dict[str, Any] = {"at": at, "fields": fields, "form": form}
        return cast("OfficialGraphAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/official-graphs/{_part(graph)}", query, None))

    def official_graph_csv(
        self,
        channel: str,
        graph: str,
        *,
        at: str | None = None,
        fields: str | None = None,
        form: Literal['parsed', 'raw'] | None = None,
    ) -> bytes:
        """One of Telegram's own graphs: its history over all loads, or the last load as it came."""
        query: dict[str, Any] = {"at": at, "fields": fields, "form": form}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/official-graphs/{_part(graph)}", query, None, accept="text/csv")

    def overview(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> "OverviewAnswer":
        """Headline numbers of a period and of the equal period before."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "to": to, "weekday": weekday, "with_link": with_link}
        return cast("OverviewAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/overview", query, None))

    def overview_csv(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> bytes:
        """Headline numbers of a period and of the equal period before."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "to": to, "weekday": weekday, "with_link": with_link}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/overview", query, None, accept="text/csv")

    def posts(
        self,
        channel: str,
        *,
        all: bool | None = None,
        author: str | None = None,
        cursor: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        include_deleted: bool | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        limit: int | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        order: Literal['er', 'forwards', 'published', 'reactions', 'replies', 'views'] | None = None,
        q: str | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> "PostsAnswer":
        """Posts, page by page."""
        query: dict[str, Any] = {"all": all, "author": author, "cursor": cursor, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "include_deleted": include_deleted, "length": length, "limit": limit, "media": media, "order": order, "q": q, "to": to, "weekday": weekday, "with_link": with_link}
        return cast("PostsAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/posts", query, None))

    def posts_csv(
        self,
        channel: str,
        *,
        all: bool | None = None,
        author: str | None = None,
        cursor: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        include_deleted: bool | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        limit: int | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        order: Literal['er', 'forwards', 'published', 'reactions', 'replies', 'views'] | None = None,
        q: str | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> bytes:
        """Posts, page by page."""
        query: dict[str, Any] = {"all": all, "author": author, "cursor": cursor, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "include_deleted": include_deleted, "length": length, "limit": limit, "media": media, "order": order, "q": q, "to": to, "weekday": weekday, "with_link": with_link}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/posts", query, None, accept="text/csv")

    def post(
        self,
        channel: str,
        msg_id: str,
        *,
        fields: str | None = None,
    ) -> "PostAnswer":
        """One post with all that is known of it."""
        query: dict[str, Any] = {"fields": fields}
        return cast("PostAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/posts/{_part(msg_id)}", query, None))

    def post_csv(
        self,
        channel: str,
        msg_id: str,
        *,
        fields: str | None = None,
    ) -> bytes:
        """One post with all that is known of it."""
        query: dict[str, Any] = {"fields": fields}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/posts/{_part(msg_id)}", query, None, accept="text/csv")

    def post_curve(
        self,
        channel: str,
        msg_id: str,
        *,
        fields: str | None = None,
    ) -> "CurveAnswer":
        """The curve of one post."""
        query: dict[str, Any] = {"fields": fields}
        return cast("CurveAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/posts/{_part(msg_id)}/curve", query, None))

    def post_curve_csv(
        self,
        channel: str,
        msg_id: str,
        *,
        fields: str | None = None,
    ) -> bytes:
        """The curve of one post."""
        query: dict[str, Any] = {"fields": fields}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/posts/{_part(msg_id)}/curve", query, None, accept="text/csv")

    def reach(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> "ReachAnswer":
        """Views per post by day of publication, and at equal ages."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "to": to, "weekday": weekday, "with_link": with_link}
        return cast("ReachAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/reach", query, None))

    def reach_csv(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> bytes:
        """Views per post by day of publication, and at equal ages."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "to": to, "weekday": weekday, "with_link": with_link}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/reach", query, None, accept="text/csv")

    def reconciliation(
        self,
        channel: str,
        *,
        fields: str | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> "ReconciliationAnswer":
        """Official figures beside counted ones, day by day."""
        query: dict[str, Any] = {"fields": fields, "from": from_, "to": to}
        return cast("ReconciliationAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/reconciliation", query, None))

    def reconciliation_csv(
        self,
        channel: str,
        *,
        fields: str | None = None,
        from_: str | None = None,
        to: str | None = None,
    ) -> bytes:
        """Official figures beside counted ones, day by day."""
        query: dict[str, Any] = {"fields": fields, "from": from_, "to": to}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/reconciliation", query, None, accept="text/csv")

    def sources(
        self,
        channel: str,
        *,
        direction: Literal['in', 'out'] | None = None,
        fields: str | None = None,
        from_: str | None = None,
        kind: Literal['forward', 'mention'] | None = None,
        limit: int | None = None,
        to: str | None = None,
    ) -> "SourcesAnswer":
        """Who mentioned or forwarded the channel."""
        query: dict[str, Any] = {"direction": direction, "fields": fields, "from": from_, "kind": kind, "limit": limit, "to": to}
        return cast("SourcesAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/sources", query, None))

    def sources_csv(
        self,
        channel: str,
        *,
        direction: Literal['in', 'out'] | None = None,
        fields: str | None = None,
        from_: str | None = None,
        kind: Literal['forward', 'mention'] | None = None,
        limit: int | None = None,
        to: str | None = None,
    ) -> bytes:
        """Who mentioned or forwarded the channel."""
        query: dict[str, Any] = {"direction": direction, "fields": fields, "from": from_, "kind": kind, "limit": limit, "to": to}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/sources", query, None, accept="text/csv")

    def statistics(
        self,
        channel: str,
        *,
        author: str | None = None,
        compare: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        metrics: str | None = None,
        to: str | None = None,
        weekday: int | None = None,
        window: Literal['D', 'H', 'M', 'W'] | None = None,
        with_link: bool | None = None,
    ) -> "StatisticsAnswer":
        """Any metrics over a period, by steps and in all."""
        query: dict[str, Any] = {"author": author, "compare": compare, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "metrics": metrics, "to": to, "weekday": weekday, "window": window, "with_link": with_link}
        return cast("StatisticsAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/statistics", query, None))

    def statistics_csv(
        self,
        channel: str,
        *,
        author: str | None = None,
        compare: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        metrics: str | None = None,
        to: str | None = None,
        weekday: int | None = None,
        window: Literal['D', 'H', 'M', 'W'] | None = None,
        with_link: bool | None = None,
    ) -> bytes:
        """Any metrics over a period, by steps and in all."""
        query: dict[str, Any] = {"author": author, "compare": compare, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "media": media, "metrics": metrics, "to": to, "weekday": weekday, "window": window, "with_link": with_link}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/statistics", query, None, accept="text/csv")

    def top_posts(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        limit: int | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        order: Literal['ctr', 'er', 'forwards', 'growth', 'reactions', 'replies', 'views'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> "TopPostsAnswer":
        """The best posts of a period."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "limit": limit, "media": media, "order": order, "to": to, "weekday": weekday, "with_link": with_link}
        return cast("TopPostsAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/top-posts", query, None))

    def top_posts_csv(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        limit: int | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        order: Literal['ctr', 'er', 'forwards', 'growth', 'reactions', 'replies', 'views'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        with_link: bool | None = None,
    ) -> bytes:
        """The best posts of a period."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "limit": limit, "media": media, "order": order, "to": to, "weekday": weekday, "with_link": with_link}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/top-posts", query, None, accept="text/csv")

    def trending(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        limit: int | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        method: Literal['ewma', 'zscore'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        window_hours: int | None = None,
        with_link: bool | None = None,
    ) -> "TrendingAnswer":
        """Posts that run ahead of what earlier posts had at the same age."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "limit": limit, "media": media, "method": method, "to": to, "weekday": weekday, "window_hours": window_hours, "with_link": with_link}
        return cast("TrendingAnswer", self._json("GET", f"/api/v2/analytics/channels/{_part(channel)}/trending", query, None))

    def trending_csv(
        self,
        channel: str,
        *,
        author: str | None = None,
        fields: str | None = None,
        forwarded: bool | None = None,
        from_: str | None = None,
        hashtag: str | None = None,
        hour: int | None = None,
        length: Literal['long', 'medium', 'none', 'short'] | None = None,
        limit: int | None = None,
        media: Literal['animation', 'audio', 'contact', 'document', 'game', 'geo', 'giveaway', 'invoice', 'none', 'other', 'photo', 'poll', 'round_video', 'sticker', 'story', 'video', 'voice', 'web_page'] | None = None,
        method: Literal['ewma', 'zscore'] | None = None,
        to: str | None = None,
        weekday: int | None = None,
        window_hours: int | None = None,
        with_link: bool | None = None,
    ) -> bytes:
        """Posts that run ahead of what earlier posts had at the same age."""
        query: dict[str, Any] = {"author": author, "fields": fields, "forwarded": forwarded, "from": from_, "hashtag": hashtag, "hour": hour, "length": length, "limit": limit, "media": media, "method": method, "to": to, "weekday": weekday, "window_hours": window_hours, "with_link": with_link}
        return self._bytes("GET", f"/api/v2/analytics/channels/{_part(channel)}/trending", query, None, accept="text/csv")

    def citation_index(
        self,
        *,
        channels: str | None = None,
        fields: str | None = None,
        limit: int | None = None,
        scope: Literal['all', 'tracked'] | None = None,
    ) -> "CitationIndexAnswer":
        """How much channels are mentioned and forwarded by channels that are so themselves."""
        query: dict[str, Any] = {"channels": channels, "fields": fields, "limit": limit, "scope": scope}
        return cast("CitationIndexAnswer", self._json("GET", f"/api/v2/analytics/citation-index", query, None))

    def citation_index_csv(
        self,
        *,
        channels: str | None = None,
        fields: str | None = None,
        limit: int | None = None,
        scope: Literal['all', 'tracked'] | None = None,
    ) -> bytes:
        """How much channels are mentioned and forwarded by channels that are so themselves."""
        query: dict[str, Any] = {"channels": channels, "fields": fields, "limit": limit, "scope": scope}
        return self._bytes("GET", f"/api/v2/analytics/citation-index", query, None, accept="text/csv")

    def compare(
        self,
        *,
        channels: str,
        fields: str | None = None,
        from_: str | None = None,
        metrics: str | None = None,
        to: str | None = None,
        window: Literal['D', 'H', 'M', 'W'] | None = None,
    ) -> "CompareAnswer":
        """Up to ten channels side by side."""
        query: dict[str, Any] = {"channels": channels, "fields": fields, "from": from_, "metrics": metrics, "to": to, "window": window}
        return cast("CompareAnswer", self._json("GET", f"/api/v2/analytics/compare", query, None))

    def compare_csv(
        self,
        *,
        channels: str,
        fields: str | None = None,
        from_: str | None = None,
        metrics: str | None = None,
        to: str | None = None,
        window: Literal['D', 'H', 'M', 'W'] | None = None,
    ) -> bytes:
        """Up to ten channels side by side."""
        query: dict[str, Any] = {"channels": channels, "fields": fields, "from": from_, "metrics": metrics, "to": to, "window": window}
        return self._bytes("GET", f"/api/v2/analytics/compare", query, None, accept="text/csv")

    def mention_graph(
        self,
        *,
        channels: str | None = None,
        depth: int | None = None,
        fields: str | None = None,
        from_: str | None = None,
        kind: Literal['forward', 'mention'] | None = None,
        limit: int | None = None,
        to: str | None = None,
    ) -> "MentionGraphAnswer":
        """Who points at whom around some channels."""
        query: dict[str, Any] = {"channels": channels, "depth": depth, "fields": fields, "from": from_, "kind": kind, "limit": limit, "to": to}
        return cast("MentionGraphAnswer", self._json("GET", f"/api/v2/analytics/mention-graph", query, None))

    def mention_graph_csv(
        self,
        *,
        channels: str | None = None,
        depth: int | None = None,
        fields: str | None = None,
        from_: str | None = None,
        kind: Literal['forward', 'mention'] | None = None,
        limit: int | None = None,
        to: str | None = None,
    ) -> bytes:
        """Who points at whom around some channels."""
        query: dict[str, Any] = {"channels": channels, "depth": depth, "fields": fields, "from": from_, "kind": kind, "limit": limit, "to": to}
        return self._bytes("GET", f"/api/v2/analytics/mention-graph", query, None, accept="text/csv")

    def list_channels(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "ChannelList":
        """One page of the tracked channels, latest added first."""
        query: dict[str, Any] = {"cursor": cursor, "limit": limit}
        return cast("ChannelList", self._json("GET", f"/api/v2/channels", query, None))

    def add_channel(
        self,
        body: "AddChannelShape",
    ) -> "ChannelShape":
        """Track a channel. Waits a moment for Telegram to say who it is, so that `id` is usually known."""
        query: dict[str, Any] = {}
        return cast("ChannelShape", self._json("POST", f"/api/v2/channels", query, body))

    def read_channel(
        self,
        channel: str,
    ) -> "ChannelShape":
        """The channel and the progress of its collecting."""
        query: dict[str, Any] = {}
        return cast("ChannelShape", self._json("GET", f"/api/v2/channels/{_part(channel)}", query, None))

    def remove_channel(
        self,
        channel: str,
    ) -> None:
        """Stop tracking it. What was collected is kept for other workspaces that track it."""
        query: dict[str, Any] = {}
        self._nothing("DELETE", f"/api/v2/channels/{_part(channel)}", query, None)

    def list_notes(
        self,
        channel: str,
        *,
        from_: str | None = None,
        to: str | None = None,
    ) -> "NoteList":
        """What people of the workspace wrote, in order of time. What was observed is in `events` of the …"""
        query: dict[str, Any] = {"from": from_, "to": to}
        return cast("NoteList", self._json("GET", f"/api/v2/channels/{_part(channel)}/notes", query, None))

    def add_note(
        self,
        channel: str,
        body: "WrittenNote",
    ) -> "Note":
        """Write a note at a moment, or over [at, until)."""
        query: dict[str, Any] = {}
        return cast("Note", self._json("POST", f"/api/v2/channels/{_part(channel)}/notes", query, body))

    def read_note(
        self,
        channel: str,
        public_id: str,
    ) -> "Note":
        """The note."""
        query: dict[str, Any] = {}
        return cast("Note", self._json("GET", f"/api/v2/channels/{_part(channel)}/notes/{_part(public_id)}", query, None))

    def change_note(
        self,
        channel: str,
        public_id: str,
        body: "PatchedChangedNote",
    ) -> "Note":
        """Change what is given; `until` null makes a moment of a span."""
        query: dict[str, Any] = {}
        return cast("Note", self._json("PATCH", f"/api/v2/channels/{_part(channel)}/notes/{_part(public_id)}", query, body))

    def remove_note(
        self,
        channel: str,
        public_id: str,
    ) -> None:
        """Remove the note."""
        query: dict[str, Any] = {}
        self._nothing("DELETE", f"/api/v2/channels/{_part(channel)}/notes/{_part(public_id)}", query, None)

    def list_exports(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "ExportList":
        """One page of the exports, newest first."""
        query: dict[str, Any] = {"cursor": cursor, "limit": limit}
        return cast("ExportList", self._json("GET", f"/api/v2/exports", query, None))

    def request_export(
        self,
        body: "NewExportShape",
    ) -> "ExportShape":
        """Ask for a file. Its address answers how far it is."""
        query: dict[str, Any] = {}
        return cast("ExportShape", self._json("POST", f"/api/v2/exports", query, body))

    def all_posts(
        self,
        channel: str,
        *,
        from_: str | None = None,
        to: str | None = None,
    ) -> "AllPostsTable":
        """Every post of the channel with its latest counters, by message id; deleted ones too, with the …"""
        query: dict[str, Any] = {"from": from_, "to": to}
        return cast("AllPostsTable", self._json("GET", f"/api/v2/exports/channels/{_part(channel)}/all-posts", query, None))

    def all_posts_csv(
        self,
        channel: str,
        *,
        from_: str | None = None,
        to: str | None = None,
    ) -> bytes:
        """Every post of the channel with its latest counters, by message id; deleted ones too, with the …"""
        query: dict[str, Any] = {"from": from_, "to": to}
        return self._bytes("GET", f"/api/v2/exports/channels/{_part(channel)}/all-posts", query, None, accept="text/csv")

    def all_snapshots(
        self,
        channel: str,
        *,
        from_: str | None = None,
        to: str | None = None,
    ) -> "AllSnapshotsTable":
        """Every reading of the counters of every post, by message id and moment."""
        query: dict[str, Any] = {"from": from_, "to": to}
        return cast("AllSnapshotsTable", self._json("GET", f"/api/v2/exports/channels/{_part(channel)}/all-snapshots", query, None))

    def all_snapshots_csv(
        self,
        channel: str,
        *,
        from_: str | None = None,
        to: str | None = None,
    ) -> bytes:
        """Every reading of the counters of every post, by message id and moment."""
        query: dict[str, Any] = {"from": from_, "to": to}
        return self._bytes("GET", f"/api/v2/exports/channels/{_part(channel)}/all-snapshots", query, None, accept="text/csv")

    def read_export(
        self,
        public_id: str,
    ) -> "ExportShape":
        """How far it has come."""
        query: dict[str, Any] = {}
        return cast("ExportShape", self._json("GET", f"/api/v2/exports/{_part(public_id)}", query, None))

    def delete_export(
        self,
        public_id: str,
    ) -> None:
        """Delete it and its file."""
        query: dict[str, Any] = {}
        self._nothing("DELETE", f"/api/v2/exports/{_part(public_id)}", query, None)

    def fetch_export(
        self,
        public_id: str,
    ) -> bytes:
        """The file, while it is there; 409 before it is ready and after it has expired."""
        query: dict[str, Any] = {}
        return self._bytes("GET", f"/api/v2/exports/{_part(public_id)}/file", query, None, accept="application/octet-stream")

    def metrics(
        self,
    ) -> "MetricsAnswer":
        """Every metric: its unit, formula and sources."""
        query: dict[str, Any] = {}
        return cast("MetricsAnswer", self._json("GET", f"/api/v2/metrics", query, None))

    def list_reports(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "ReportList":
        """One page of the reports, newest first."""
        query: dict[str, Any] = {"cursor": cursor, "limit": limit}
        return cast("ReportList", self._json("GET", f"/api/v2/reports", query, None))

    def request_report(
        self,
        body: "NewReportShape",
    ) -> "ReportShape":
        """Ask for a report or a media kit. Its address answers how far it is."""
        query: dict[str, Any] = {}
        return cast("ReportShape", self._json("POST", f"/api/v2/reports", query, body))

    def read_report(
        self,
        public_id: str,
    ) -> "ReportShape":
        """How far it has come."""
        query: dict[str, Any] = {}
        return cast("ReportShape", self._json("GET", f"/api/v2/reports/{_part(public_id)}", query, None))

    def delete_report(
        self,
        public_id: str,
    ) -> None:
        """Delete it and its file."""
        query: dict[str, Any] = {}
        self._nothing("DELETE", f"/api/v2/reports/{_part(public_id)}", query, None)

    def fetch_report(
        self,
        public_id: str,
    ) -> bytes:
        """The file, while it is there; 409 before it is ready and after it has expired."""
        query: dict[str, Any] = {}
        return self._bytes("GET", f"/api/v2/reports/{_part(public_id)}/file", query, None, accept="application/octet-stream")

    def list_shared_links(
        self,
        *,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> "SharedLinkList":
        """One page of the links, newest first."""
        query: dict[str, Any] = {"cursor": cursor, "limit": limit}
        return cast("SharedLinkList", self._json("GET", f"/api/v2/shared-links", query, None))

    def create_shared_link(
        self,
        body: "NewLinkShape",
    ) -> "SharedLinkShape":
        """Share a channel."""
        query: dict[str, Any] = {}
        return cast("SharedLinkShape", self._json("POST", f"/api/v2/shared-links", query, body))

    def read_shared_link(
        self,
        public_id: str,
    ) -> "SharedLinkShape":
        """What it shows, and how often it was looked at."""
        query: dict[str, Any] = {}
        return cast("SharedLinkShape", self._json("GET", f"/api/v2/shared-links/{_part(public_id)}", query, None))

    def change_shared_link(
        self,
        public_id: str,
        body: "PatchedChangedLinkShape",
    ) -> "SharedLinkShape":
        """Change what is named; the address stays."""
        query: dict[str, Any] = {}
        return cast("SharedLinkShape", self._json("PATCH", f"/api/v2/shared-links/{_part(public_id)}", query, body))

    def revoke_shared_link(
        self,
        public_id: str,
    ) -> None:
        """Take it back: the next look finds nothing. It stays in the list as revoked."""
        query: dict[str, Any] = {}
        self._nothing("DELETE", f"/api/v2/shared-links/{_part(public_id)}", query, None)


def _part(text: str) -> str:
    return quote(str(text), safe="@+")


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refusal(error: HTTPError) -> ApiError:
    text = error.headers.get("Retry-After") or ""
    retry_after = int(text) if text.isdigit() else None
    try:
        told = json.loads(error.read())["error"]
    except (ValueError, KeyError, TypeError):
        return ApiError(error.code, "error", str(error.reason), None, retry_after)
    return ApiError(error.code, told["code"], told["message"], told["field"], retry_after)


AddChannelShape = TypedDict(
    "AddChannelShape",
    {
        "ref": str,
    },
)

AggregationEnum = Literal['additive', 'last', 'ratio']

AllPostsTable = TypedDict(
    "AllPostsTable",
    {
        "data": list[dict[str, Any]],
        "meta": dict[str, Any],
    },
)

AllSnapshotsTable = TypedDict(
    "AllSnapshotsTable",
    {
        "data": list[dict[str, Any]],
        "meta": dict[str, Any],
    },
)

AnomaliesAnswer = TypedDict(
    "AnomaliesAnswer",
    {
        "data": list["AnomalousDay"],
        "meta": "AnomaliesMeta",
    },
)

AnomaliesMeta = TypedDict(
    "AnomaliesMeta",
    {
        "threshold": Optional[float],
        "compared_days": int,
        "least_days": int,
        "days": int,
        "told": dict[str, int],
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

AnomalousDay = TypedDict(
    "AnomalousDay",
    {
        "metric": "AnomalousDayMetricEnum",
        "day": str,
        "from": str,
        "to": str,
        "value": int,
        "usual": Optional[float],
        "score": Optional[float],
        "n": int,
    },
)

AnomalousDayMetricEnum = Literal['views_gained', 'followers_change']

BasisEnum = Literal['same_age', 'lifetime', 'later']

BenchmarkBand = TypedDict(
    "BenchmarkBand",
    {
        "subscribers_from": int,
        "subscribers_below": Optional[int],
        "metric": "RateName",
        "channels": int,
        "p10": Optional[float],
        "p25": Optional[float],
        "p50": Optional[float],
        "p75": Optional[float],
        "p90": Optional[float],
        "note": Optional[str],
    },
)

BenchmarkStanding = TypedDict(
    "BenchmarkStanding",
    {
        "subscribers_from": int,
        "subscribers_below": Optional[int],
        "metric": "RateName",
        "channels": int,
        "value": Optional[float],
        "percentile": Optional[float],
        "note": Optional[str],
    },
)

Benchmarks = TypedDict(
    "Benchmarks",
    {
        "bands": list["BenchmarkBand"],
        "standing": list["BenchmarkStanding"],
    },
)

BenchmarksAnswer = TypedDict(
    "BenchmarksAnswer",
    {
        "data": "Benchmarks",
        "meta": "BenchmarksMeta",
    },
)

BenchmarksMeta = TypedDict(
    "BenchmarksMeta",
    {
        "computed_at": Optional[str],
        "since": Optional[str],
        "until": Optional[str],
        "channels": Optional[int],
        "least_channels": int,
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

BestTime = TypedDict(
    "BestTime",
    {
        "points": list["BestTimeCell"],
        "best": list["BestTimeCell"],
        "weekdays": list["BestTimeWeekday"],
        "hours": list["BestTimeHour"],
    },
)

BestTimeAnswer = TypedDict(
    "BestTimeAnswer",
    {
        "data": "BestTime",
        "meta": "BestTimeMeta",
    },
)

BestTimeCell = TypedDict(
    "BestTimeCell",
    {
        "weekday": int,
        "hour": int,
        "posts": int,
        "median": Optional[float],
        "effect": Optional[float],
        "enough": bool,
    },
)

BestTimeHour = TypedDict(
    "BestTimeHour",
    {
        "hour": int,
        "posts": int,
        "effect": Optional[float],
    },
)

BestTimeMeta = TypedDict(
    "BestTimeMeta",
    {
        "shrinkage": int,
        "ends_with": "EndsWithEnum",
        "posts": int,
        "compared": int,
        "measured_by": "MeasuredBy",
        "most_posts": int,
        "least_posts": int,
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

BestTimeWeekday = TypedDict(
    "BestTimeWeekday",
    {
        "weekday": int,
        "posts": int,
        "effect": Optional[float],
    },
)

ByEnum = Literal['media', 'length', 'hashtag', 'emoji', 'link', 'forwarded', 'weekday', 'hour']

CadenceEnum = Literal['live', 'hourly', 'daily']

Calendar = TypedDict(
    "Calendar",
    {
        "points": list["CalendarDay"],
    },
)

CalendarAnswer = TypedDict(
    "CalendarAnswer",
    {
        "data": "Calendar",
        "meta": "CalendarMeta",
    },
)

CalendarDay = TypedDict(
    "CalendarDay",
    {
        "t": str,
        "day": str,
        "posts": Optional[int],
        "views": Optional[int],
        "views_gained": Optional[int],
        "reach": Optional[float],
        "joined": Optional[int],
        "left": Optional[int],
    },
)

CalendarMeta = TypedDict(
    "CalendarMeta",
    {
        "gaps": list["Gap"],
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

ChannelEvent = TypedDict(
    "ChannelEvent",
    {
        "kind": "ChannelEventKindEnum",
        "at": str,
        "until": Optional[str],
        "name": Optional[str],
        "title": Optional[str],
        "subscribers": Optional[int],
        "count": Optional[int],
        "msg_id": Optional[int],
        "permalink": Optional[str],
        "old": Optional[str],
        "new": Optional[str],
        "score": Optional[float],
    },
)

ChannelEventKindEnum = Literal['mention', 'forward', 'ahead', 'gap', 'import', 'title', 'username']

ChannelList = TypedDict(
    "ChannelList",
    {
        "meta": "ListMeta",
        "data": list["ChannelShape"],
    },
)

ChannelShape = TypedDict(
    "ChannelShape",
    {
        "id": Optional[int],
        "username": Optional[str],
        "title": Optional[str],
        "subscribers": Optional[int],
        "subscribers_at": Optional[str],
        "relation": "RelationEnum",
        "name": str,
        "added_at": str,
        "sync": "SyncShape",
    },
)

CitationFormula = TypedDict(
    "CitationFormula",
    {
        "text": str,
        "d": float,
        "w": str,
        "W": str,
        "D": str,
        "N": str,
        "tolerance": float,
    },
)

CitationIndexAnswer = TypedDict(
    "CitationIndexAnswer",
    {
        "data": list["CitationRow"],
        "meta": "CitationIndexMeta",
    },
)

CitationIndexMeta = TypedDict(
    "CitationIndexMeta",
    {
        "formula": "CitationFormula",
        "computed_at": Optional[str],
        "channels": Optional[int],
        "edges": Optional[int],
        "iterations": Optional[int],
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

CitationRow = TypedDict(
    "CitationRow",
    {
        "channel": str,
        "id": Optional[int],
        "title": str,
        "subscribers": Optional[int],
        "rank": Optional[float],
        "index": Optional[float],
        "place": Optional[int],
        "citing_channels": Optional[int],
        "citing_posts": Optional[int],
    },
)

Compare = TypedDict(
    "Compare",
    {
        "channels": list["ComparedChannel"],
        "points": list["ComparedPoint"],
    },
)

CompareAnswer = TypedDict(
    "CompareAnswer",
    {
        "data": "Compare",
        "meta": "CompareMeta",
    },
)

CompareMeta = TypedDict(
    "CompareMeta",
    {
        "window": str,
        "previous_period": "Period",
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

ComparedChannel = TypedDict(
    "ComparedChannel",
    {
        "channel": str,
        "id": Optional[int],
        "title": str,
        "totals": "ComparedTotals",
        "previous": "ComparedTotals",
        "provenance": dict[str, "Provenance"],
    },
)

ComparedPoint = TypedDict(
    "ComparedPoint",
    {
        "channel": str,
        "t": str,
        "to": str,
        "posts": NotRequired[Optional[int]],
        "forwarded_posts": NotRequired[Optional[int]],
        "views": NotRequired[Optional[int]],
        "forwards": NotRequired[Optional[int]],
        "replies": NotRequired[Optional[int]],
        "reactions": NotRequired[Optional[int]],
        "avg_reach": NotRequired[Optional[float]],
        "err": NotRequired[Optional[float]],
        "er_views": NotRequired[Optional[float]],
        "er_subs": NotRequired[Optional[float]],
        "er_day": NotRequired[Optional[float]],
        "reactions_subs": NotRequired[Optional[float]],
        "replies_subs": NotRequired[Optional[float]],
        "virality": NotRequired[Optional[float]],
        "err24": NotRequired[Optional[float]],
        "reach_12h": NotRequired[Optional[float]],
        "reach_24h": NotRequired[Optional[float]],
        "reach_48h": NotRequired[Optional[float]],
        "followers": NotRequired[Optional[int]],
        "followers_change": NotRequired[Optional[int]],
        "growth_rate": NotRequired[Optional[float]],
        "views_gained": NotRequired[Optional[int]],
        "forwards_gained": NotRequired[Optional[int]],
        "replies_gained": NotRequired[Optional[int]],
        "reactions_gained": NotRequired[Optional[int]],
        "joined": NotRequired[Optional[int]],
        "left": NotRequired[Optional[int]],
        "muted": NotRequired[Optional[int]],
        "unmuted": NotRequired[Optional[int]],
        "day_views": NotRequired[Optional[int]],
        "day_shares": NotRequired[Optional[int]],
        "day_reactions": NotRequired[Optional[int]],
        "net": NotRequired[Optional[int]],
        "daily_reach": NotRequired[Optional[float]],
        "notifications": NotRequired[Optional[float]],
    },
)

ComparedTotals = TypedDict(
    "ComparedTotals",
    {
        "posts": NotRequired[Optional[int]],
        "forwarded_posts": NotRequired[Optional[int]],
        "views": NotRequired[Optional[int]],
        "forwards": NotRequired[Optional[int]],
        "replies": NotRequired[Optional[int]],
        "reactions": NotRequired[Optional[int]],
        "avg_reach": NotRequired[Optional[float]],
        "err": NotRequired[Optional[float]],
        "er_views": NotRequired[Optional[float]],
        "er_subs": NotRequired[Optional[float]],
        "er_day": NotRequired[Optional[float]],
        "reactions_subs": NotRequired[Optional[float]],
        "replies_subs": NotRequired[Optional[float]],
        "virality": NotRequired[Optional[float]],
        "err24": NotRequired[Optional[float]],
        "reach_12h": NotRequired[Optional[float]],
        "reach_24h": NotRequired[Optional[float]],
        "reach_48h": NotRequired[Optional[float]],
        "followers": NotRequired[Optional[int]],
        "followers_change": NotRequired[Optional[int]],
        "growth_rate": NotRequired[Optional[float]],
        "views_gained": NotRequired[Optional[int]],
        "forwards_gained": NotRequired[Optional[int]],
        "replies_gained": NotRequired[Optional[int]],
        "reactions_gained": NotRequired[Optional[int]],
        "joined": NotRequired[Optional[int]],
        "left": NotRequired[Optional[int]],
        "muted": NotRequired[Optional[int]],
        "unmuted": NotRequired[Optional[int]],
        "day_views": NotRequired[Optional[int]],
        "day_shares": NotRequired[Optional[int]],
        "day_reactions": NotRequired[Optional[int]],
        "net": NotRequired[Optional[int]],
        "daily_reach": NotRequired[Optional[float]],
        "notifications": NotRequired[Optional[float]],
    },
)

ContentEffect = TypedDict(
    "ContentEffect",
    {
        "group": str,
        "posts": int,
        "n": int,
        "reach": Optional[float],
        "effect": Optional[float],
        "low": Optional[float],
        "high": Optional[float],
        "enough": bool,
        "stands_out": Optional[bool],
        "er_views": Optional[float],
        "note": Optional[str],
    },
)

ContentEffectsAnswer = TypedDict(
    "ContentEffectsAnswer",
    {
        "data": list["ContentEffect"],
        "meta": "ContentEffectsMeta",
    },
)

ContentEffectsMeta = TypedDict(
    "ContentEffectsMeta",
    {
        "by": "ByEnum",
        "confidence": Optional[float],
        "tested": int,
        "left_out": int,
        "ends_with": "EndsWithEnum",
        "posts": int,
        "compared": int,
        "measured_by": "MeasuredBy",
        "most_posts": int,
        "least_posts": int,
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

Curve = TypedDict(
    "Curve",
    {
        "msg_id": int,
        "date": str,
        "points": list["CurveReading"],
        "curve_dropped_at": Optional[str],
        "half_life_seconds": Optional[int],
        "half_life_note": Optional["HalfLifeNoteEnum"],
        "ages": list["CurveAtAge"],
    },
)

CurveAnswer = TypedDict(
    "CurveAnswer",
    {
        "data": "Curve",
        "meta": "CurveMeta",
    },
)

CurveAtAge = TypedDict(
    "CurveAtAge",
    {
        "age": str,
        "age_seconds": int,
        "views": Optional[float],
        "share": Optional[float],
    },
)

CurveMeta = TypedDict(
    "CurveMeta",
    {
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

CurveReading = TypedDict(
    "CurveReading",
    {
        "t": str,
        "age_seconds": int,
        "views": Optional[int],
        "forwards": Optional[int],
        "replies": Optional[int],
        "reactions": Optional[int],
        "source": str,
        "approximate": bool,
    },
)

EndsWithEnum = Literal['to', 'now', 'latest_post']

Error = TypedDict(
    "Error",
    {
        "error": dict[str, Any],
    },
)

EventNow = TypedDict(
    "EventNow",
    {
        "kind": "LedgerKind",
        "at": str,
        "msg_id": int,
        "date": str,
        "title": str,
        "permalink": Optional[str],
    },
)

EventsAnswer = TypedDict(
    "EventsAnswer",
    {
        "data": list["ChannelEvent"],
        "meta": "EventsMeta",
    },
)

EventsMeta = TypedDict(
    "EventsMeta",
    {
        "big_share": Optional[float],
        "big_least": int,
        "least_gap_hours": Optional[float],
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

ExportFormat = Literal['csv', 'xlsx', 'json', 'png', 'svg']

ExportList = TypedDict(
    "ExportList",
    {
        "data": list["ExportShape"],
        "meta": "ExportListMeta",
    },
)

ExportListMeta = TypedDict(
    "ExportListMeta",
    {
        "next": Optional[str],
    },
)

ExportShape = TypedDict(
    "ExportShape",
    {
        "id": str,
        "what": str,
        "channel": Optional[str],
        "parameters": dict[str, str],
        "format": "ExportFormat",
        "state": "FileState",
        "rows": int,
        "total": Optional[int],
        "size": Optional[int],
        "created_at": str,
        "finished_at": Optional[str],
        "expires_at": Optional[str],
        "error": Optional[str],
        "file": Optional[str],
    },
)

FileState = Literal['queued', 'running', 'ready', 'failed', 'expired']

ForwardOrigin = TypedDict(
    "ForwardOrigin",
    {
        "channel_id": Optional[int],
        "username": Optional[str],
        "name": Optional[str],
        "msg_id": Optional[int],
        "date": Optional[str],
        "permalink": Optional[str],
    },
)

Gap = TypedDict(
    "Gap",
    {
        "from": str,
        "to": str,
    },
)

GraphEdge = TypedDict(
    "GraphEdge",
    {
        "src": str,
        "dst": str,
        "kind": str,
        "count": int,
        "first_at": str,
        "last_at": str,
    },
)

GraphNode = TypedDict(
    "GraphNode",
    {
        "name": str,
        "id": Optional[int],
        "title": str,
        "subscribers": Optional[int],
        "tracked": bool,
        "asked": bool,
        "incoming": int,
        "outgoing": int,
    },
)

Growth = TypedDict(
    "Growth",
    {
        "points": list["GrowthPoint"],
    },
)

GrowthAnswer = TypedDict(
    "GrowthAnswer",
    {
        "data": "Growth",
        "meta": "GrowthMeta",
    },
)

GrowthMeta = TypedDict(
    "GrowthMeta",
    {
        "gaps": list["Gap"],
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

GrowthPoint = TypedDict(
    "GrowthPoint",
    {
        "t": str,
        "y": Optional[int],
        "joined": Optional[int],
        "left": Optional[int],
        "net": Optional[int],
        "source": Optional[str],
    },
)

HalfLifeNoteEnum = Literal['forward', 'deleted', 'too_young', 'not_kept', 'not_observed', 'no_views', 'first_seen_late']

HourNow = TypedDict(
    "HourNow",
    {
        "t": str,
        "views": Optional[int],
        "coverage": Optional[float],
        "usual": Optional[float],
        "n": int,
    },
)

LedgerAnswer = TypedDict(
    "LedgerAnswer",
    {
        "data": list["LedgerEntry"],
        "meta": "LedgerMeta",
    },
)

LedgerEntry = TypedDict(
    "LedgerEntry",
    {
        "kind": "LedgerKind",
        "at": str,
        "msg_id": int,
        "date": str,
        "age_seconds": int,
        "title": str,
        "permalink": Optional[str],
        "seen_before": Optional[str],
        "before": Optional[str],
        "after": Optional[str],
        "stood_hours": Optional[float],
        "stood_hours_at_least": Optional[float],
        "views": Optional[int],
        "forwards": Optional[int],
        "replies": Optional[int],
        "reactions": Optional[int],
        "source": Optional[str],
        "observed_at": Optional[str],
        "approximate": bool,
    },
)

LedgerKind = Literal['edit', 'deletion']

LedgerMeta = TypedDict(
    "LedgerMeta",
    {
        "next": NotRequired[str],
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

LinkState = Literal['live', 'expired', 'revoked']

ListMeta = TypedDict(
    "ListMeta",
    {
        "next": Optional[str],
    },
)

ListedPost = TypedDict(
    "ListedPost",
    {
        "msg_id": int,
        "date": str,
        "views": Optional[int],
        "forwards": Optional[int],
        "replies": Optional[int],
        "reactions": Optional[int],
        "er_views": Optional[float],
        "virality": Optional[float],
        "title": str,
        "permalink": Optional[str],
        "media": str,
        "album_size": int,
        "is_forward": bool,
        "pinned": bool,
        "edited_at": Optional[str],
        "deleted_at": Optional[str],
        "source": Optional[str],
        "observed_at": Optional[str],
        "approximate": bool,
    },
)

MeasuredBy = TypedDict(
    "MeasuredBy",
    {
        "24h": int,
        "lifetime": int,
    },
)

MentionGraph = TypedDict(
    "MentionGraph",
    {
        "nodes": list["GraphNode"],
        "edges": list["GraphEdge"],
    },
)

MentionGraphAnswer = TypedDict(
    "MentionGraphAnswer",
    {
        "data": "MentionGraph",
        "meta": "MentionGraphMeta",
    },
)

MentionGraphMeta = TypedDict(
    "MentionGraphMeta",
    {
        "truncated": bool,
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

MethodEnum = Literal['zscore', 'ewma']

Metric = TypedDict(
    "Metric",
    {
        "name": str,
        "label": str,
        "unit": "UnitEnum",
        "formula": str,
        "sources": list["SourcesEnum"],
        "aggregation": "AggregationEnum",
        "cadence": "CadenceEnum",
        "owners_only": bool,
    },
)

MetricsAnswer = TypedDict(
    "MetricsAnswer",
    {
        "data": list["Metric"],
        "meta": "MetricsMeta",
    },
)

MetricsMeta = TypedDict(
    "MetricsMeta",
    {
        "generated_at": str,
    },
)

NewExportShape = TypedDict(
    "NewExportShape",
    {
        "what": str,
        "channel": NotRequired[str],
        "format": "ExportFormat",
        "parameters": NotRequired[dict[str, str]],
    },
)

NewLinkShape = TypedDict(
    "NewLinkShape",
    {
        "name": NotRequired[str],
        "expires_at": NotRequired[str],
        "preset": NotRequired[Optional["PresetEnum"]],
        "first_day": NotRequired[Optional[str]],
        "last_day": NotRequired[Optional[str]],
        "sections": NotRequired[list["SharedSection"]],
        "owner_facts": NotRequired[bool],
        "compares": NotRequired[bool],
        "exports": NotRequired[bool],
        "theme": NotRequired["ThemeEnum"],
        "frame_ancestors": NotRequired[list[str]],
        "password": NotRequired[Optional[str]],
        "channel": str,
    },
)

NewReportShape = TypedDict(
    "NewReportShape",
    {
        "channel": str,
        "format": NotRequired["ReportFormat"],
        "kind": NotRequired["ReportKind"],
        "first": NotRequired[str],
        "last": NotRequired[str],
        "sections": NotRequired[list["ReportSection"]],
    },
)

Note = TypedDict(
    "Note",
    {
        "id": str,
        "at": str,
        "until": Optional[str],
        "text": str,
        "author": Optional[str],
        "created_at": str,
        "changed_at": str,
    },
)

NoteList = TypedDict(
    "NoteList",
    {
        "data": list["Note"],
        "meta": "NotesMeta",
    },
)

NotesMeta = TypedDict(
    "NotesMeta",
    {
        "most": int,
    },
)

Now = TypedDict(
    "Now",
    {
        "hour": "RunningHour",
        "hours": list["HourNow"],
        "subscribers": "SubscribersNow",
        "posts": list["YoungPost"],
        "events": list["EventNow"],
    },
)

NowAnswer = TypedDict(
    "NowAnswer",
    {
        "data": "Now",
        "meta": "NowMeta",
    },
)

NowMeta = TypedDict(
    "NowMeta",
    {
        "gaps": list["Gap"],
        "usual_days": int,
        "least_days": int,
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

OfficialGraph = TypedDict(
    "OfficialGraph",
    {
        "graph": str,
        "form": str,
        "loads": int,
        "loaded_at": str,
        "error": Optional[str],
        "raw": Any,
        "resolution": Optional[str],
        "percentage": Optional[bool],
        "stacked": Optional[bool],
        "passed_over": Optional[int],
        "series": list["OfficialSeries"],
        "points": list["OfficialPoint"],
    },
)

OfficialGraphAnswer = TypedDict(
    "OfficialGraphAnswer",
    {
        "data": "OfficialGraph",
        "meta": "OfficialGraphMeta",
    },
)

OfficialGraphHead = TypedDict(
    "OfficialGraphHead",
    {
        "graph": str,
        "loads": int,
        "loaded_at": str,
        "error": Optional[str],
        "first": Optional[str],
        "last": Optional[str],
        "resolution": Optional[str],
    },
)

OfficialGraphMeta = TypedDict(
    "OfficialGraphMeta",
    {
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

OfficialGraphsAnswer = TypedDict(
    "OfficialGraphsAnswer",
    {
        "data": list["OfficialGraphHead"],
        "meta": "OfficialGraphsMeta",
    },
)

OfficialGraphsMeta = TypedDict(
    "OfficialGraphsMeta",
    {
        "reason": Optional[str],
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

OfficialPoint = TypedDict(
    "OfficialPoint",
    {
        "t": Optional[str],
        "index": Optional[int],
        "values": list[Optional[float]],
    },
)

OfficialSeries = TypedDict(
    "OfficialSeries",
    {
        "name": str,
        "type": str,
    },
)

OfficialSources = TypedDict(
    "OfficialSources",
    {
        "views_by_source": dict[str, int],
        "new_followers_by_source": dict[str, int],
        "source": Optional[str],
        "observed_at": Optional[str],
        "coverage": Optional[float],
    },
)

Overview = TypedDict(
    "Overview",
    {
        "posts": Optional[int],
        "forwarded_posts": Optional[int],
        "views": Optional[int],
        "forwards": Optional[int],
        "replies": Optional[int],
        "reactions": Optional[int],
        "avg_reach": Optional[float],
        "err": Optional[float],
        "reach_12h": Optional[float],
        "reach_24h": Optional[float],
        "reach_48h": Optional[float],
        "err24": Optional[float],
        "er_views": Optional[float],
        "er_subs": Optional[float],
        "virality": Optional[float],
        "followers": Optional[int],
        "followers_change": Optional[int],
        "growth_rate": Optional[float],
        "views_gained": Optional[int],
        "previous": "OverviewNumbers",
    },
)

OverviewAnswer = TypedDict(
    "OverviewAnswer",
    {
        "data": "Overview",
        "meta": "OverviewMeta",
    },
)

OverviewMeta = TypedDict(
    "OverviewMeta",
    {
        "previous_period": "Period",
        "previous_provenance": dict[str, "Provenance"],
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

OverviewNumbers = TypedDict(
    "OverviewNumbers",
    {
        "posts": Optional[int],
        "forwarded_posts": Optional[int],
        "views": Optional[int],
        "forwards": Optional[int],
        "replies": Optional[int],
        "reactions": Optional[int],
        "avg_reach": Optional[float],
        "err": Optional[float],
        "reach_12h": Optional[float],
        "reach_24h": Optional[float],
        "reach_48h": Optional[float],
        "err24": Optional[float],
        "er_views": Optional[float],
        "er_subs": Optional[float],
        "virality": Optional[float],
        "followers": Optional[int],
        "followers_change": Optional[int],
        "growth_rate": Optional[float],
        "views_gained": Optional[int],
    },
)

PatchedChangedLinkShape = TypedDict(
    "PatchedChangedLinkShape",
    {
        "name": NotRequired[str],
        "expires_at": NotRequired[str],
        "preset": NotRequired[Optional["PresetEnum"]],
        "first_day": NotRequired[Optional[str]],
        "last_day": NotRequired[Optional[str]],
        "sections": NotRequired[list["SharedSection"]],
        "owner_facts": NotRequired[bool],
        "compares": NotRequired[bool],
        "exports": NotRequired[bool],
        "theme": NotRequired["ThemeEnum"],
        "frame_ancestors": NotRequired[list[str]],
        "password": NotRequired[Optional[str]],
    },
)

PatchedChangedNote = TypedDict(
    "PatchedChangedNote",
    {
        "text": NotRequired[str],
        "at": NotRequired[str],
        "until": NotRequired[Optional[str]],
    },
)

Period = TypedDict(
    "Period",
    {
        "from": str,
        "to": str,
        "zone": str,
    },
)

PollOption = TypedDict(
    "PollOption",
    {
        "text": str,
        "votes": Optional[int],
    },
)

Post = TypedDict(
    "Post",
    {
        "msg_id": int,
        "item_ids": list[int],
        "album_size": int,
        "date": str,
        "permalink": Optional[str],
        "edited_at": Optional[str],
        "deleted_at": Optional[str],
        "first_seen_at": str,
        "first_source": str,
        "title": str,
        "text": str,
        "entities": list["PostEntity"],
        "hashtags": list[str],
        "media": str,
        "author": Optional[str],
        "reply_to": Optional[int],
        "silent": bool,
        "pinned": bool,
        "is_forward": bool,
        "poll": Optional["PostPoll"],
        "views": Optional[int],
        "forwards": Optional[int],
        "replies": Optional[int],
        "reactions": Optional[int],
        "reactions_by_kind": Optional[list["ReactionKind"]],
        "er_views": Optional[float],
        "virality": Optional[float],
        "source": Optional[str],
        "observed_at": Optional[str],
        "approximate": bool,
        "forward": Optional["ForwardOrigin"],
        "revisions": list["PostRevision"],
        "references": list["PostReference"],
        "public_forwards": Optional[list["PublicForward"]],
        "curve": list["CurveReading"],
        "curve_dropped_at": Optional[str],
        "half_life_seconds": Optional[int],
        "half_life_note": Optional["HalfLifeNoteEnum"],
        "ages": list["PostAtAge"],
    },
)

PostAnswer = TypedDict(
    "PostAnswer",
    {
        "data": "Post",
        "meta": "PostMeta",
    },
)

PostAtAge = TypedDict(
    "PostAtAge",
    {
        "age": str,
        "age_seconds": int,
        "views": Optional[float],
        "share": Optional[float],
        "expected_low": Optional[float],
        "expected_median": Optional[float],
        "expected_high": Optional[float],
        "expected_n": int,
    },
)

PostEntity = TypedDict(
    "PostEntity",
    {
        "kind": str,
        "offset": int,
        "length": int,
        "url": Optional[str],
    },
)

PostMeta = TypedDict(
    "PostMeta",
    {
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

PostPoll = TypedDict(
    "PostPoll",
    {
        "question": str,
        "options": list["PollOption"],
        "total_voters": Optional[int],
        "closed": bool,
    },
)

PostReference = TypedDict(
    "PostReference",
    {
        "kind": str,
        "url": Optional[str],
        "username": Optional[str],
        "msg_id": Optional[int],
    },
)

PostRevision = TypedDict(
    "PostRevision",
    {
        "text": str,
        "seen_at": str,
        "replaced_at": str,
    },
)

PostsAnswer = TypedDict(
    "PostsAnswer",
    {
        "data": list["ListedPost"],
        "meta": "PostsMeta",
    },
)

PostsMeta = TypedDict(
    "PostsMeta",
    {
        "next": NotRequired[str],
        "note": NotRequired[str],
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

PresetEnum = Literal['today', 'yesterday', '24h', '7d', '28d', '90d', '365d', 'month', 'last-month', 'year', 'all']

Provenance = TypedDict(
    "Provenance",
    {
        "source": Optional[str],
        "observed_at": Optional[str],
        "coverage": Optional[float],
        "note": NotRequired[str],
    },
)

PublicForward = TypedDict(
    "PublicForward",
    {
        "channel_id": int,
        "username": Optional[str],
        "title": Optional[str],
        "msg_id": int,
        "date": Optional[str],
        "views": Optional[int],
        "first_seen_at": str,
        "last_seen_at": str,
        "permalink": Optional[str],
    },
)

RateName = Literal['err', 'err24', 'er_views', 'virality']

Reach = TypedDict(
    "Reach",
    {
        "points": list["ReachPoint"],
        "at_age": "ReachAtAge",
    },
)

ReachAnswer = TypedDict(
    "ReachAnswer",
    {
        "data": "Reach",
        "meta": "ReachMeta",
    },
)

ReachAtAge = TypedDict(
    "ReachAtAge",
    {
        "12h": Optional[float],
        "24h": Optional[float],
        "48h": Optional[float],
    },
)

ReachMeta = TypedDict(
    "ReachMeta",
    {
        "gaps": list["Gap"],
        "at_age": "ReachReadings",
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

ReachPoint = TypedDict(
    "ReachPoint",
    {
        "t": str,
        "y": Optional[float],
        "posts": int,
    },
)

ReachReading = TypedDict(
    "ReachReading",
    {
        "posts": int,
        "old_enough": int,
        "true_age_hours": Optional[float],
        "tolerance_hours": Optional[float],
    },
)

ReachReadings = TypedDict(
    "ReachReadings",
    {
        "12h": "ReachReading",
        "24h": "ReachReading",
        "48h": "ReachReading",
    },
)

ReactionKind = TypedDict(
    "ReactionKind",
    {
        "kind": str,
        "count": int,
    },
)

ReconciledDay = TypedDict(
    "ReconciledDay",
    {
        "t": str,
        "day": str,
        "subscribers": "ReconciledSubscribers",
        "views": "ReconciledFigure",
        "shares": "ReconciledFigure",
        "reactions": "ReconciledFigure",
    },
)

ReconciledFigure = TypedDict(
    "ReconciledFigure",
    {
        "official": Optional[int],
        "counted": Optional[int],
        "difference": Optional[int],
        "coverage": Optional[float],
        "forwarded": Optional[int],
        "deleted": Optional[int],
        "before_watched": Optional[int],
        "unwatched": Optional[int],
        "unexplained": Optional[int],
    },
)

ReconciledSubscribers = TypedDict(
    "ReconciledSubscribers",
    {
        "official": Optional[int],
        "counted": Optional[int],
        "counted_at": Optional[str],
        "difference": Optional[int],
    },
)

ReconciledTotals = TypedDict(
    "ReconciledTotals",
    {
        "views": "ReconciledFigure",
        "shares": "ReconciledFigure",
        "reactions": "ReconciledFigure",
    },
)

Reconciliation = TypedDict(
    "Reconciliation",
    {
        "points": list["ReconciledDay"],
        "totals": "ReconciledTotals",
    },
)

ReconciliationAnswer = TypedDict(
    "ReconciliationAnswer",
    {
        "data": "Reconciliation",
        "meta": "ReconciliationMeta",
    },
)

ReconciliationMeta = TypedDict(
    "ReconciliationMeta",
    {
        "gaps": list["Gap"],
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

RelationEnum = Literal['owned', 'watched']

ReportFormat = Literal['pdf', 'xlsx', 'html', 'png']

ReportKind = Literal['report', 'kit']

ReportList = TypedDict(
    "ReportList",
    {
        "data": list["ReportShape"],
        "meta": "ReportListMeta",
    },
)

ReportListMeta = TypedDict(
    "ReportListMeta",
    {
        "next": Optional[str],
    },
)

ReportSection = Literal['sentences', 'charts', 'posts', 'sources']

ReportShape = TypedDict(
    "ReportShape",
    {
        "id": str,
        "kind": "ReportKind",
        "channel": str,
        "format": "ReportFormat",
        "language": str,
        "first": str,
        "last": str,
        "sections": list["ReportSection"],
        "state": "FileState",
        "size": Optional[int],
        "created_at": str,
        "finished_at": Optional[str],
        "expires_at": Optional[str],
        "error": Optional[str],
        "file": Optional[str],
    },
)

RunningHour = TypedDict(
    "RunningHour",
    {
        "t": str,
        "minutes": int,
        "views": Optional[int],
        "usual": Optional[float],
        "usual_by_now": Optional[float],
    },
)

SharedLinkList = TypedDict(
    "SharedLinkList",
    {
        "data": list["SharedLinkShape"],
        "meta": "SharedLinkListMeta",
    },
)

SharedLinkListMeta = TypedDict(
    "SharedLinkListMeta",
    {
        "next": Optional[str],
    },
)

SharedLinkShape = TypedDict(
    "SharedLinkShape",
    {
        "id": str,
        "channel": str,
        "name": str,
        "prefix": str,
        "address": Optional[str],
        "state": "LinkState",
        "created_at": str,
        "expires_at": str,
        "revoked_at": Optional[str],
        "has_password": bool,
        "preset": Optional[str],
        "first_day": Optional[str],
        "last_day": Optional[str],
        "sections": list["SharedSection"],
        "owner_facts": bool,
        "compares": bool,
        "exports": bool,
        "theme": "ThemeEnum",
        "frame_ancestors": list[str],
        "views": int,
        "last_viewed_at": Optional[str],
    },
)

SharedSection = Literal['overview', 'growth', 'posts', 'timing', 'content', 'trending', 'sources', 'audience']

SourceExample = TypedDict(
    "SourceExample",
    {
        "msg_id": int,
        "date": str,
        "permalink": Optional[str],
    },
)

SourceRow = TypedDict(
    "SourceRow",
    {
        "examples": list["SourceExample"],
        "src": str,
        "dst": str,
        "count": int,
        "kind": str,
        "src_id": Optional[int],
        "src_title": Optional[str],
        "src_subscribers": Optional[int],
        "dst_id": Optional[int],
        "dst_title": Optional[str],
        "dst_subscribers": Optional[int],
        "views": Optional[int],
        "first_at": str,
        "last_at": str,
        "evidence": list[str],
    },
)

SourcesAnswer = TypedDict(
    "SourcesAnswer",
    {
        "data": list["SourceRow"],
        "meta": "SourcesMeta",
    },
)

SourcesEnum = Literal['official', 'bot', 'mtproto', 'import', 'preview']

SourcesMeta = TypedDict(
    "SourcesMeta",
    {
        "official": Optional["OfficialSources"],
        "direction": str,
        "total": Optional[int],
        "total_posts": Optional[int],
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

StandingEnum = Literal['above', 'within', 'below']

Statistics = TypedDict(
    "Statistics",
    {
        "points": list["StatisticsPoint"],
        "totals": "StatisticsTotals",
        "series": dict[str, "StatisticsOrigin"],
        "comparison": Optional["StatisticsComparison"],
    },
)

StatisticsAnswer = TypedDict(
    "StatisticsAnswer",
    {
        "data": "Statistics",
        "meta": "StatisticsMeta",
    },
)

StatisticsChange = TypedDict(
    "StatisticsChange",
    {
        "difference": Optional[float],
        "percent": Optional[float],
    },
)

StatisticsComparison = TypedDict(
    "StatisticsComparison",
    {
        "kind": str,
        "period": "Period",
        "points": list["StatisticsPoint"],
        "totals": "StatisticsTotals",
        "change": dict[str, "StatisticsChange"],
    },
)

StatisticsMeta = TypedDict(
    "StatisticsMeta",
    {
        "gaps": list["Gap"],
        "window": str,
        "comparison_provenance": Optional[dict[str, "Provenance"]],
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

StatisticsOrigin = TypedDict(
    "StatisticsOrigin",
    {
        "source": list[Optional[str]],
        "coverage": list[Optional[float]],
    },
)

StatisticsPoint = TypedDict(
    "StatisticsPoint",
    {
        "t": str,
        "to": str,
        "posts": NotRequired[Optional[int]],
        "forwarded_posts": NotRequired[Optional[int]],
        "views": NotRequired[Optional[int]],
        "forwards": NotRequired[Optional[int]],
        "replies": NotRequired[Optional[int]],
        "reactions": NotRequired[Optional[int]],
        "avg_reach": NotRequired[Optional[float]],
        "err": NotRequired[Optional[float]],
        "er_views": NotRequired[Optional[float]],
        "er_subs": NotRequired[Optional[float]],
        "er_day": NotRequired[Optional[float]],
        "reactions_subs": NotRequired[Optional[float]],
        "replies_subs": NotRequired[Optional[float]],
        "virality": NotRequired[Optional[float]],
        "err24": NotRequired[Optional[float]],
        "reach_12h": NotRequired[Optional[float]],
        "reach_24h": NotRequired[Optional[float]],
        "reach_48h": NotRequired[Optional[float]],
        "followers": NotRequired[Optional[int]],
        "followers_change": NotRequired[Optional[int]],
        "growth_rate": NotRequired[Optional[float]],
        "views_gained": NotRequired[Optional[int]],
        "forwards_gained": NotRequired[Optional[int]],
        "replies_gained": NotRequired[Optional[int]],
        "reactions_gained": NotRequired[Optional[int]],
        "joined": NotRequired[Optional[int]],
        "left": NotRequired[Optional[int]],
        "muted": NotRequired[Optional[int]],
        "unmuted": NotRequired[Optional[int]],
        "day_views": NotRequired[Optional[int]],
        "day_shares": NotRequired[Optional[int]],
        "day_reactions": NotRequired[Optional[int]],
        "net": NotRequired[Optional[int]],
        "daily_reach": NotRequired[Optional[float]],
        "notifications": NotRequired[Optional[float]],
    },
)

StatisticsTotals = TypedDict(
    "StatisticsTotals",
    {
        "posts": NotRequired[Optional[int]],
        "forwarded_posts": NotRequired[Optional[int]],
        "views": NotRequired[Optional[int]],
        "forwards": NotRequired[Optional[int]],
        "replies": NotRequired[Optional[int]],
        "reactions": NotRequired[Optional[int]],
        "avg_reach": NotRequired[Optional[float]],
        "err": NotRequired[Optional[float]],
        "er_views": NotRequired[Optional[float]],
        "er_subs": NotRequired[Optional[float]],
        "er_day": NotRequired[Optional[float]],
        "reactions_subs": NotRequired[Optional[float]],
        "replies_subs": NotRequired[Optional[float]],
        "virality": NotRequired[Optional[float]],
        "err24": NotRequired[Optional[float]],
        "reach_12h": NotRequired[Optional[float]],
        "reach_24h": NotRequired[Optional[float]],
        "reach_48h": NotRequired[Optional[float]],
        "followers": NotRequired[Optional[int]],
        "followers_change": NotRequired[Optional[int]],
        "growth_rate": NotRequired[Optional[float]],
        "views_gained": NotRequired[Optional[int]],
        "forwards_gained": NotRequired[Optional[int]],
        "replies_gained": NotRequired[Optional[int]],
        "reactions_gained": NotRequired[Optional[int]],
        "joined": NotRequired[Optional[int]],
        "left": NotRequired[Optional[int]],
        "muted": NotRequired[Optional[int]],
        "unmuted": NotRequired[Optional[int]],
        "day_views": NotRequired[Optional[int]],
        "day_shares": NotRequired[Optional[int]],
        "day_reactions": NotRequired[Optional[int]],
        "net": NotRequired[Optional[int]],
        "daily_reach": NotRequired[Optional[float]],
        "notifications": NotRequired[Optional[float]],
    },
)

SubscribersNow = TypedDict(
    "SubscribersNow",
    {
        "since": str,
        "followers": Optional[int],
        "change": Optional[int],
    },
)

SyncReasonShape = TypedDict(
    "SyncReasonShape",
    {
        "code": str,
        "message": str,
    },
)

SyncShape = TypedDict(
    "SyncShape",
    {
        "state": "SyncShapeStateEnum",
        "posts": int,
        "oldest": Optional[str],
        "newest": Optional[str],
        "error": Optional["SyncReasonShape"],
        "total": Optional[int],
        "waiting": Optional["SyncReasonShape"],
    },
)

SyncShapeStateEnum = Literal['pending', 'running', 'complete', 'failed']

ThemeEnum = Literal['system', 'light', 'dark']

TopPost = TypedDict(
    "TopPost",
    {
        "msg_id": int,
        "date": str,
        "views": Optional[int],
        "forwards": Optional[int],
        "replies": Optional[int],
        "reactions": Optional[int],
        "er_views": Optional[float],
        "virality": Optional[float],
        "title": str,
        "permalink": Optional[str],
        "media": str,
        "album_size": int,
        "is_forward": bool,
        "pinned": bool,
        "edited_at": Optional[str],
        "deleted_at": Optional[str],
        "source": Optional[str],
        "observed_at": Optional[str],
        "approximate": bool,
        "growth": NotRequired[Optional[int]],
        "ctr": NotRequired[Optional[float]],
    },
)

TopPostsAnswer = TypedDict(
    "TopPostsAnswer",
    {
        "data": list["TopPost"],
        "meta": "TopPostsMeta",
    },
)

TopPostsMeta = TypedDict(
    "TopPostsMeta",
    {
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

TrendingAnswer = TypedDict(
    "TrendingAnswer",
    {
        "data": list["TrendingPost"],
        "meta": "TrendingMeta",
    },
)

TrendingMeta = TypedDict(
    "TrendingMeta",
    {
        "ends_with": "EndsWithEnum",
        "method": "MethodEnum",
        "threshold": Optional[float],
        "least_posts": int,
        "most_posts": int,
        "posts": int,
        "scored": int,
        "period": "Period",
        "generated_at": str,
        "provenance": dict[str, "Provenance"],
    },
)

TrendingPost = TypedDict(
    "TrendingPost",
    {
        "msg_id": int,
        "date": str,
        "title": str,
        "permalink": Optional[str],
        "age_hours": Optional[float],
        "views": int,
        "expected": Optional[float],
        "score": Optional[float],
        "n": int,
        "basis": "BasisEnum",
        "method": "MethodEnum",
    },
)

UnitEnum = Literal['count', 'percent', 'ratio', 'mean', 'duration', 'score']

WrittenNote = TypedDict(
    "WrittenNote",
    {
        "text": str,
        "at": str,
        "until": NotRequired[Optional[str]],
    },
)

YoungPost = TypedDict(
    "YoungPost",
    {
        "msg_id": int,
        "date": str,
        "title": str,
        "permalink": Optional[str],
        "forwarded": bool,
        "age_hours": Optional[float],
        "views": Optional[int],
        "forwards": Optional[int],
        "replies": Optional[int],
        "reactions": Optional[int],
        "observed_at": Optional[str],
        "views_per_hour": Optional[float],
        "n": int,
        "low": Optional[float],
        "median": Optional[float],
        "high": Optional[float],
        "standing": Optional["StandingEnum"],
    },
)
