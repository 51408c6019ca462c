"""The web door: an ASGI application for uvicorn."""

import gc
import os
from typing import Any

from channels.routing import ProtocolTypeRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import get_resolver

from analyticbot.core.bodies import BodyLimit

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "analyticbot.settings")

# Under ASGI each request runs in a thread of its own, so a connection kept by a thread would be used once and thrown
# away. Only here: the processes of Celery fork, and a pool does not survive that.
_database: dict[str, Any] = settings.DATABASES["default"]
_database["CONN_MAX_AGE"] = 0
_database["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 20, "timeout": 5}

_django = get_asgi_application()
from accounts.visitors import has_session  # noqa: E402 - it needs Django to be set up
from analytics.live.routing import sockets  # noqa: E402 - likewise

# A form is small; only exports are large. Their page takes the file and a few fields around it.
_pages = BodyLimit(
    _django,
    most=4 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    wider=dict.fromkeys(
        ("/app/import/", "/app/add/"), settings.UPLOAD_MOST_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    ),
    known=has_session,
)
application = ProtocolTypeRouter({"http": _pages, "websocket": sockets})
# The first visitor should not wait for the imports of all pages.
get_resolver().url_patterns  # noqa: B018
# What the start has loaded stays to the end: looking through it at every collection took a tenth of a page's time.
gc.collect()
gc.freeze()
gc.set_threshold(50_000, 20, 50)
