"""The trace of a message: written as the standard says, and read strictly."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.telemetry.trace import TraceContext, child, in_headers, new_trace, parse

VALID = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def identifiers(digits: int) -> st.SearchStrategy[str]:
    return st.integers(1, 16**digits - 1).map(lambda number: f"{number:0{digits}x}")


contexts = st.builds(
    TraceContext, trace_id=identifiers(32), span_id=identifiers(16), sampled=st.booleans()
)


@given(contexts)
def test_what_is_written_is_read_as_it_was(context: TraceContext) -> None:
    assert in_headers([context.header()]) == context


@given(st.binary(max_size=80))
def test_any_bytes_are_read_without_an_error(value: bytes) -> None:
    found = parse(value)
    assert found is None or value.startswith(
        f"{value[:2].decode()}-{found.trace_id}-{found.span_id}-".encode()
    )


@given(st.integers(0, len(VALID) - 1), st.integers(0, 255))
def test_a_changed_byte_is_refused_or_changes_what_is_read(place: int, byte: int) -> None:
    changed = VALID[:place] + bytes([byte]) + VALID[place + 1 :]
    found = parse(changed)
    if found is not None:
        assert len(found.trace_id) == 32
        assert found.trace_id == found.trace_id.lower()


@pytest.mark.parametrize(
    "value",
    [
        VALID.upper(),
        VALID[:-1],
        VALID + b"-x",
        VALID + b" ",
        b" " + VALID,
        VALID + b"\n",
        b"ff" + VALID[2:],
        b"00-" + b"0" * 32 + VALID[35:],
        VALID[:36] + b"0" * 16 + b"-01",
        b"cc" + VALID[2:] + b"x",
        b"cc" + VALID[2:] + b"-" + b"x" * 600,
    ],
)
def test_what_the_standard_calls_invalid_is_no_trace(value: bytes) -> None:
    assert parse(value) is None


def test_a_later_version_is_read_as_far_as_it_is_known() -> None:
    assert parse(b"cc" + VALID[2:] + b"-what-the-future-holds") == parse(VALID)


def test_two_headers_are_no_trace_and_neither_is_none() -> None:
    header = ("traceparent", VALID)
    assert in_headers([header, header]) is None
    assert in_headers([]) is None
    assert in_headers([("traceparent", None)]) is None
    assert in_headers([("TraceParent", VALID)]) == parse(VALID)


@given(contexts)
def test_a_child_has_the_trace_of_its_parent_and_an_id_of_its_own(parent: TraceContext) -> None:
    found = child(parent, os.urandom)
    assert (found.trace_id, found.sampled) == (parent.trace_id, parent.sampled)
    assert found.parent_id == parent.span_id
    assert parse(found.header()[1]) is not None


@given(st.binary(min_size=16, max_size=16), st.floats(0, 1))
def test_any_random_bytes_make_a_valid_trace(given_bytes: bytes, share: float) -> None:
    context = new_trace(lambda size: given_bytes[:size], share)
    assert parse(context.header()[1]) is not None


def test_the_share_of_traces_that_is_sampled_is_the_one_asked_for() -> None:
    sampled = [new_trace(os.urandom, 0.25).sampled for _ in range(4_000)]
    assert 800 < sum(sampled) < 1_200
    assert not any(new_trace(os.urandom, 0.0).sampled for _ in range(100))
    assert all(new_trace(os.urandom, 1.0).sampled for _ in range(100))
