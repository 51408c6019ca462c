"""Addresses of the WebSockets."""

from channels.routing import URLRouter
from django.urls import path

from analytics.live.sockets import live_socket, no_socket

sockets = URLRouter(
    [
        path("ws/channels/", live_socket),
        path("ws/channels/<str:name>/", live_socket),
        path("<path:anything>", no_socket),
        path("", no_socket),
    ]
)
