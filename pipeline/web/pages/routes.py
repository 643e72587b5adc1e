"""The pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from pipeline.errors import ServiceUnavailable
from pipeline.search.diff import Change
from pipeline.search.facets import Breakdown
from pipeline.search.library import Library
from pipeline.search.request import SearchRequest
from pipeline.search.whole import StoryView, WholeArticle
from pipeline.web.health import Health
from pipeline.web.pages.changed import changed_paragraphs
from pipeline.web.pages.charts import MAP_HEIGHT, MAP_WIDTH, circles, columns
from pipeline.web.pages.marked import paragraphs_of
from pipeline.web.pages.searches import Searches, asked_in, words_of
from pipeline.web.pages.templates import Templates
from pipeline.web.params import (
    ArticleId,
    ArticlePage,
    EntityName,
    Revision,
    StoryId,
)
from pipeline.web.problems import not_found

_MAP_ZOOM = 6
_LIVE = 20


class Pages:
    """Every page that shows news."""

    def __init__(
        self, library: Library, health: Health, templates: Templates, clock: Callable[[], datetime]
    ) -> None:
        self._library = library
        self._health = health
        self._templates = templates
        self._clock = clock
        self._searches = Searches(library, templates, clock)

    def router(self) -> APIRouter:
        """The addresses of the pages."""
        router = APIRouter(include_in_schema=False)
        for path, page in (
            ("/", self.start),
            ("/statements", self._searches.statements),
            ("/articles", self._searches.articles),
            ("/articles/{article_id}", self.article),
            ("/articles/{article_id}/revisions/{revision}", self.revision),
            ("/stories/{story_id}", self.story),
            ("/entities/{name:path}", self.entity),
            ("/places", self.places),
            ("/live", self.live),
            ("/health", self.health),
        ):
            router.add_api_route(path, page, methods=["GET"], response_model=None)
        return router

    async def start(self) -> RedirectResponse:
        """Statements are what this is for."""
        return RedirectResponse("/statements", 307)

    async def article(self, article_id: ArticleId) -> HTMLResponse:
        """An article with what was found in it, in place."""
        whole = await self._library.article(article_id)
        if whole is None:
            raise not_found("such article")
        story = await self._library.story(whole.article.story) if whole.article.story else None
        return await self._whole(whole, story)

    async def story(self, story_id: StoryId) -> HTMLResponse:
        """The first article of a story, beside its copies."""
        found = await self._library.story(story_id)
        first = await self._library.article(found.copies[0].article.id) if found else None
        if first is None:
            raise not_found("such story")
        return await self._whole(first, found)

    async def revision(self, article_id: ArticleId, revision: Revision) -> HTMLResponse:
        """What a source changed in an article."""
        view = await self._library.revision(article_id, revision)
        if view is None:
            raise not_found("such version of the article")
        unchanged = Change(kind="same", text=view.text)
        return self._templates.page(
            "revision",
            view=view,
            listed=await self._library.versions(article_id),
            paragraphs=changed_paragraphs(view.text_changes or [unchanged]),
        )

    async def entity(self, name: EntityName) -> HTMLResponse:
        """Someone or something over all articles."""
        profile = await self._library.profile(name)
        if profile is None:
            raise not_found(f"entity named {name}")
        return self._templates.page("entity", profile=profile, columns=columns(profile.timeline))

    async def places(self, request: Request) -> HTMLResponse:
        """A map of what is named."""
        now = self._clock()
        asked, problem = asked_in(request.query_params, ArticlePage, (), now)
        wanted = asked.request(now, limit=1) if asked else SearchRequest(limit=1)
        found = await self._library.articles(wanted, Breakdown(("place",)))
        return self._templates.page(
            "places",
            here="/places",
            problem=problem,
            asked=words_of(request.query_params, asked),
            circles=circles(await self._library.places(wanted, _MAP_ZOOM)),
            named=found.facets["place"].values if found.facets else (),
            width=MAP_WIDTH,
            height=MAP_HEIGHT,
        )

    async def live(self) -> HTMLResponse:
        """New statements as they come."""
        found = await self._library.statements(SearchRequest(limit=_LIVE))
        return self._templates.page("live", here="/live", hits=found.hits)

    async def health(self) -> HTMLResponse:
        """How the line and its feeds are doing."""
        feeds, line, problem = None, None, ""
        try:
            feeds, line = await self._health.feeds(), await self._health.line()
        except ServiceUnavailable as error:
            problem = str(error)
        return self._templates.page(
            "health", here="/health", feeds=feeds, line=line, problem=problem
        )

    async def _whole(self, whole: WholeArticle, story: StoryView | None) -> HTMLResponse:
        return self._templates.page(
            "article",
            whole=whole,
            story=story,
            paragraphs=paragraphs_of(whole),
            entities=_entities(whole),
            similar=await self._library.similar(whole),
            listed=await self._library.versions(whole.article.id),
        )


def _entities(whole: WholeArticle) -> list[tuple[str, str, int]]:
    """Those with a name, by how often they are mentioned."""
    counted: dict[tuple[str, str], int] = {}
    for mention in whole.mentions:
        key = mention.entity, mention.type
        counted[key] = counted.get(key, 0) + 1
    ordered = sorted(counted.items(), key=lambda each: (-each[1], each[0]))
    return [(name, kind, count) for (name, kind), count in ordered]
