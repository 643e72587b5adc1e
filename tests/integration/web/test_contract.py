"""Schemathesis asks all that the OpenAPI description allows, and what it does not."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from pipeline.search.library import Library
from pipeline.settings import Scope
from pipeline.web.keys import new_key
from tests.integration.web.served import served

EXAMPLES = 5
HEADER = "Authorization: Bearer "
# Not asked: the stream, which never ends.
ARGUMENTS = (
    "--checks=all",
    # A query is refused for more than a schema can say: a cursor of another search, 30 February.
    "--exclude-checks=positive_data_acceptance",
    "--exclude-path-regex=stream",
    f"--max-examples={EXAMPLES}",
    "--phases=coverage,fuzzing",
    "--workers=1",
    "--seed=1",
    "--no-color",
)


@pytest.mark.timeout(300)
async def test_every_answer_is_as_it_is_described(library: Library) -> None:
    key, sha256 = new_key()
    keys = [{"name": "all", "sha256": sha256, "scopes": list(Scope)}]
    async with served(library, keys=keys) as address:
        command = [sys.executable, "-m", "schemathesis.cli", "run"]
        run = await asyncio.to_thread(
            subprocess.run,
            [*command, f"{address}/api/v1/openapi.json", *ARGUMENTS, f"--header={HEADER}{key}"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == 0, run.stdout[-6_000:] + run.stderr[-2_000:]
