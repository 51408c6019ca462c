"""The ground of all tests: real Postgres and Redis, found or started for the run."""

import gc
import os
from collections.abc import Iterator

import pytest
import pytest_django
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

os.environ.update(
    ANALYTICBOT_ENV="test",
    SECRET_KEY="tests-only-secret-key-that-is-long-enough",
    ENC_KEYS="k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    DJANGO_SETTINGS_MODULE="analyticbot.settings",
)
for _flag in ("HISTORY", "UPDATES", "STATS"):
    os.environ.setdefault(f"MTPROTO_{_flag}_ENABLED", "1")
os.environ.setdefault("EXPORT_ENABLED", "1")
os.environ.setdefault("SHARE_LINKS_ENABLED", "1")
# Playwright and the collector run event loops beside Django's synchronous code in tests.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# A busy machine is not a wrong answer.
hypothesis_settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("busy")

if not os.environ.get("DATABASE_URL") or not os.environ.get("REDIS_URL"):
    from tests.servers import ensure_servers

    ensure_servers()

# Conftests of folders below import models, and are read before pytest-django sets Django up.
import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402

from analyticbot.core.runtime.reading import kept  # noqa: E402
from tests import emptying  # noqa: E402

emptying.install()

# What is loaded by now stays to the end; looking through it again and again took a fifth of the suite's time.
gc.freeze()
gc.set_threshold(100_000, 50, 100)
# No test begins with a stored configuration, so nobody's statements are counted with the one that reads it.
kept.take({}, newest=0)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest_django.DjangoDbBlocker) -> Iterator[None]:
    """The test database; a connection that some thread left open does not keep it from being dropped."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.close()


@pytest.fixture(autouse=True)
def _no_configuration() -> Iterator[None]:
    """What a test has set at run time ends with it, like its rows."""
    yield
    kept.forget()
    kept.take({}, newest=0)
