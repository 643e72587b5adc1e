"""How far an archive has been read."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pipeline.records.article import AwareTime, Text

Count = Annotated[int, msgspec.Meta(ge=0)]


class IngestState(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The progress of reading one file, kept on a compacted topic under the file's path.

    It speaks of the file with that ``size`` in bytes and that ``modified_ns``; one that has changed
    is another. Reading goes on at byte ``offset``, ``skip`` records or lines after it. Written only
    after everything up to there was delivered.
    """

    path: Text
    size: Count
    modified_ns: int
    offset: Count = 0
    skip: Count = 0
    done: bool = False
    updated_at: AwareTime
