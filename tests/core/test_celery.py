"""Every Django process rings the configured broker."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

_PROJECT = Path(__file__).resolve().parent.parent.parent
_RING = "from channels_app.collect.ring import ring_now; "
_IN_A_THREAD = "import threading; t = threading.Thread(target=ring_now, args=('sync',)); t.start(); t.join()"


@pytest.mark.parametrize("words", ["ring_now('sync')", _IN_A_THREAD])
def test_management_command_rings_the_configured_broker(words: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as broker:
        broker.settimeout(60)
        url = f"redis://127.0.0.1:{broker.getsockname()[1]}/0"
        command = [sys.executable, "manage.py", "shell", "-c", _RING + words]
        environment = os.environ | {"REDIS_URL": url, "DJANGO_SETTINGS_MODULE": "analyticbot.settings"}
        process = subprocess.Popen(
            command, cwd=_PROJECT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        try:
            connection, _ = broker.accept()
            with connection:
                connection.settimeout(30)
                spoken = connection.recv(100)
        finally:
            process.kill()
            _, errors = process.communicate()

    assert spoken.startswith(b"*"), errors.decode()


def test_celery_is_not_imported_by_the_settings() -> None:
    """Whoever reads only the settings needs no Celery, and an app that is half loaded registers nothing."""
    words = "import sys, analyticbot.settings; sys.exit('analyticbot.celery' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", words], cwd=_PROJECT, check=False).returncode == 0
