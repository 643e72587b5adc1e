import threading
from pathlib import Path

from pipeline.stack.locks import exclusive


def test_the_second_waits_for_the_first_and_says_so(tmp_path: Path) -> None:
    order: list[str] = []
    waits = threading.Event()

    def say(line: str) -> None:
        order.append(line)
        waits.set()

    def second() -> None:
        with exclusive(tmp_path / "lock", say):
            order.append("second")

    with exclusive(tmp_path / "lock", order.append):
        thread = threading.Thread(target=second)
        thread.start()
        assert waits.wait(10)
        order.append("first")
    thread.join(10)
    assert order[0].startswith("waiting for another process")
    assert order[1:] == ["first", "second"]


def test_a_lock_that_is_let_go_can_be_had_again(tmp_path: Path) -> None:
    said: list[str] = []
    for _ in range(2):
        with exclusive(tmp_path / "new" / "lock", said.append):
            pass
    assert said == []
