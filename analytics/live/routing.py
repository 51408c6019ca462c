"""Addresses of the WebSockets."""

from typing import Any

from channels.routing import URLRouter
from django.urls import path

from analytics.live.sockets import live_socket, no_socket

# What Django calls a view is an ASGI application here.
_listening: Any = live_socket
_nothing: Any = no_socket
sockets = URLRouter(
    [
        path("ws/channels/", _listening),
        path("ws/channels/<str:name>/", _listening),
        path("<path:anything>", _nothing),
        path("", _nothing),
    ]
)
