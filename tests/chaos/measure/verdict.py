"""What is found at the end, read from the servers around the proxies, and what it proves.

``pipeline check`` says what any operator can know; beside it stands the exact comparison with what
was made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan

from pipeline.errors import Rejected
from pipeline.index import fields
from pipeline.records import Alert, Article, DeadLetter, Delivery, EnrichedArticle, decode
from pipeline.settings import Settings
from tests.chaos.measure.compare import (
    Document,
    Expected,
    Finding,
    Found,
    Letter,
    Said,
    buried,
    compare,
)
from tests.chaos.world.record import Record
from tests.chaos.world.texts import SOUGHT, marker_in
from tests.reading import read_messages, read_topic
from tests.running import pipeline

_PAGE = 2_000
_LEAST_FOUND = 0.9  # of the made quotations of the one sought: the model misses few


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is, and what does not hold. ``buried`` are good articles that ended as dead
    letters, by reason. The last findings are those of `pipeline check`."""

    produced: int
    indexed: int
    dead_letters: int
    kept: int
    alerts: int
    buried: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def lost(self) -> int:
        return self._count("lost")

    @property
    def double(self) -> int:
        return self._count("double")

    def _count(self, kind: str) -> int:
        return sum(each.count for each in self.findings if each.kind == kind)


def verdict(
    line: Settings,
    record: Record,
    received: frozenset[str] | None = None,
    lag: Mapping[str, int] | None = None,
) -> Verdict:
    """Compare all that was made with all that is there. ``line`` must be settled. Without
    ``received`` nothing is asked of alerts."""
    with Elasticsearch(line.elasticsearch.hosts, request_timeout=60) as client:
        client.indices.refresh(index=",".join(f"{each}-*" for each in line.index.aliases))
        found, quoting = _found(client, line)
        hidden = _hidden(client, line)
    if received is not None:
        found = msgspec.structs.replace(found, alerts=_alerts(line), received=received)
    found = msgspec.structs.replace(found, lag=lag or {})
    sought = record.sought()
    expected = Expected(
        versions=record.versions(),
        poison=record.poison(),
        alerting=sought & quoting if received is not None else frozenset(),
    )
    findings = [*compare(expected, found), *hidden, *_unrecognised(sought, quoting, found)]
    return Verdict(
        produced=len(expected.versions),
        indexed=len({each.id for each in found.articles}),
        dead_letters=len(found.letters),
        kept=sum(map(len, found.kept.values())),
        alerts=len(found.alerts),
        buried=buried(expected, found),
        findings=(*findings, *project_check(line)),
    )


def _found(client: Elasticsearch, line: Settings) -> tuple[Found, frozenset[str]]:
    """What there is, and the ids of the articles that quote the one sought."""
    articles, quoting = [], set()
    for hit in _all(client, f"{line.index.articles}-*", _ARTICLE):
        source = hit["_source"]
        articles.append(
            Document(
                hit["_id"],
                hit["_index"],
                marker_in(source[fields.TITLE]),
                source[fields.REVISION],
                source[fields.STATEMENT_COUNT],
            )
        )
        if SOUGHT in source.get(fields.SPEAKERS_FORMS, ()):
            quoting.add(hit["_id"])
    found = Found(
        articles=articles,
        statements=_statements(client, line),
        kept=_kept(client, line),
        letters=_letters(line),
    )
    return found, frozenset(quoting)


_ARTICLE = (fields.TITLE, fields.REVISION, fields.STATEMENT_COUNT, fields.SPEAKERS_FORMS)
_STATEMENT = (fields.ARTICLE_ID, fields.REVISION, fields.ORDINAL)
_KEPT = (fields.ARTICLE_ID, fields.TITLE)


def _all(client: Elasticsearch, index: str, wanted: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    query = {"query": {"match_all": {}}, "_source": list(wanted)}
    return iter(scan(client, index=index, query=query, size=_PAGE, ignore_unavailable=True))


def _statements(client: Elasticsearch, line: Settings) -> dict[str, list[Said]]:
    every: dict[str, list[Said]] = {}
    for hit in _all(client, f"{line.index.statements}-*", _STATEMENT):
        source = hit["_source"]
        said = Said(source[fields.REVISION], source[fields.ORDINAL])
        every.setdefault(source[fields.ARTICLE_ID], []).append(said)
    return every


def _kept(client: Elasticsearch, line: Settings) -> dict[str, frozenset[str]]:
    every: dict[str, set[str]] = {}
    for hit in _all(client, f"{line.index.revisions}-*", _KEPT):
        source = hit["_source"]
        every.setdefault(source[fields.ARTICLE_ID], set()).add(marker_in(source[fields.TITLE]))
    return {article_id: frozenset(markers) for article_id, markers in every.items()}


def _hidden(client: Elasticsearch, line: Settings) -> list[Finding]:
    """Indices that hold something and cannot be searched: without the alias."""
    findings = []
    for alias in line.index.aliases[:3]:
        behind = client.indices.get_alias(index=f"{alias}-*", allow_no_indices=True).body
        bare = [name for name, known in behind.items() if alias not in known["aliases"]]
        if bare:
            count = client.count(index=",".join(bare))["count"]
            what = f"documents in indices without the alias {alias}"
            findings.append(
                Finding(kind="indices", what=what, count=count, examples=tuple(bare[:5]))
            )
    return findings


def _letters(line: Settings) -> list[Letter]:
    """The open ones: of each key the newest message, unless that ends it."""
    newest = {each.key: each.value for each in read_messages(line, line.topics.dead_letters)}
    return [_letter(decode(value, DeadLetter)) for value in newest.values() if value is not None]


def _letter(letter: DeadLetter) -> Letter:
    reason = f"{letter.stage}: {letter.reason}: {letter.detail[:80]}"
    return Letter(letter.place, letter.key or "", letter.payload_sha256, _marker_of(letter), reason)


def _marker_of(letter: DeadLetter) -> str:
    payload = letter.payload_bytes()
    for record in (Article, EnrichedArticle):
        try:
            found = decode(payload, record)
        except Rejected:
            continue
        article = found.article if isinstance(found, EnrichedArticle) else found
        return marker_in(article.title)
    return ""


def undelivered(line: Settings) -> int:
    """How many deliveries are still to be tried: a station may be through while they are due."""
    newest = {each.key: each.value for each in read_messages(line, line.topics.deliveries)}
    states = (decode(value, Delivery) for value in newest.values() if value is not None)
    return sum(each.pending for each in states)


def _alerts(line: Settings) -> list[tuple[str, str]]:
    made = (decode(value, Alert) for value in read_topic(line, line.topics.alerts))
    return [(each.id, each.article_id) for each in made]


def _unrecognised(sought: frozenset[str], quoting: frozenset[str], found: Found) -> list[Finding]:
    """Alerts are compared with what is indexed; this says that most of what was made to alert is
    indexed as such, so that the comparison means something."""
    missed = (sought & {each.id for each in found.articles}) - quoting
    if len(missed) <= (1 - _LEAST_FOUND) * len(sought):
        return []
    what = f"articles in which {SOUGHT} is not found to speak"
    return [
        Finding(kind="alerts", what=what, count=len(missed), examples=tuple(sorted(missed)[:5]))
    ]


LOST, INDICES = "check:lost", "check:indices"


def project_check(line: Settings, *options: str) -> tuple[Finding, ...]:
    """What `pipeline check` finds, at the end where it is to repair it."""
    done = pipeline(line, "check", "--json", *options)
    try:
        findings = json.loads(done.stdout)["findings"]
    except (ValueError, KeyError, TypeError):
        words = (done.stderr.strip().splitlines() or ["no answer"])[-1]
        return (Finding(kind="check", what=words[:200], count=1, examples=()),)
    return tuple(
        Finding(
            kind=f"check:{each['kind']}",
            what=each["what"],
            count=each["count"],
            examples=tuple(map(str, each["examples"][:5])),
        )
        for each in findings
    )
