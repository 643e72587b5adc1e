"""Whose commits count."""

from __future__ import annotations

from aiokafka.structs import OffsetAndMetadata

from pipeline.agents.commits import marked, of_topic

COMMITTED = {0: OffsetAndMetadata(3, "old"), 1: OffsetAndMetadata(4, "new")}


def test_a_commit_of_another_topic_counts_as_none() -> None:
    assert of_topic(COMMITTED, "new") == {1: COMMITTED[1]}


def test_a_commit_of_an_earlier_version_counts() -> None:
    unmarked = {0: OffsetAndMetadata(3, "")}
    assert of_topic(unmarked, "new") == unmarked


def test_what_is_marked_counts_for_its_own_topic_alone() -> None:
    ours = marked(COMMITTED, "ours")
    assert {partition: each.offset for partition, each in ours.items()} == {0: 3, 1: 4}
    assert of_topic(ours, "ours") == ours
    assert of_topic(ours, "another") == {}
