"""Saved searches: the documents behind the charts, as a table in Discover and on a dashboard."""

from __future__ import annotations

import msgspec

from pipeline.index import fields
from pipeline.kibana.saved_objects import NO_SEARCH, Reference, SavedObject, stringified
from pipeline.kibana.views import DataView

_VIEW_NAME = "kibanaSavedObjectMeta.searchSourceJSON.index"


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """All documents of a data view, the newest first, with these columns."""

    id: str
    title: str
    view: DataView
    columns: tuple[str, ...]

    def saved_object(self) -> SavedObject:
        """The search, with its data view."""
        source = {**NO_SEARCH, "highlightAll": True, "version": True, "indexRefName": _VIEW_NAME}
        attributes = {
            "title": self.title,
            "description": "",
            "columns": self.columns,
            "sort": [[fields.TIMESTAMP, "desc"]],
            "grid": {},
            "hideChart": False,
            "isTextBasedQuery": False,
            "timeRestore": False,
            "kibanaSavedObjectMeta": {"searchSourceJSON": stringified(source)},
        }
        return SavedObject(
            type="search",
            id=self.id,
            attributes=attributes,
            references=(Reference("index-pattern", self.view.id, _VIEW_NAME),),
        )
