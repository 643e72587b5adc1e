"""The versions of an article."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import Response

from pipeline.search.library import Library
from pipeline.search.revisions import RevisionView, Version
from pipeline.web.answers import Json, answers
from pipeline.web.params import ArticleId, Revision
from pipeline.web.problems import NOT_FOUND, PROBLEMS, not_found


def routes(library: Library) -> APIRouter:
    """What a source corrected."""
    router = APIRouter(tags=["views"], responses=PROBLEMS)

    @router.get(
        "/articles/{article_id}/revisions",
        responses=answers(list[Version], "Oldest first.") | NOT_FOUND,
    )
    async def revisions(article_id: ArticleId) -> Response:
        """The versions of an article, as its source corrected it."""
        found = await library.versions(article_id)
        if not found:
            raise not_found("such article")
        return Json(found)

    @router.get(
        "/articles/{article_id}/revisions/{revision}",
        responses=answers(RevisionView, "The version.") | NOT_FOUND,
    )
    async def revision(article_id: ArticleId, revision: Revision) -> Response:
        """One version of an article, and word by word what the following one changed."""
        found = await library.revision(article_id, revision)
        if found is None:
            raise not_found("such version of the article")
        return Json(found)

    return router
