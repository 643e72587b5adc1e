"""What was made beside what is found: pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

_EXAMPLES = 5


class Version(msgspec.Struct, frozen=True):
    """One content of an article, known by its marker. One that need not be there (a clock was
    wrong) has no ``must``."""

    marker: str
    must: bool = True


class Document(msgspec.Struct, frozen=True):
    """An article in the index."""

    id: str
    index: str
    marker: str
    revision: int
    statements: int


class Said(msgspec.Struct, frozen=True):
    """A statement in the index."""

    revision: int
    ordinal: int


class Letter(msgspec.Struct, frozen=True):
    """A dead letter: where its message was read, the message's key, what it says, and why."""

    place: str
    key: str
    sha256: str
    marker: str = ""
    reason: str = ""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that does not hold, how often, and ids to look at."""

    kind: str
    what: str
    count: int
    examples: tuple[str, ...]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """All that is in the index and on the topics at the end. ``alerts`` are pairs of alert id and
    article id, as often as they were told; ``received`` the alert ids that reached the receiver."""

    articles: Sequence[Document] = ()
    statements: Mapping[str, Sequence[Said]] = {}
    kept: Mapping[str, frozenset[str]] = {}
    letters: Sequence[Letter] = ()
    alerts: Sequence[tuple[str, str]] = ()
    received: frozenset[str] = frozenset()
    lag: Mapping[str, int] = {}


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """What was made: the versions of each article from old to new, the hashes of poison, and the
    articles that alert."""

    versions: Mapping[str, Sequence[Version]]
    poison: Mapping[str, int] = {}
    alerting: frozenset[str] = frozenset()


def buried(expected: Expected, found: Found) -> Counter[str]:
    """Articles that were made to be indexed and are dead letters alone, by the reason."""
    there = {each.id for each in found.articles}
    wanted = {article_id for article_id, _ in _musts(expected)} - there
    reasons = {each.key: each.reason for each in found.letters if each.key in wanted}
    return Counter(reasons.values())


def compare(expected: Expected, found: Found) -> list[Finding]:
    """All that does not hold; empty where every guarantee does."""
    checks = {
        ("lost", "articles that are neither indexed nor dead letters"): _lost(expected, found),
        ("double", "articles in several indices"): _double(found),
        ("double", "dead letters of one place"): _double_letters(found),
        ("lost", "poisoned messages without a dead letter"): _unburied(expected, found),
        ("unknown", "articles that were never made"): _unknown(expected, found),
        ("stale", "articles that are not the newest version"): _stale(expected, found),
        ("revisions", "versions that are not kept"): _not_kept(expected, found),
        ("statements", "articles with other statements than theirs"): _statements(found),
        ("alerts", "articles whose alert is missing"): _silent(expected, found),
        ("alerts", "articles that alerted twice, or should not"): _too_loud(expected, found),
        ("alerts", "alerts that did not reach the receiver"): _undelivered(found),
        ("lag", "stations that are not through"): _behind(found),
    }
    made = (_finding(kind, what, ids) for (kind, what), ids in checks.items())
    return [each for each in made if each.count]


def _finding(kind: str, what: str, ids: Iterable[str]) -> Finding:
    every = sorted(ids)
    return Finding(kind=kind, what=what, count=len(every), examples=tuple(every[:_EXAMPLES]))


def _musts(expected: Expected) -> Iterator[tuple[str, list[Version]]]:
    for article_id, versions in expected.versions.items():
        if musts := [each for each in versions if each.must]:
            yield article_id, musts


def _lost(expected: Expected, found: Found) -> Iterator[str]:
    there = {each.id for each in found.articles} | {each.key for each in found.letters}
    return (article_id for article_id, _ in _musts(expected) if article_id not in there)


def _double(found: Found) -> Iterator[str]:
    times = Counter(each.id for each in found.articles)
    return (article_id for article_id, count in times.items() if count > 1)


def _double_letters(found: Found) -> Iterator[str]:
    times = Counter(each.place for each in found.letters)
    return (place for place, count in times.items() if count > 1)


def _unburied(expected: Expected, found: Found) -> Iterator[str]:
    buried = Counter(each.sha256 for each in found.letters)
    return (sha for sha, count in expected.poison.items() if buried[sha] < count)


def _unknown(expected: Expected, found: Found) -> Iterator[str]:
    return (each.id for each in found.articles if each.id not in expected.versions)


def _stale(expected: Expected, found: Found) -> Iterator[str]:
    """A document of each id is looked at: of a double one is stale as a rule."""
    newest = {article_id: musts[-1].marker for article_id, musts in _musts(expected)}
    buried = {each.marker for each in found.letters}
    return (
        f"{each.id} has {each.marker} for {newest[each.id]}"
        for each in found.articles
        if newest.get(each.id, each.marker) != each.marker and newest[each.id] not in buried
    )


def _not_kept(expected: Expected, found: Found) -> Iterator[str]:
    shown: dict[str, set[str]] = {}
    for each in found.articles:
        shown.setdefault(each.id, set()).add(each.marker)
    buried = {each.marker for each in found.letters}
    return (
        f"{article_id} {version.marker}"
        for article_id, musts in _musts(expected)
        for version in musts[:-1]
        if version.marker not in shown.get(article_id, set())
        and version.marker not in found.kept.get(article_id, frozenset())
        and version.marker not in buried
    )


def _statements(found: Found) -> Iterator[str]:
    for each in found.articles:
        said = sorted(each.ordinal for each in found.statements.get(each.id, ()))
        revisions = {each.revision for each in found.statements.get(each.id, ())}
        if said != list(range(1, each.statements + 1)) or not revisions <= {each.revision}:
            yield each.id
    yield from found.statements.keys() - {each.id for each in found.articles}


def _silent(expected: Expected, found: Found) -> Iterator[str]:
    told = {article_id for _, article_id in found.alerts}
    return (article_id for article_id in expected.alerting if article_id not in told)


def _too_loud(expected: Expected, found: Found) -> Iterator[str]:
    times = Counter(article_id for _, article_id in found.alerts)
    return (
        article_id
        for article_id, count in times.items()
        if count > 1 or article_id not in expected.alerting
    )


def _undelivered(found: Found) -> Iterator[str]:
    return (alert_id for alert_id, _ in found.alerts if alert_id not in found.received)


def _behind(found: Found) -> Iterator[str]:
    return (f"{station}: {behind}" for station, behind in found.lag.items() if behind)
