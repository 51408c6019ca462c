"""Run every benchmark of this package that has a `run()`; arguments name the modules wanted.

Starts a Postgres (fsync off) and a Valkey of its own, unless DATABASE_URL and REDIS_URL name others; each benchmark
removes what it wrote. Modules that say ON_DEMAND run only when they are named. Figures are ratios of two things
measured in the same run wherever that is possible: machines differ, ratios less.
"""

import importlib
import os
import pkgutil
import sys
import time

import django


def _prepare() -> None:
    """Servers, settings and tables."""
    os.environ.setdefault("ANALYTICBOT_ENV", "test")
    os.environ.setdefault("SECRET_KEY", "benchmarks-only-secret-key-that-is-long-enough")
    os.environ.setdefault("ENC_KEYS", "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")
    # A line for each request would be measured with it.
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "analyticbot.settings")
    if not os.environ.get("DATABASE_URL") or not os.environ.get("REDIS_URL"):
        from tests.servers import ensure_servers

        ensure_servers()
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def main() -> None:
    """Run and report."""
    _prepare()
    wanted = set(sys.argv[1:])
    package = importlib.import_module("benchmarks")
    for found in pkgutil.iter_modules(package.__path__):
        if found.name == "__main__" or (wanted and found.name not in wanted):
            continue
        module = importlib.import_module(f"benchmarks.{found.name}")
        if not hasattr(module, "run") or (getattr(module, "ON_DEMAND", False) and not wanted):
            continue
        print(f"== {found.name}", flush=True)
        begun = time.perf_counter()
        module.run()
        print(f"   {time.perf_counter() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
