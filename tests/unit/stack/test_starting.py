from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import MissingPrerequisite, ServiceUnavailable
from pipeline.stack import processes
from pipeline.stack.distribution import Distribution
from pipeline.stack.jdk import Jdk
from pipeline.stack.server import Launch
from pipeline.stack.starting import Files, Start, answers_soon, last_words, start_all
from tests.fakes.local_server import SERVE, FakeServer
from tests.stacks import free_ports


class Stage:
    """Starts fakes in a folder, and ends what is left of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.starts: list[Start] = []

    def add(self, program: str = SERVE) -> Start:
        name = f"fake{len(self.starts)}"
        server = FakeServer(self.folder / name, free_ports(1)[0], program, name)
        files = Files(
            server.data_dir / "pid", self.folder / f"{name}.log", self.folder / f"{name}.out"
        )
        launch = Launch(Distribution(self.folder), Jdk(self.folder, "25"), files.log)
        self.starts.append((server, launch, files))
        return self.starts[-1]

    def start(self, timeout_seconds: float = 20) -> None:
        start_all(self.starts, timeout_seconds, self.said.append)

    def end(self) -> None:
        for _, _, files in self.starts:
            if process := processes.recall(files.pid):
                processes.stop(process, patience_seconds=5)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.end()


def test_all_are_ready_when_the_call_returns(stage: Stage) -> None:
    servers = [stage.add()[0], stage.add()[0]]
    stage.start()
    assert all(server.answers() for server in servers)
    assert sum("is ready on 127.0.0.1" in line for line in stage.said) == 2


def test_the_one_that_fails_is_named_with_its_last_words_and_its_log(stage: Stage) -> None:
    stage.add()
    stage.add("raise OSError('the disk is gone')")
    with pytest.raises(ServiceUnavailable) as failure:
        stage.start()
    message = str(failure.value)
    assert message.startswith("fake1 ended")
    assert "OSError: the disk is gone" in message
    assert str(stage.folder / "fake1.out") in message
    assert "\n" not in message


def test_one_whose_disk_is_full_is_told_so(stage: Stage) -> None:
    stage.add("raise OSError(28, 'No space left on device')")
    with pytest.raises(MissingPrerequisite, match=r"fake0 ended .*: the disk of .*fake0 is full"):
        stage.start()


def test_one_that_never_answers_is_given_up(stage: Stage) -> None:
    stage.add("import time; time.sleep(60)")
    with pytest.raises(ServiceUnavailable, match="fake0 was not ready within 1 s"):
        stage.start(timeout_seconds=1)


def test_the_log_of_the_run_before_is_kept_apart(stage: Stage) -> None:
    log = stage.add()[2].log
    log.write_text("what happened then")
    stage.start()
    assert log.with_suffix(".previous.log").read_text() == "what happened then"


def test_a_process_that_does_not_answer_is_given_a_moment_only(tmp_path: Path) -> None:
    deaf = FakeServer(tmp_path, free_ports(1)[0])
    assert not answers_soon(deaf, patience_seconds=0.2)


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("", "it printed nothing"),
        ("one\ntwo\n\n", "two"),
        (
            "12:00 ERROR k.Kafka: no\n\tat kafka.Kafka(x.java)\n12:01 INFO bye\n",
            "12:00 ERROR k.Kafka: no",
        ),
        (
            "java.net.BindException: taken\n    at a.B(C)\n    ... 3 more\n",
            "java.net.BindException: taken",
        ),
        (
            "Unrecognized VM option 'x'\nError: Could not create the machine.",
            "Error: Could not create the machine.",
        ),
        (
            "Error occurred during initialization of VM\nToo small maximum heap\n",
            "Error occurred during initialization of VM: Too small maximum heap",
        ),
        ("x" * 1000, "x" * 300),
    ],
)
def test_last_words_are_the_last_that_name_trouble(log: str, words: str) -> None:
    assert last_words(log) == words
