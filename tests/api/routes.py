"""All addresses of the product, read from the URLconf."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver


def all_routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Route texts as they are written in the URLconf, parts joined."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from all_routes(entry, route)
