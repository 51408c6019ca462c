"""Run every benchmark of this package that has a `run()`; arguments name the modules wanted.

Needs a migrated database (DATABASE_URL); each benchmark removes what it wrote. Figures are ratios of two things
measured in the same run wherever that is possible: machines differ, ratios less.
"""

import importlib
import os
import pkgutil
import sys
import time

import django


def main() -> None:
    """Run and report."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "analyticbot.settings")
    django.setup()
    wanted = set(sys.argv[1:])
    package = importlib.import_module("benchmarks")
    for found in pkgutil.iter_modules(package.__path__):
        if found.name == "__main__" or (wanted and found.name not in wanted):
            continue
        module = importlib.import_module(f"benchmarks.{found.name}")
        if not hasattr(module, "run"):
            continue
        print(f"== {found.name}", flush=True)
        begun = time.perf_counter()
        module.run()
        print(f"   {time.perf_counter() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
