"""A saved search that could not be asked, and what it has missed since."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pipeline.records.article import AwareTime
from pipeline.records.saved_search import SearchId

MAX_WHY_CHARS = 300


class WaitingSearch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A search has to be asked about the notices of a partition from ``offset`` on.

    ``why`` is what was said when it was last refused, at ``refused_at``; ``since`` is when it was
    refused first, in whatever partition. Without a partition it stands for the search: those it
    belongs to have been told.
    """

    search_id: SearchId
    partition: Annotated[int, msgspec.Meta(ge=0)] | None
    offset: Annotated[int, msgspec.Meta(ge=0)]
    why: Annotated[str, msgspec.Meta(max_length=MAX_WHY_CHARS)]
    since: AwareTime
    refused_at: AwareTime

    @property
    def id(self) -> str:
        """One for each search and partition, and one for the search."""
        return f"{self.search_id}/{'told' if self.partition is None else self.partition}"
