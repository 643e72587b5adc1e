"""Where reading a file starts, and what is remembered of how far it came. Pure."""

from __future__ import annotations

from datetime import datetime

from pipeline.feeds.files import Stamp
from pipeline.feeds.reads import START, Place
from pipeline.records import IngestState


def start_of(state: IngestState | None, found: Stamp | None) -> Place | None:
    """Where to start; None for a file that is done. A file that has changed starts anew."""
    if state is None or found != Stamp(state.size, state.modified_ns):
        return START
    return None if state.done else Place(state.offset, state.skip)


def state_at(
    path: str, found: Stamp, place: Place, time: datetime, *, done: bool = False
) -> IngestState:
    """What to remember once everything before ``place`` is delivered."""
    return IngestState(
        path=path,
        size=found.size,
        modified_ns=found.modified_ns,
        offset=place.offset,
        skip=place.skip,
        done=done,
        updated_at=time,
    )
