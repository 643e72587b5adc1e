"""The versions of an article, and what its source changed from one to the next."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from pipeline.index import fields
from pipeline.index.revisions import KEPT, KEPT_OF_STATEMENTS, revision_id
from pipeline.records import Origin
from pipeline.search.asking import ask
from pipeline.search.diff import Change, changes
from pipeline.search.filters import term
from pipeline.search.hits import read_time
from pipeline.search.queries import Body
from pipeline.settings import IndexSettings

VERSIONS_LIMIT = 1_000
QUOTES_LIMIT = 1_000

VERSION = [
    fields.ARTICLE_ID,
    fields.REVISION,
    fields.ORIGIN,
    fields.TITLE,
    fields.FETCHED,
    fields.CONTENT_SHA256,
]
"""The fields of a document that a :class:`Version` is read from."""

Source = Mapping[str, Any]


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an article. ``revision`` is the time of it, in milliseconds since the epoch;
    ``fetched`` is when it was first seen with this title and text, ``current`` marks the one that
    searches find. ``origin`` says whose word title and text are; None where nobody said."""

    revision: int
    origin: Origin | None
    title: str
    fetched: datetime | None
    current: bool


class Quote(msgspec.Struct, frozen=True, kw_only=True):
    """A statement of a version, as :class:`StatementHit` has it."""

    id: str
    speaker: str | None
    speaker_text: str | None
    cue: str | None
    content: str
    type: str
    negated: bool
    hypothetical: bool


class RevisionView(msgspec.Struct, frozen=True, kw_only=True):
    """One version of an article, and how the ``following`` one differs; that is None in the last,
    and then nothing was changed.

    ``quotes_gone`` are statements that the following version has not, with that speaker and in
    those words; ``quotes_new`` are those that it has instead.
    """

    article_id: str
    version: Version
    following: Version | None
    text: str
    url: str | None
    source: str
    language: str | None
    authors: tuple[str, ...]
    published: datetime | None
    quotes: tuple[Quote, ...]
    title_changes: tuple[Change, ...] = ()
    text_changes: tuple[Change, ...] = ()
    quotes_gone: tuple[Quote, ...] = ()
    quotes_new: tuple[Quote, ...] = ()


async def read_versions(
    client: AsyncElasticsearch, settings: IndexSettings, article_id: str
) -> list[Version]:
    """The versions of an article, oldest first; of more than ``VERSIONS_LIMIT`` the latest. None at
    all where there is no such article."""
    found = await ask(client, settings.articles, _of_article(article_id, VERSION))
    currents = [hit["_source"] for hit in found["hits"]["hits"]]
    return (await versions_of(client, settings, [article_id], currents)).get(article_id, [])


async def versions_of(
    client: AsyncElasticsearch,
    settings: IndexSettings,
    article_ids: Sequence[str],
    currents: Sequence[Source],
) -> dict[str, list[Version]]:
    """The same for several articles at once, whose current documents have the fields
    ``VERSION``."""
    answer = await ask(client, settings.revisions, _kept_body(article_ids))
    kept = [hit["_source"] for hit in answer["hits"]["hits"]]
    return {
        article_id: versions(
            [each for each in kept if each[fields.ARTICLE_ID] == article_id],
            next((each for each in currents if each[fields.ARTICLE_ID] == article_id), None),
        )
        for article_id in article_ids
    }


def versions(kept: Iterable[Source], current: Source | None) -> list[Version]:
    """Superseded versions in any order and the current one, as they followed one another.

    A version that is kept and current at once is current: a worker is just about to write over it,
    or was refused to. Of versions that follow each other with one title and text the first is
    shown, but the current one always.
    """
    older = [
        each
        for each in kept
        if current is None or each[fields.REVISION] != current[fields.REVISION]
    ]
    older.sort(key=lambda each: int(each[fields.REVISION]))
    runs = [next(run) for _, run in groupby(older, key=_content)]
    if current is not None and runs and _content(runs[-1]) == _content(current):
        runs.pop()
    ended = [] if current is None else [_version(current, current=True)]
    return [_version(each, current=False) for each in runs] + ended


async def read_revision(
    client: AsyncElasticsearch, settings: IndexSettings, article_id: str, revision: int
) -> RevisionView | None:
    """One version of an article beside the one that followed it; None where it is not among its
    versions."""
    listed = await read_versions(client, settings, article_id)
    pairs = pairwise([*listed, None])
    version, following = next(
        ((one, other) for one, other in pairs if one and one.revision == revision), (None, None)
    )
    if version is None:
        return None
    older = await _read(client, settings, article_id, version)
    newer = await _read(client, settings, article_id, following) if following else None
    if older is None:
        return None
    # In a thread: two seconds, for texts made to take long.
    return await asyncio.to_thread(_view, article_id, version, older, following, newer)


async def _read(
    client: AsyncElasticsearch, settings: IndexSettings, article_id: str, version: Version
) -> Source | None:
    """The document of a version, with its statements."""
    if version.current:
        found = await ask(client, settings.articles, _of_article(article_id, KEPT))
        sources = [hit["_source"] for hit in found["hits"]["hits"]]
        # It may have been written over a moment ago, and is kept then.
        if sources and sources[0][fields.REVISION] == version.revision:
            said = await ask(client, settings.statements, _quotes_body(article_id))
            quotes = [hit["_source"] for hit in said["hits"]["hits"]]
            return {**sources[0], fields.QUOTED: quotes}
    kept_id = revision_id(article_id, version.revision)
    ids = {"query": {"ids": {"values": [kept_id]}}, "size": 1}
    hits = (await ask(client, settings.revisions, ids))["hits"]["hits"]
    return hits[0]["_source"] if hits else None


def _view(
    article_id: str,
    version: Version,
    older: Source,
    following: Version | None,
    newer: Source | None,
) -> RevisionView:
    quotes = _quotes(older)
    view = RevisionView(
        article_id=article_id,
        version=version,
        following=following if newer else None,
        text=older[fields.TEXT],
        url=older.get(fields.URL),
        source=older[fields.SOURCE],
        language=older.get(fields.LANGUAGE),
        authors=tuple(older.get(fields.AUTHORS, ())),
        published=read_time(older.get(fields.PUBLISHED)),
        quotes=quotes,
    )
    if newer is None:
        return view
    others = _quotes(newer)
    return msgspec.structs.replace(
        view,
        title_changes=changes(older.get(fields.TITLE, ""), newer.get(fields.TITLE, "")),
        text_changes=changes(older[fields.TEXT], newer[fields.TEXT]),
        quotes_gone=_without(quotes, others),
        quotes_new=_without(others, quotes),
    )


def _without(quotes: Iterable[Quote], others: Iterable[Quote]) -> tuple[Quote, ...]:
    known = {_said(each) for each in others}
    return tuple(each for each in quotes if _said(each) not in known)


def _said(quote: Quote) -> tuple[object, ...]:
    return quote.speaker, quote.content, quote.negated, quote.hypothetical


def _quotes(source: Source) -> tuple[Quote, ...]:
    return tuple(map(_quote, source.get(fields.QUOTED, ())))


def _quote(source: Source) -> Quote:
    return Quote(
        id=source[fields.STATEMENT_ID],
        speaker=source.get(fields.SPEAKER),
        speaker_text=source.get(fields.SPEAKER_TEXT),
        cue=source.get(fields.CUE),
        content=source[fields.CONTENT],
        type=source[fields.TYPE],
        negated=source[fields.NEGATED],
        hypothetical=source.get(fields.HYPOTHETICAL, False),
    )


def _content(source: Source) -> Any:
    return source[fields.CONTENT_SHA256]


def _version(source: Source, *, current: bool) -> Version:
    return Version(
        revision=source[fields.REVISION],
        origin=source.get(fields.ORIGIN),
        title=source.get(fields.TITLE, ""),
        fetched=read_time(source.get(fields.FETCHED)),
        current=current,
    )


def _of_article(article_id: str, wanted: Sequence[str]) -> Body:
    query = {"bool": {"filter": [term(fields.ARTICLE_ID, article_id)]}}
    return {"query": query, "size": 1, "_source": list(wanted)}


def _kept_body(article_ids: Sequence[str]) -> Body:
    return {
        "query": {"bool": {"filter": [{"terms": {fields.ARTICLE_ID: list(article_ids)}}]}},
        "sort": [{fields.REVISION: "desc"}],
        "size": VERSIONS_LIMIT,
        "_source": VERSION,
    }


def _quotes_body(article_id: str) -> Body:
    return {
        "query": {"bool": {"filter": [term(fields.ARTICLE_ID, article_id)]}},
        "sort": [{fields.ORDINAL: "asc"}],
        "size": QUOTES_LIMIT,
        "_source": list(KEPT_OF_STATEMENTS),
    }
