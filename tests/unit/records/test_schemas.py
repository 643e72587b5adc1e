"""The published schemas: in step with the records, and with an example each."""

from __future__ import annotations

import json

import jsonschema
import pytest

from pipeline.records import decode, encode
from pipeline.records.schemas import RECORDS, example_file, schema, schema_file, to_json

topics = pytest.mark.parametrize("topic", RECORDS)


@topics
def test_the_stored_schema_is_the_record_s(topic: str) -> None:
    assert schema_file(topic).read_bytes() == to_json(schema(topic)), (
        "write it anew with: python -m pipeline.records.schemas"
    )


@topics
def test_the_example_fits_the_schema(topic: str) -> None:
    jsonschema.validate(json.loads(example_file(topic).read_bytes()), schema(topic))


@topics
def test_the_example_is_read_and_written_back_as_it_was(topic: str) -> None:
    data = example_file(topic).read_bytes()
    assert json.loads(encode(decode(data, RECORDS[topic]))) == json.loads(data)
