#!/usr/bin/env python
"""Django's command line; a second shell finds the servers that `make run` started."""

import os
import sys
from pathlib import Path


def main() -> None:
    """Load the local environment if there is one, then hand over to Django."""
    from analyticbot.local.environment import load_local_environment

    load_local_environment(Path(__file__).resolve().parent)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "analyticbot.settings")
    from analyticbot.core.edge import run_command_line

    run_command_line(sys.argv)


if __name__ == "__main__":
    main()
