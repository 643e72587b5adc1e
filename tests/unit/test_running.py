"""What tests know of the processes of a line."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.running import children, descendants


def test_a_process_that_a_thread_started_is_a_child_like_another() -> None:
    """A pool replaces its processes in a thread of its own: they are measured and killed too."""
    waits = [sys.executable, "-c", "input()"]
    with ThreadPoolExecutor(1) as thread:
        started = thread.submit(subprocess.Popen, waits, stdin=subprocess.PIPE).result()
        try:
            assert started.pid in children(os.getpid())
            assert started.pid in descendants(os.getpid())
        finally:
            started.kill()
            started.communicate()
    assert started.pid not in children(os.getpid())
