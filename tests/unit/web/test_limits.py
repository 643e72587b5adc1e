"""Each client has its own minute."""

from __future__ import annotations

import pytest

from pipeline.web.limits import Limits


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_and_then_one_after_another() -> None:
    watch = Watch()
    limits = Limits(60, watch)
    assert [limits.wait("a") for _ in range(60)] == [0.0] * 60
    assert limits.wait("a") == pytest.approx(1.0)
    watch.now += 1.0
    assert limits.wait("a") == 0.0
    assert limits.wait("a") > 0


def test_another_client_is_not_held_up() -> None:
    limits = Limits(1, Watch())
    assert limits.wait("a") == 0.0
    assert limits.wait("a") > 0
    assert limits.wait("b") == 0.0


def test_without_a_limit_nobody_waits() -> None:
    limits = Limits(0, Watch())
    assert {limits.wait("a") for _ in range(1_000)} == {0.0}
