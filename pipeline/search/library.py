"""All that can be asked of the index, bound to one client."""

from __future__ import annotations

from collections.abc import AsyncIterator

from elasticsearch import AsyncElasticsearch

from pipeline.search import reader, revisions, whole
from pipeline.search.facets import Breakdown
from pipeline.search.hits import ArticleHit, StatementHit
from pipeline.search.live import Mark, newest_mark, statements_since
from pipeline.search.places import PlaceCount, count_places
from pipeline.search.profile import Profile, read_profile
from pipeline.search.reader import Counted, Found
from pipeline.search.request import SearchRequest
from pipeline.search.revisions import RevisionView, Version
from pipeline.search.whole import StoryView, WholeArticle
from pipeline.settings import IndexSettings

_PROBE_SECONDS = 0.8


class Library:
    """Reads only. Each method is described where it is made; all let the client's TransportError
    and ApiError out, and find nothing where nothing was indexed yet.

    ``probe`` asks whether Elasticsearch answers, beside the searches of ``client``.
    """

    def __init__(
        self,
        client: AsyncElasticsearch,
        settings: IndexSettings,
        probe: AsyncElasticsearch | None = None,
    ) -> None:
        self._client = client
        self._settings = settings
        self._probe = probe

    async def articles(
        self, request: SearchRequest, beside: Breakdown = reader.NOTHING_BESIDE
    ) -> Found[ArticleHit]:
        """See :func:`reader.search_articles`."""
        return await reader.search_articles(self._client, self._settings, request, beside)

    async def statements(
        self, request: SearchRequest, beside: Breakdown = reader.NOTHING_BESIDE
    ) -> Found[StatementHit]:
        """See :func:`reader.search_statements`."""
        return await reader.search_statements(self._client, self._settings, request, beside)

    async def article_counts(self, request: SearchRequest, beside: Breakdown) -> Counted:
        """See :func:`reader.count_articles`."""
        return await reader.count_articles(self._client, self._settings, request, beside)

    async def statement_counts(self, request: SearchRequest, beside: Breakdown) -> Counted:
        """See :func:`reader.count_statements`."""
        return await reader.count_statements(self._client, self._settings, request, beside)

    def every_article(self, request: SearchRequest, limit: int) -> AsyncIterator[ArticleHit]:
        """See :func:`reader.every_article`."""
        return reader.every_article(self._client, self._settings, request, limit)

    def every_statement(self, request: SearchRequest, limit: int) -> AsyncIterator[StatementHit]:
        """See :func:`reader.every_statement`."""
        return reader.every_statement(self._client, self._settings, request, limit)

    async def article(self, article_id: str) -> WholeArticle | None:
        """See :func:`whole.read_article`."""
        return await whole.read_article(self._client, self._settings, article_id)

    async def story(self, story_id: str) -> StoryView | None:
        """See :func:`whole.read_story`."""
        return await whole.read_story(self._client, self._settings, story_id)

    async def versions(self, article_id: str) -> list[Version]:
        """See :func:`revisions.read_versions`."""
        return await revisions.read_versions(self._client, self._settings, article_id)

    async def revision(self, article_id: str, revision: int) -> RevisionView | None:
        """See :func:`revisions.read_revision`."""
        return await revisions.read_revision(self._client, self._settings, article_id, revision)

    async def similar(self, article: WholeArticle) -> list[ArticleHit]:
        """See :func:`whole.similar_articles`."""
        return await whole.similar_articles(self._client, self._settings, article)

    async def profile(self, name: str) -> Profile | None:
        """See :func:`profile.read_profile`."""
        return await read_profile(self._client, self._settings, name)

    async def places(self, request: SearchRequest, zoom: int) -> list[PlaceCount]:
        """See :func:`places.count_places`."""
        return await count_places(self._client, self._settings, request, zoom)

    async def newest_mark(self) -> Mark:
        """See :func:`live.newest_mark`."""
        return await newest_mark(self._client, self._settings)

    async def statements_since(self, mark: Mark) -> list[tuple[Mark, StatementHit]]:
        """See :func:`live.statements_since`."""
        return await statements_since(self._client, self._settings, mark)

    async def is_ready(self) -> bool:
        """Whether Elasticsearch answers, at once and beside all searches."""
        probe = self._probe or self._client
        return bool(await probe.options(request_timeout=_PROBE_SECONDS).ping())
