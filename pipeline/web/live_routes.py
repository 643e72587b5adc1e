"""New statements as server-sent events. Source: the HTML standard, "Server-sent events"."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse

from pipeline.search.live import parse_mark
from pipeline.web.live import Heard, Live
from pipeline.web.problems import PROBLEMS

_QUIET = 15  # looks without news, of about a second: then a comment keeps the connection open
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "One event for each statement; its id goes into Last-Event-ID to go on.",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


def routes(live: Live) -> APIRouter:
    """``/statements/stream``."""
    router = APIRouter(tags=["live"], responses=PROBLEMS)

    @router.get("/statements/stream", responses=_STREAM)
    async def stream(
        last_event_id: Annotated[str, Header(max_length=100)] = "",
    ) -> StreamingResponse:
        """Statements as they are indexed, without end."""
        heard = live.listen(parse_mark(last_event_id))
        return StreamingResponse(
            _events(heard),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    return router


async def _events(heard: AsyncIterator[Heard | None]) -> AsyncIterator[bytes]:
    yield b": listening\nretry: 3000\n\n"
    quiet = 0
    async for each in heard:
        quiet = 0 if each else quiet + 1
        if each is not None:
            yield event(each)
        elif quiet % _QUIET == 0:
            yield b": nothing new\n\n"


def event(heard: Heard) -> bytes:
    """A statement as an event."""
    return b"id: %b\ndata: %b\n\n" % (
        str(heard.mark).encode(),
        msgspec.json.encode(heard.statement),
    )
