"""Kibana's dashboards, as code: pure, with every field by its name in :mod:`pipeline.index.fields`.

``columns`` make ``charts``, charts with ``searches``, ``maps`` and text make ``dashboards``;
``contents`` is all of them, and :mod:`importer` posts it. Nothing here was tried in a real Kibana:
docs/kibana.md says what was tried instead.
"""

from pipeline.kibana.contents import ndjson, saved_objects

__all__ = ["ndjson", "saved_objects"]
