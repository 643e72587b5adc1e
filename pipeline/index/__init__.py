"""Enriched articles to Elasticsearch documents, written so that repeats and revisions do no harm.

:mod:`fields` names what the documents carry, :mod:`templates` maps it, :mod:`documents` fills it,
:mod:`plan` decides what one batch has to write, :mod:`prepare` spells it out, :mod:`bulk` gets
it there, :mod:`indexer` joins them. :mod:`homes` says in which month each article is, and
:mod:`registry` asks for it. :mod:`revisions` says which superseded versions are kept, and
:mod:`archive` keeps them. :mod:`provision` makes the indices, :mod:`retention` drops old months,
:mod:`mend` and :mod:`doubles` put right what earlier faults left.
"""

from pipeline.index.indexer import Indexer
from pipeline.index.outcome import IndexOutcome, IndexStatus

__all__ = ["IndexOutcome", "IndexStatus", "Indexer"]
