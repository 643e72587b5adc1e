"""Enriched articles to Elasticsearch documents, written so that repeats and revisions do no harm.

:mod:`fields` names what the documents carry, :mod:`templates` maps it, :mod:`documents` fills it,
:mod:`plan` decides what one batch has to write, :mod:`prepare` spells it out, :mod:`bulk` gets
it there, :mod:`indexer` joins them. :mod:`revisions` says which superseded versions are kept, and
:mod:`archive` keeps them. :mod:`retention` drops old months.
"""

from pipeline.index.indexer import Indexer
from pipeline.index.outcome import IndexOutcome, IndexStatus

__all__ = ["IndexOutcome", "IndexStatus", "Indexer"]
