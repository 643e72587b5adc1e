"""What the index station tells of an article it has written."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pipeline.records.article import ArticleId, AwareTime


class IndexedArticle(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A revision of an article is in the index, with all its statements.

    Told at least once of each revision that is written.
    """

    article_id: ArticleId
    revision: Annotated[int, msgspec.Meta(ge=1)]
    statements: Annotated[int, msgspec.Meta(ge=0)]
    first_seen_at: AwareTime
    indexed_at: AwareTime
