"""What Elasticsearch's answer to one operation means."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.bulk_outcome import (
    BACKOFF_CAP_SECONDS,
    Conflict,
    Ok,
    Operation,
    Refused,
    Retry,
    Seen,
    backoff_seconds,
    chunks,
    outcome,
)
from pipeline.records import Reason

INDEX = Operation(index="i", id="a", version=3, document=b'{"title":"x"}')
DELETE = Operation(index="i", id="a", version=3)


def answered(status: object, kind: str | None = None, reason: str = "") -> dict[str, Any]:
    error = {"error": {"type": kind, "reason": reason}} if kind else {}
    return {"index": {"status": status, **error}}


def test_an_operation_names_the_version_it_has_or_is_only_for_what_is_not_there() -> None:
    versioned = {"_index": "i-Write", "_id": "a", "version": 3, "version_type": "external_gte"}
    assert msgspec.json.decode(INDEX.lines()[0]) == {"index": versioned}
    assert msgspec.json.decode(DELETE.lines()[0]) == {"delete": versioned}
    created = Operation(index="i", id="a", document=b"{}")
    assert msgspec.json.decode(created.lines()[0]) == {"create": {"_index": "i-Write", "_id": "a"}}
    with pytest.raises(ValueError, match="version"):
        Operation(index="i", id="a")


def test_an_operation_over_what_was_seen_names_its_state() -> None:
    seen = {"_index": "i-Write", "_id": "a", "if_seq_no": 5, "if_primary_term": 2}
    over = Operation(index="i", id="a", over=Seen(5, 2), document=b"{}")
    assert msgspec.json.decode(over.lines()[0]) == {"index": seen}
    assert msgspec.json.decode(Operation(index="i", id="a", over=Seen(5, 2)).lines()[0]) == {
        "delete": seen
    }
    with pytest.raises(ValueError, match="not both"):
        Operation(index="i", id="a", over=Seen(5, 2), version=1)


@pytest.mark.parametrize("status", [200, 201])
def test_success_is_ok(status: int) -> None:
    assert outcome(INDEX, answered(status)) == Ok()


def test_a_version_conflict_means_that_a_newer_one_is_there() -> None:
    assert outcome(INDEX, answered(409, "version_conflict_engine_exception")) == Conflict()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_an_overloaded_or_broken_server_is_asked_again(status: int) -> None:
    assert isinstance(outcome(INDEX, answered(status, "any_exception")), Retry)


@pytest.mark.parametrize("status", [401, 403])
def test_denied_access_is_no_fault_of_the_document(status: int) -> None:
    answer = outcome(INDEX, answered(status, "security_exception"))
    assert isinstance(answer, Retry)
    assert answer.denied


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (403, "cluster_block_exception"),
        (404, "index_not_found_exception"),
        (400, "index_closed_exception"),
        (400, "validation_exception"),
    ],
)
def test_an_index_that_takes_nothing_now_is_no_fault_of_the_document(
    status: int, kind: str
) -> None:
    answer = outcome(INDEX, answered(status, kind))
    assert isinstance(answer, Retry)
    assert not answer.denied


def test_a_mapping_violation_is_refused_and_names_the_field_alone() -> None:
    reason = "failed to parse field [published_at] of type [date]. Preview: 'a secret'"
    answer = outcome(INDEX, answered(400, "document_parsing_exception", reason))
    assert answer == Refused("HTTP 400 document_parsing_exception at published_at")


def test_a_strict_mapping_names_the_field_that_is_not_mapped() -> None:
    reason = "[1:15] mapping set to strict, dynamic introduction of [colour] within [_doc]"
    answer = outcome(INDEX, answered(400, "strict_dynamic_mapping_exception", reason))
    detail = "HTTP 400 strict_dynamic_mapping_exception at colour"
    assert answer == Refused(detail, Reason.MAPPING)


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "index_not_found_exception"), (400, "invalid_index_name_exception")]
)
def test_a_write_alias_that_is_not_there_makes_an_index_unfit(status: int, kind: str) -> None:
    answer = outcome(INDEX, answered(status, kind))
    assert isinstance(answer, Retry)
    assert answer.unfit


@pytest.mark.parametrize("status", [403, 429])
def test_a_full_disk_is_named(status: int) -> None:
    answer = outcome(INDEX, answered(status, "cluster_block_exception"))
    assert isinstance(answer, Retry)
    assert "disk is full" in answer.cause


def test_deleting_what_is_not_there_is_ok() -> None:
    assert outcome(DELETE, {"delete": {"status": 404}}) == Ok()


def test_not_found_is_no_success_for_a_document() -> None:
    assert isinstance(outcome(INDEX, answered(404)), Refused)


@pytest.mark.parametrize("item", [{}, {"index": {}}, {"index": None}, answered("201"), None, []])
def test_an_answer_that_cannot_be_read_is_asked_for_again(item: Any) -> None:
    assert isinstance(outcome(INDEX, item), Retry)


def test_a_request_line_carries_version_and_target() -> None:
    head, document = INDEX.lines()
    assert msgspec.json.decode(head) == {
        "index": {"_index": "i-Write", "_id": "a", "version": 3, "version_type": "external_gte"}
    }
    assert document == INDEX.document
    assert len(DELETE.lines()) == 1


operations = st.lists(
    st.binary(max_size=300).map(lambda data: Operation(index="i", id="x", version=1, document=data))
)


@given(operations, st.integers(1, 1_500))
def test_chunks_keep_all_operations_in_order(many: list[Operation], max_bytes: int) -> None:
    assert [each for chunk in chunks(many, max_bytes) for each in chunk] == many


@given(operations, st.integers(1, 1_500))
def test_a_chunk_is_over_the_limit_only_when_it_is_one_operation(
    many: list[Operation], max_bytes: int
) -> None:
    for chunk in chunks(many, max_bytes):
        assert chunk
        assert len(chunk) == 1 or sum(each.size() for each in chunk) <= max_bytes


@given(operations, st.integers(1, 1_500))
def test_no_two_neighbouring_chunks_would_fit_into_one(
    many: list[Operation], max_bytes: int
) -> None:
    for left, right in pairwise(chunks(many, max_bytes)):
        assert sum(each.size() for each in left) + right[0].size() > max_bytes


@given(st.integers(1, 10_000), st.floats(0, 1))
def test_the_wait_is_never_longer_than_the_cap(attempt: int, jitter: float) -> None:
    assert 0 < backoff_seconds(attempt, jitter) <= BACKOFF_CAP_SECONDS


def test_the_wait_grows() -> None:
    waits = [backoff_seconds(attempt, 1.0) for attempt in range(1, 6)]
    assert waits == [0.2, 0.4, 0.8, 1.6, 3.2]


def test_denied_access_is_not_asked_for_often() -> None:
    assert backoff_seconds(1, 1.0, denied=True) == BACKOFF_CAP_SECONDS
