"""Which signals stop a run."""

import subprocess
import sys

import pytest

_PROGRAM = """
import signal, sys
from analyticbot.local.__main__ import _Signals
from analyticbot.local.supervisor import Supervisor
signal.signal(signal.SIGHUP, getattr(signal, sys.argv[1]))
signals = _Signals(Supervisor(where_logs_are="logs"))
signals.raising = False
signals.install()
signal.raise_signal(signal.SIGHUP)
print(signals.stopping)
signal.raise_signal(signal.SIGTERM)
print(signals.stopping)
"""


@pytest.mark.parametrize(("before", "stops"), [("SIG_IGN", "False"), ("SIG_DFL", "True")])
def test_run_under_nohup_outlives_its_terminal(before: str, stops: str) -> None:
    command = [sys.executable, "-c", _PROGRAM, before]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)

    assert answer.stdout.split() == [stops, "True"]
