"""What the Faust app is made with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipeline import settings
from pipeline.agents.app import build_app
from pipeline.agents.batch import RawMessage


def test_an_app_leaves_nothing_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def handle(batch: Sequence[RawMessage]) -> None: ...

    monkeypatch.chdir(tmp_path)
    chosen = settings.load()
    app = build_app(
        kafka=chosen.kafka,
        workers=chosen.workers,
        group="group",
        topic="topic",
        batch_size=1,
        batch_wait_seconds=1.0,
        handler=handle,
        on_batch=lambda: None,
        topic_id="id",
    )
    asyncio.run(app.on_first_start())
    assert list(tmp_path.iterdir()) == []
