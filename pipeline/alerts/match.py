"""Saved searches asked of what was just indexed: pure.

A search is the query that ``pipeline search`` would make of it, narrowed to the articles of a
batch, so that an alert and a search never disagree.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from pipeline.alerts import searches
from pipeline.errors import ServiceUnavailable
from pipeline.index import fields
from pipeline.records import Alert, AlertStatement, IndexedArticle, SavedSearch
from pipeline.records.alert import MAX_CONTENT_CHARS, MAX_STATEMENTS, MAX_TITLE_CHARS
from pipeline.search.hits import (
    ArticleHit,
    Hit,
    StatementHit,
    article_hit,
    statement_hit,
)
from pipeline.search.queries import Body, articles_body, statements_body

_FOUND = "statements"
_BAD_REQUEST = 400
_NOT_NEEDED = ("highlight", "collapse", "track_scores")


class Batch(msgspec.Struct, frozen=True):
    """The newest notice of each article that is recent enough to alert anybody."""

    notices: Mapping[str, IndexedArticle]

    @property
    def ids(self) -> list[str]:
        """The ids of the articles."""
        return sorted(self.notices)

    @property
    def began(self) -> datetime:
        """From when the times of searches are counted: 7d means before the article was indexed,
        however late it is asked."""
        return min(notice.indexed_at for notice in self.notices.values())


def recent(notices: Iterable[IndexedArticle], max_age: timedelta) -> Batch:
    """What of the notices is asked about: articles first seen not over ``max_age`` before they were
    indexed."""
    newest: dict[str, IndexedArticle] = {}
    for notice in notices:
        known = newest.get(notice.article_id)
        if notice.indexed_at - notice.first_seen_at <= max_age and (
            known is None or notice.revision >= known.revision
        ):
            newest[notice.article_id] = notice
    return Batch(newest)


def question(search: SavedSearch, batch: Batch) -> Body:
    """The body that finds which articles of a batch a search matches: a hit for each article.

    Raises ValueError for a search that cannot be asked.
    """
    request = msgspec.structs.replace(searches.request(search, batch.began), limit=len(batch.ids))
    among_statements = search.about == "statements"
    body = statements_body(request) if among_statements else articles_body(request)
    body["query"]["bool"]["filter"].append({"terms": {fields.ARTICLE_ID: batch.ids}})
    for name in _NOT_NEEDED if among_statements else _NOT_NEEDED[1:]:
        body.pop(name, None)
    return body | {
        "sort": [{fields.ARTICLE_ID: "asc"}],
        "track_total_hits": False,
        **(_FIRST_STATEMENTS if among_statements else {}),
    }


_FIRST_STATEMENTS: Body = {
    "_source": [fields.ARTICLE_ID],
    "collapse": {
        "field": fields.ARTICLE_ID,
        "inner_hits": {
            "name": _FOUND,
            "size": MAX_STATEMENTS,
            "sort": [{fields.ORDINAL: "asc"}],
        },
    },
}


def hits_of(answer: Mapping[str, Any]) -> Sequence[Hit] | None:
    """The hits in one answer of a multi-search; None where Elasticsearch refuses the search.

    Raises ServiceUnavailable for an answer that is none, or covers a part only.
    """
    if answer.get("status") == _BAD_REQUEST:
        return None
    failed_shards = answer.get("_shards", {}).get("failed")
    if "hits" not in answer or answer.get("timed_out") or failed_shards:
        raise ServiceUnavailable("a saved search had no whole answer")
    found: Sequence[Hit] = answer["hits"]["hits"]
    return found


def alerts_of(search: SavedSearch, hits: Iterable[Hit], batch: Batch) -> list[Alert]:
    """An alert for each hit of a search's question, the same one each time."""
    read = _of_statements if search.about == "statements" else _of_article
    once = bool(search.query.get("stories"))
    alerts = (read(search, hit, batch, once_a_story=once) for hit in hits)
    return list({alert.id: alert for alert in reversed(list(alerts))}.values())[::-1]


def alert_id(search_id: str, subject: str) -> str:
    """The id of the alert that a search gives of an article, or of a story: 128 bits in hex."""
    return hashlib.sha256(f"{search_id}\n{subject}".encode()).hexdigest()[:32]


def _of_article(search: SavedSearch, hit: Hit, batch: Batch, *, once_a_story: bool) -> Alert:
    found = article_hit(hit)
    subject = (found.story if once_a_story else None) or found.id
    return _alert(search, subject, found.id, found, batch, snippet=cut(found.snippet))


def _of_statements(
    search: SavedSearch,
    hit: Hit,
    batch: Batch,
    *,
    once_a_story: bool,  # noqa: ARG001 (for articles only)
) -> Alert:
    inner = hit["inner_hits"][_FOUND]["hits"]
    found = [statement_hit(each) for each in inner["hits"]]
    first = found[0]
    return _alert(
        search,
        first.article_id,
        first.article_id,
        first,
        batch,
        statements=tuple(map(_statement, found)),
        statement_count=inner["total"]["value"],
    )


def _alert(
    search: SavedSearch,
    subject: str,
    article_id: str,
    found: ArticleHit | StatementHit,
    batch: Batch,
    **particular: Any,
) -> Alert:
    notice = batch.notices[article_id]
    return Alert(
        id=alert_id(search.id, subject),
        search_id=search.id,
        search_name=search.name,
        about=search.about,
        article_id=article_id,
        revision=notice.revision,
        title=cut(found.title, MAX_TITLE_CHARS),
        url=found.url,
        source=found.source,
        published_at=found.published,
        indexed_at=notice.indexed_at,
        **particular,
    )


def _statement(hit: StatementHit) -> AlertStatement:
    kinds: dict[str, Any] = {"type": hit.type, "kind": hit.kind}
    return AlertStatement(
        id=hit.id,
        speaker=hit.speaker,
        cue=hit.cue,
        content=cut(hit.content),
        negated=hit.negated,
        hypothetical=hit.hypothetical,
        **kinds,
    )


def cut(text: str, chars: int = MAX_CONTENT_CHARS) -> str:
    """At most so many characters of a text, with an ellipsis where there were more."""
    return text if len(text) <= chars else text[: chars - 1] + "…"
