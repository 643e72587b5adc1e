"""One article, one story, one entity, the map."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from pipeline.search import ArticleHit
from pipeline.search.library import Library
from pipeline.search.places import PlaceCount
from pipeline.search.profile import Profile
from pipeline.search.whole import StoryView, WholeArticle
from pipeline.web.answers import Json, answers
from pipeline.web.params import ArticleId, EntityName, Map, StoryId
from pipeline.web.problems import NOT_FOUND, PROBLEMS, not_found


def routes(library: Library, clock: Callable[[], datetime]) -> APIRouter:
    """What is shown whole."""
    router = APIRouter(tags=["views"], responses=PROBLEMS)

    @router.get(
        "/articles/{article_id}", responses=answers(WholeArticle, "The article.") | NOT_FOUND
    )
    async def article(article_id: ArticleId) -> Response:
        """An article with its text and all that was found in it."""
        return Json(await _article(library, article_id))

    @router.get(
        "/articles/{article_id}/similar",
        responses=answers(list[ArticleHit], "The most alike first.") | NOT_FOUND,
    )
    async def similar(article_id: ArticleId) -> Response:
        """Articles of other stories that share its rarer words."""
        return Json(await library.similar(await _article(library, article_id)))

    @router.get("/stories/{story_id}", responses=answers(StoryView, "The story.") | NOT_FOUND)
    async def story(story_id: StoryId) -> Response:
        """All copies of a story, in the order in which they were first seen."""
        found = await library.story(story_id)
        if found is None:
            raise not_found("such story")
        return Json(found)

    @router.get("/entities/{name:path}", responses=answers(Profile, "The profile.") | NOT_FOUND)
    async def entity(name: EntityName) -> Response:
        """Someone or something over all articles, by the canonical name."""
        found = await library.profile(name)
        if found is None:
            raise not_found("entity of that name")
        return Json(found)

    @router.get("/places", responses=answers(list[PlaceCount], "The fullest cells first."))
    async def places(asked: Annotated[Map, Query()]) -> Response:
        """Where the articles of a search take place."""
        return Json(await library.places(asked.request(clock()), asked.zoom))

    return router


async def _article(library: Library, article_id: str) -> WholeArticle:
    found = await library.article(article_id)
    if found is None:
        raise not_found("such article")
    return found
