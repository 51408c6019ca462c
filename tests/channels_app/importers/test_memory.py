"""A large file passes in little memory, through the command as a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from channels_app.models import Post
from tests.channels_app.importers.exports import write_large_export

# What Django and the product take before a file is opened is most of it.
LIMIT_KB = 300 * 1024
# Long texts: the bytes are read and held, the database has few rows to write.
MEGABYTES, CHARACTERS = 60, 30_000

# ru_maxrss would not do: it keeps, over exec, what the process that forked this one had in memory.
_RUN = """
import pathlib, re, sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
print("peak", re.search(r"VmHWM:\\s+(\\d+)", pathlib.Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_large_export_is_imported_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    messages = write_large_export(path, megabytes=MEGABYTES, characters=CHARACTERS)
    info = connection.get_connection_params()
    name = connection.settings_dict["NAME"]
    address = f"postgres://{info['user']}:{info['password']}@{info['host']}:{info['port']}/{name}"

    done = subprocess.run(
        [sys.executable, "-c", _RUN, "import_channel", str(path)],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": address},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert path.stat().st_size >= MEGABYTES * 10**6
    assert Post.objects.count() == messages
    peak = re.search(r"peak (\d+)", done.stdout)
    assert peak is not None
    assert int(peak[1]) < LIMIT_KB
