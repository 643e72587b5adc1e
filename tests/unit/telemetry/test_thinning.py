"""Log lines of one cause are written once in ten seconds, and nothing else is left out."""

from __future__ import annotations

import io
import logging
import sys
import threading
import time
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.telemetry.logs import ARTICLES
from pipeline.telemetry.thinning import SECONDS, Thinner, ThinningFilter

WARNING, INFO = logging.WARNING, logging.INFO


def a_record(
    name: str = "kafka.net", level: int = WARNING, msg: object = "lost %s", *args: object
) -> logging.LogRecord:
    return logging.LogRecord(name, level, __file__, 1, msg, args, None)


def lost(number: object = 1) -> logging.LogRecord:
    return a_record("kafka.net", WARNING, "lost %s", number)


class Log:
    """A handler at a time of its own."""

    def __init__(self, **options: object) -> None:
        self.now = 0.0
        self.out = io.StringIO()
        handler = logging.StreamHandler(self.out)
        self.thinner = Thinner(whole=frozenset({ARTICLES}), **options)  # type: ignore[arg-type]
        handler.addFilter(ThinningFilter(self.thinner, handler.emit, lambda: self.now))
        self.handle = handler.handle

    @property
    def lines(self) -> list[str]:
        return self.out.getvalue().splitlines()


def test_a_hundred_thousand_lines_of_an_outage_are_one_and_their_number() -> None:
    log, began = Log(), time.perf_counter()
    for number in range(100_000):
        log.handle(lost(number))
    took = time.perf_counter() - began
    log.now = SECONDS
    log.handle(lost("again"))
    assert log.lines == ["lost 0", "99999 more like this in 10 s: lost 0", "lost again"]
    assert took < 10  # measured 0.3 s; 400 a second are no load


def test_the_number_is_told_by_whatever_comes_next() -> None:
    log = Log()
    for number in range(38):
        log.handle(lost(number))
    log.now = SECONDS
    log.handle(a_record("pipeline.x", INFO, "something else"))
    assert log.lines == ["lost 0", "37 more like this in 10 s: lost 0", "something else"]


def test_each_cause_has_a_line_of_its_own() -> None:
    log = Log()
    for _ in range(3):
        log.handle(lost())
        log.handle(a_record("kafka.net", logging.ERROR, "lost %s", 1))
        log.handle(a_record("aiokafka", WARNING, "lost %s", 1))
        log.handle(a_record("kafka.net", WARNING, "found %s", 1))
    assert len(log.lines) == 4


def test_numbers_that_a_library_has_put_into_its_message_are_no_cause() -> None:
    log = Log()
    for number in range(5):
        log.handle(a_record("kafka", WARNING, f"<Task 0x7f{number}ab> {number} failed"))
    assert len(log.lines) == 1


def test_ours_are_told_apart_by_what_they_name_and_not_by_how_many() -> None:
    log = Log()
    for count in (1, 2, 3):
        for feed in ("feed-1", "feed-2"):
            log.handle(a_record("pipeline.feeds", WARNING, "feed %s: %d left", feed, count))
    assert log.lines == ["feed feed-1: 1 left", "feed feed-2: 1 left"]


def test_news_of_ours_is_told_when_its_numbers_are_others() -> None:
    log = Log()
    for count in (1, 1, 2):
        log.handle(a_record("pipeline.feeds", INFO, "following %d feeds", count))
    assert log.lines == ["following 1 feeds", "following 2 feeds"]


def test_no_line_of_an_article_is_left_out() -> None:
    log = Log()
    for _ in range(5_000):
        log.handle(a_record(ARTICLES, INFO, "article %s", "indexed"))
    assert len(log.lines) == 5_000


def raised(text: str) -> logging.LogRecord:
    try:
        raise ValueError(text)
    except ValueError:
        record = lost()
        record.exc_info = sys.exc_info()
        return record


def test_tracebacks_that_differ_are_all_written() -> None:
    log = Log()
    for text in ("a", "b", "a", "b"):
        log.handle(raised(text))
    assert log.out.getvalue().count("Traceback") == 2


def test_what_cannot_be_judged_is_left_to_the_handler(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log()
    log.handle(a_record("kafka", WARNING, "%d and %d", "one"))
    assert "not all arguments" in capsys.readouterr().err or log.lines == []


def test_a_flood_of_causes_takes_a_bounded_memory_and_loses_no_count() -> None:
    log = Log(most=50)
    for number in range(1_000):
        for _ in range(2):
            log.handle(a_record("pipeline.x", WARNING, "%s", f"cause {number}"))
    assert len(log.thinner._windows) <= 50
    log.now = SECONDS
    log.handle(lost())
    assert sum("1 more like this" in line for line in log.lines) == 1_000


def test_many_threads_write_one_line() -> None:
    log = Log()

    def write() -> None:
        for number in range(2_000):
            log.handle(lost(number))

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    log.now = SECONDS
    log.handle(a_record("pipeline.x", INFO, "end"))
    assert len(log.lines) == 3
    assert log.lines[1].startswith("15999 more like this")


@given(st.lists(st.tuples(st.floats(0.0, 5.0), st.sampled_from("abc")), max_size=60))
def test_lines_written_and_left_out_are_all_lines(waits: list[tuple[float, str]]) -> None:
    thinner, now = Thinner(), 0.0
    written: dict[str, list[float]] = {}
    left: Counter[str] = Counter()
    for wait, cause in waits:
        now += wait
        passes, over = thinner.take(a_record("kafka", WARNING, cause), now)
        left.update({each.text: each.lines for each in over})
        if passes:
            written.setdefault(cause, []).append(now)
    _, over = thinner.take(a_record("kafka", WARNING, "end"), now + SECONDS)
    left.update({each.text: each.lines for each in over})
    for cause, times in written.items():
        gaps = [later - earlier for earlier, later in pairwise(times)]
        assert all(gap >= SECONDS - 1e-6 for gap in gaps)
        assert len(times) + left[cause] == sum(each == cause for _, each in waits)
