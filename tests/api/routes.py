"""All addresses of the product, read from the URLconf."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


def all_routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Route texts as they are written in the URLconf, parts joined."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from all_routes(entry, route)


def api_views() -> Iterator[tuple[str, Any, set[str]]]:
    """Route, view class and names of the converters of every address of the API's version 2."""

    def walk(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, Any, set[str]]]:
        for entry in resolver.url_patterns:
            route = before + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from walk(entry, route)
            elif route.startswith("api/v2/"):
                view = getattr(entry.callback, "cls", None) or getattr(entry.callback, "view_class", None)
                yield route, view, set(re.findall(r"<\w+:(\w+)>", route))

    yield from walk(get_resolver())
