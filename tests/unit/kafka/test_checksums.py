"""Kafka's checksums are computed in C: in Python they take most of what a busy producer does."""

from __future__ import annotations

import time

from kafka.record._crc32c import crc
from kafka.record.util import calc_crc32c

DATA = bytes(range(256)) * 400


def test_a_checksum_is_that_of_python_in_a_part_of_its_time() -> None:
    def seconds(compute: object) -> float:
        started = time.process_time()
        assert compute(memoryview(DATA)) == crc(DATA)  # type: ignore[operator]
        return time.process_time() - started

    plain = seconds(crc)  # computes it twice
    assert min(seconds(calc_crc32c) for _ in range(3)) < 0.6 * plain
