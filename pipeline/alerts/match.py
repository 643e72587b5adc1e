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
_NOT_THE_SEARCH = frozenset({401, 403, 404, 408, 429})
_WHY_CHARS = 200
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


class Refusal(msgspec.Struct, frozen=True):
    """Only this one cannot be asked."""

    why: str


class NoAnswer(msgspec.Struct, frozen=True):
    """No whole answer: an outage, unless others are answered."""

    why: str


def hits_of(answer: Mapping[str, Any]) -> Sequence[Hit] | Refusal | NoAnswer:
    """What one answer of a multi-search says."""
    status = answer.get("status")
    if isinstance(status, int) and status // 100 == 4 and status not in _NOT_THE_SEARCH:
        return Refusal(f"Elasticsearch refuses it: {_error(answer)}")
    if "error" in answer:
        return NoAnswer(_error(answer))
    failed_shards = answer.get("_shards", {}).get("failed")
    if "hits" not in answer or answer.get("timed_out") or failed_shards:
        return NoAnswer("an answer from a part of the shards, or none in time")
    found: Sequence[Hit] = answer["hits"]["hits"]
    return found


def _error(answer: Mapping[str, Any]) -> str:
    """Status, type and reason of what went wrong first."""
    error = answer.get("error")
    known = error if isinstance(error, Mapping) else {}
    first = next(iter(known.get("root_cause") or ()), known)
    cause = first if isinstance(first, Mapping) else {}
    said = f"HTTP {answer.get('status')} {cause.get('type', '')}: {cause.get('reason', '')}"
    return cut("".join(c if c.isprintable() else " " for c in said).strip(": "), _WHY_CHARS)


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
