"""Records as JSON answers, and the schemas that describe them in OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.responses import Response

_REFERENCE = "#/components/schemas/{name}"
_encoder = msgspec.json.Encoder()


class Json(Response):
    """A record, or a list of them, encoded as they are everywhere else."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        """Encode."""
        return _encoder.encode(content)


def answers(kind: Any, description: str) -> dict[int | str, dict[str, Any]]:
    """What a route answers when all is well, for ``responses``."""
    (schema,), _ = msgspec.json.schema_components([kind], ref_template=_REFERENCE)
    content = {"application/json": {"schema": schema}}
    return {200: {"description": description, "content": content}}


def describe_records(app: FastAPI, kinds: Sequence[Any]) -> None:
    """Put the schemas that :func:`answers` refers to into the description of ``app``."""
    _, components = msgspec.json.schema_components(kinds, ref_template=_REFERENCE)
    generate = app.openapi

    def openapi() -> Mapping[str, Any]:
        described: dict[str, Any] = generate()
        described.setdefault("components", {}).setdefault("schemas", {}).update(components)
        return described

    app.openapi = openapi  # type: ignore[method-assign,assignment]
