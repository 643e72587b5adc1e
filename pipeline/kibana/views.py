"""Data views: which indices a chart asks, and which of their dates is its time."""

from __future__ import annotations

import msgspec

from pipeline.index import fields
from pipeline.kibana.saved_objects import SavedObject
from pipeline.settings import IndexSettings


class DataView(msgspec.Struct, frozen=True):
    """The indices behind a read alias."""

    id: str
    alias: str
    name: str

    def saved_object(self) -> SavedObject:
        """The fields are left to Kibana: it reads them from the mappings."""
        attributes = {
            "title": self.alias,
            "name": self.name,
            "timeFieldName": fields.TIMESTAMP,
            "fields": "[]",
            "fieldAttrs": "{}",
            "fieldFormatMap": "{}",
            "runtimeFieldMap": "{}",
            "sourceFilters": "[]",
            "typeMeta": "{}",
        }
        return SavedObject(type="index-pattern", id=self.id, attributes=attributes)


class Views(msgspec.Struct, frozen=True):
    """One for each kind of document. Ids stay the same whatever the aliases are called."""

    articles: DataView
    statements: DataView
    health: DataView

    def all(self) -> tuple[DataView, ...]:
        """In the order in which they are written."""
        return self.articles, self.statements, self.health


def views(settings: IndexSettings) -> Views:
    """The data views of a line."""
    return Views(
        articles=DataView("news-pipeline-articles", settings.articles, "News articles"),
        statements=DataView("news-pipeline-statements", settings.statements, "News statements"),
        health=DataView("news-pipeline-health", settings.health, "News pipeline health"),
    )
