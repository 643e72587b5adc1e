"""Every command that goes on until it is told to end does so, whatever it waits for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from pipeline.ending import descendants
from pipeline.settings import Settings
from tests.running import PROJECT, environment, lives, paused, pipeline, server_pid
from tests.stacks import free_ports, updated
from tests.waiting import eventually

ENDS_SECONDS = 5.0
TICKS = os.sysconf("SC_CLK_TCK")
COMMANDS = (
    ("work",),
    ("feeds",),
    ("serve",),
    ("ingest", "FOLDER"),
    ("run",),
    ("setup",),
    ("feeds", "status"),
    ("alerts", "list"),
    ("search", "bridge", "--watch"),
)


@contextmanager
def all_running(line: Settings, folder: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Every command at once, each in a group of its own as a shell would have it."""
    (folder / "article.txt").write_text("The mayor said the bridge will open.")
    with ExitStack() as held:
        processes = []
        for number, command in enumerate(COMMANDS):
            arguments = [str(folder) if each == "FOLDER" else each for each in command]
            own = updated(line, {"api": {"listen": f"127.0.0.1:{free_ports(1)[0]}"}})
            said = held.enter_context((folder / f"{number}.err").open("wb"))
            process = held.enter_context(
                subprocess.Popen(
                    [sys.executable, "-m", "pipeline", *arguments],
                    env=environment(own),
                    cwd=PROJECT,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    start_new_session=True,
                )
            )
            held.callback(process.kill)
            processes.append(process)
        yield processes


def wait_until_they_wait(processes: list[subprocess.Popen[bytes]]) -> None:
    """Return when all have done what they can without Kafka."""

    def seconds_of_work() -> float:
        pids = [pid for each in processes for pid in (each.pid, *descendants(each.pid))]
        ticks = 0
        for pid in pids:
            with suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def rest() -> bool:
        before = seconds_of_work()
        time.sleep(1.0)
        return seconds_of_work() - before < 0.3

    assert eventually(rest, 60)


def end_all(processes: list[subprocess.Popen[bytes]], number: signal.Signals) -> None:
    """The first signal, and the second for those that it has not ended within a second."""
    began = {process.pid: descendants(process.pid) for process in processes}
    for process in processes:
        process.send_signal(number)
    time.sleep(1.0)
    still = [process for process in processes if process.poll() is None]
    children = [pid for process in processes for pid in began[process.pid]]
    children += [pid for process in still for pid in descendants(process.pid)]
    for process in still:
        process.send_signal(number)
    told = time.monotonic()
    for process in still:
        code = process.wait(60)
        assert time.monotonic() - told < ENDS_SECONDS, process.args
        # Negative where it was still being loaded: a shell says 128 + number then.
        assert code in {0, 1, 128 + signal.SIGINT, 128 + number, -number}, process.args
    assert eventually(lambda: not any(map(lives, children)), ENDS_SECONDS)


def test_all_end_while_kafka_is_stopped(line: Settings, tmp_path: Path) -> None:
    # To those who ask, these are servers of somebody else.
    theirs = updated(line, {"local": {"kafka_port": free_ports(1)[0]}, "data_dir": tmp_path / "d"})
    assert pipeline(theirs, "setup").returncode == 0
    with all_running(theirs, tmp_path) as processes:
        wait_until_they_wait(processes)
        with paused(server_pid(line, "kafka")):
            time.sleep(2.0)
            end_all(processes, signal.SIGTERM)


def test_all_end_while_kafka_is_stopped_from_the_start(line: Settings, tmp_path: Path) -> None:
    theirs = updated(line, {"local": {"kafka_port": free_ports(1)[0]}, "data_dir": tmp_path / "d"})
    with paused(server_pid(line, "kafka")), all_running(theirs, tmp_path) as processes:
        wait_until_they_wait(processes)
        end_all(processes, signal.SIGINT)


def test_ingest_waits_for_kafka_says_so_once_and_ends_in_order(
    line: Settings, tmp_path: Path
) -> None:
    gone = updated(line, {"kafka": {"bootstrap_servers": f"127.0.0.1:{free_ports(1)[0]}"}})
    (tmp_path / "article.txt").write_text("The mayor said the bridge will open.")
    with subprocess.Popen(
        [sys.executable, "-m", "pipeline", "ingest", str(tmp_path)],
        env=environment(gone),
        cwd=PROJECT,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "does not answer" in process.stderr.readline()
        time.sleep(3.0)
        process.send_signal(signal.SIGINT)
        assert process.wait(ENDS_SECONDS) == 130
        assert process.stderr.read() == "interrupted; the same command goes on from here\n"
