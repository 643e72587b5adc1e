"""A map of the Maps app: clusters of points from afar, the documents themselves from near.

The background comes from Elastic's map service over the network; without it the points stay.
"""

from __future__ import annotations

import msgspec

from pipeline.kibana.saved_objects import Json, Reference, SavedObject, stringified
from pipeline.kibana.views import DataView

NEAR = 7
"""The zoom from which single documents are shown."""

_MOST_DOCUMENTS = 10_000
_BACKGROUND: Json = {
    "id": "background",
    "label": None,
    "type": "EMS_VECTOR_TILE",
    "sourceDescriptor": {"type": "EMS_TMS", "isAutoSelect": True},
    "style": {"type": "EMS_VECTOR_TILE", "color": ""},
    "minZoom": 0,
    "maxZoom": 24,
    "alpha": 1,
    "visible": True,
    "includeInFitToBounds": True,
}


class Map(msgspec.Struct, frozen=True, kw_only=True):
    """Documents of a data view by one of their points."""

    id: str
    title: str
    view: DataView
    point: str
    shown: tuple[str, ...]
    """Fields that are shown of a document when it is pointed at."""

    def saved_object(self) -> SavedObject:
        """The map, with its data view once for each layer that asks it."""
        layers = [_BACKGROUND, self._clusters("layer_1"), self._documents("layer_2")]
        attributes = {
            "title": self.title,
            "description": "",
            "mapStateJSON": stringified(_VIEWPORT),
            "layerListJSON": stringified(layers),
            "uiStateJSON": stringified({"isLayerTOCOpen": False, "openTOCDetails": []}),
        }
        references = tuple(
            Reference("index-pattern", self.view.id, _source_name(layer))
            for layer in ("layer_1", "layer_2")
        )
        return SavedObject(type="map", id=self.id, attributes=attributes, references=references)

    def _clusters(self, layer: str) -> Json:
        source = {
            "id": "clusters",
            "type": "ES_GEO_GRID",
            "geoField": self.point,
            "requestType": "point",
            "resolution": "COARSE",
            "metrics": [{"type": "count", "label": "articles"}],
            "indexPatternRefName": _source_name(layer),
            **_FOLLOWS_DASHBOARD,
        }
        style = _style(_by_count("Blues"), _sized_by_count())
        return _layer("clusters", "Places", source, style, nearest=NEAR)

    def _documents(self, layer: str) -> Json:
        source = {
            "id": "documents",
            "type": "ES_SEARCH",
            "geoField": self.point,
            "filterByMapBounds": True,
            "scalingType": "LIMIT",
            "limit": _MOST_DOCUMENTS,
            "tooltipProperties": self.shown,
            "indexPatternRefName": _source_name(layer),
            **_FOLLOWS_DASHBOARD,
        }
        style = _style(_static("color", "#0b64dd"), _static("size", 6))
        return _layer("documents", "Articles", source, style, farthest=NEAR)


_FOLLOWS_DASHBOARD: Json = {
    "applyGlobalQuery": True,
    "applyGlobalTime": True,
    "applyForceRefresh": True,
}

_VIEWPORT: Json = {
    "zoom": 1.7,
    "center": {"lon": 10, "lat": 30},
    "timeFilters": {"from": "now-7d", "to": "now"},
    "refreshConfig": {"isPaused": True, "interval": 0},
    "query": {"query": "", "language": "kuery"},
    "filters": [],
    "settings": {"autoFitToDataBounds": True},
}


def _source_name(layer: str) -> str:
    return f"{layer}_source_index_pattern"


def _layer(
    name: str, label: str, source: Json, style: Json, *, farthest: int = 0, nearest: int = 24
) -> Json:
    return {
        "id": name,
        "label": label,
        "type": "GEOJSON_VECTOR",
        "sourceDescriptor": source,
        "style": style,
        "joins": [],
        "minZoom": farthest,
        "maxZoom": nearest,
        "alpha": 0.75,
        "visible": True,
        "includeInFitToBounds": True,
    }


def _style(fill: Json, size: Json) -> Json:
    properties = {
        "icon": {"type": "STATIC", "options": {"value": "marker"}},
        "fillColor": fill,
        "lineColor": _static("color", "#ffffff"),
        "lineWidth": _static("size", 1),
        "iconSize": size,
        "symbolizeAs": {"options": {"value": "circle"}},
    }
    return {"type": "VECTOR", "properties": properties, "isTimeAware": True}


def _static(option: str, value: str | int) -> Json:
    return {"type": "STATIC", "options": {option: value}}


_COUNT: Json = {
    "field": {"name": "doc_count", "origin": "source"},
    "fieldMetaOptions": {"isEnabled": True, "sigma": 3},
}


def _by_count(colours: str) -> Json:
    return {"type": "DYNAMIC", "options": {**_COUNT, "color": colours, "type": "ORDINAL"}}


def _sized_by_count() -> Json:
    return {"type": "DYNAMIC", "options": {**_COUNT, "minSize": 7, "maxSize": 32}}
