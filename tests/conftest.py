"""The ground of all tests: real Postgres and Redis, found or started for the run."""

import os

os.environ.update(
    ANALYTICBOT_ENV="test",
    SECRET_KEY="tests-only-secret-key-that-is-long-enough",
    ENC_KEYS="k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    DJANGO_SETTINGS_MODULE="analyticbot.settings",
)
for _flag in ("HISTORY", "UPDATES", "STATS"):
    os.environ.setdefault(f"MTPROTO_{_flag}_ENABLED", "1")
# Playwright and the collector run event loops beside Django's synchronous code in tests.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

if not os.environ.get("DATABASE_URL") or not os.environ.get("REDIS_URL"):
    from tests.servers import ensure_servers

    ensure_servers()

# pytest-django sets Django up only if its settings are loaded; they need the addresses of the servers.
from django.conf import settings  # noqa: E402

settings.DATABASES  # noqa: B018
