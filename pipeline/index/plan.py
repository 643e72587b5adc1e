"""What one batch has to write: decided from the batch and from what is already indexed.

The order of writes is the proof of completeness: an article's statements first, what an older
revision had beyond them deleted in the same step, the article's own document last. So an article
document of revision r is in the index only when all statements of r are. A worker killed in between
leaves an older article document, or none, and the redelivered article is written anew: ids and
versions make that a repetition, not a copy. "Unchanged" therefore needs no second look.

An article's document is written over the very state that was read, or created where none was: so
nothing is overwritten that was not kept, and whose statements are not known. Where another worker
was faster (two of them during a rebalance), the article is decided anew from what is there now.
Statements of a superseded revision may have been written by then: they are deleted by version,
which spares every one that the newer revision has written.

Versions are ordered by their :func:`standing`: whose word they are, then when they were fetched.
What is said beside title and text may be somebody else's word (:mod:`words`): it is decided apart.

Before any of that, what the batch would overwrite is kept as a superseded revision (see
:mod:`archive`), and so is what came too late to be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec

from pipeline.index.bulk_outcome import Seen
from pipeline.index.stories import Story
from pipeline.index.words import Word, corrects, led_there, weight, word_of
from pipeline.records import EnrichedArticle, Model, Origin, rank, standing
from pipeline.records.article import AwareTime


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What an article's document says beside the version that counts: ``latest_revision`` is the
    latest that said the same, ``seen_in`` are the feeds that led to it."""

    latest_revision: int
    word: Word
    seen_in: tuple[str, ...] = ()


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """What the index holds of an article, and the state that was ``seen``: ``month`` is the end of
    its indices' names, ``origin`` whose word title and text are. Its ``story`` comes without bands;
    ``text_id`` is shared by equal texts."""

    month: str
    seen: Seen
    revision: int
    origin: Origin | None
    content_sha256: str
    text_id: str
    first_seen_at: AwareTime
    statement_count: int
    model: Model
    story: Story
    facts: Facts

    @property
    def standing(self) -> int:
        """Of the latest version that said the same."""
        return standing(self.facts.latest_revision, self.origin)


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """Write into ``month``, over what was seen there, or only where nothing is. Earlier versions
    may have left ``older_statements`` statements, none with a higher ``version``."""

    month: str
    over: Seen | None
    first_seen_at: datetime
    older_statements: int
    version: int
    facts: Facts


class Unchanged(msgspec.Struct, frozen=True):
    """The same content, annotated by the same model, is indexed with all its statements.

    ``redelivered``: the very revision that is indexed came again.
    """

    redelivered: bool = False


class Confirm(msgspec.Struct, frozen=True, kw_only=True):
    """As Unchanged, by a later revision than any before or through another feed: to be noted in
    ``month``, over what was seen there. What was fetched in between and comes after it is no
    correction of it."""

    month: str
    over: Seen
    redelivered: bool
    facts: Facts


class Superseded(msgspec.Struct, frozen=True, kw_only=True):
    """A version that counts for more, with ``newer_statements`` statements, is indexed in
    ``month``.

    Ordinals beyond them, up to ``older_statements``, may be left-overs of a killed worker.
    ``facts`` are to be noted over what was seen; None where there is nothing new.
    """

    month: str
    over: Seen
    newer_statements: int
    older_statements: int
    facts: Facts | None = None


class Heal(msgspec.Struct, frozen=True, kw_only=True):
    """As Superseded, but what is said of the article here corrects what is indexed: its documents
    stay, with the new ``facts``. ``version`` is that of its statements."""

    superseded: Superseded
    version: int
    facts: Facts

    @property
    def place(self) -> tuple[str, int]:
        """The month of its documents, and how many statements there are."""
        return self.superseded.month, self.superseded.newer_statements


Decision = Write | Unchanged | Confirm | Superseded | Heal


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One article of a batch: the version of it that counts, where that stands, and all its copies
    there, each with its place.

    The copies that are passed over have a say too: one of them may have been written in part by a
    worker that was killed, so its count of statements bounds what may have to be deleted, and its
    other content rules out "unchanged".
    """

    position: int
    newest: EnrichedArticle
    copies: tuple[EnrichedArticle, ...]
    places: tuple[int, ...]

    @property
    def first_seen_at(self) -> datetime:
        """When the article was first seen, as far as this batch knows."""
        return min(copy.article.first_seen_at for copy in self.copies)

    @property
    def most_statements(self) -> int:
        """How many ordinals this batch may ever have used for it."""
        return max(len(copy.annotations.statements) for copy in self.copies)

    @property
    def standing(self) -> int:
        """The highest of the batch."""
        return max(copy.article.standing for copy in self.copies)

    @property
    def facts(self) -> Facts:
        """What the batch says beside the version that counts."""
        articles = [copy.article for copy in self.copies]
        latest = max(articles, key=lambda each: each.standing)
        return Facts(
            latest_revision=latest.revision,
            word=max(map(word_of, articles), key=weight),
            seen_in=led_there(each.feed_id for each in articles),
        )


def candidates(numbered: Iterable[tuple[int, EnrichedArticle]]) -> dict[str, Candidate]:
    """One candidate for each article id. Of the same revision twice, the later one counts."""
    groups: dict[str, list[tuple[int, EnrichedArticle]]] = {}
    for position, enriched in numbered:
        groups.setdefault(enriched.article.id, []).append((position, enriched))
    return {article_id: _candidate(group) for article_id, group in groups.items()}


def _candidate(group: Sequence[tuple[int, EnrichedArticle]]) -> Candidate:
    _, latest = max(group, key=_order)
    same_text = (each for each in group if each[1].story_id == latest.story_id)
    # Of the same text, who knows its title best.
    position, newest = max(same_text, key=lambda each: (rank(each[1].article.origin), _order(each)))
    places, copies = zip(*group, strict=True)
    return Candidate(position=position, newest=newest, copies=copies, places=places)


def _order(each: tuple[int, EnrichedArticle]) -> tuple[int, int]:
    position, enriched = each
    return enriched.article.standing, position


def decide(candidate: Candidate, stored: Stored | None, home: str) -> Decision:
    """What to do about one article, whose month is ``home``."""
    if stored is None:
        return Write(
            month=home,
            over=None,
            first_seen_at=candidate.first_seen_at,
            older_statements=candidate.most_statements,
            version=candidate.standing,
            facts=candidate.facts,
        )
    corrected = corrects(candidate.facts.word, stored.facts.word)
    if all(_same(copy, stored) for copy in candidate.copies):
        return _write(candidate, stored) if corrected else _unchanged(candidate, stored)
    is_same_text = candidate.newest.story_id == stored.text_id
    if candidate.standing >= stored.standing or (corrected and is_same_text):
        return _write(candidate, stored)
    return _heal(candidate, stored) if corrected else _superseded(candidate, stored)


def _write(candidate: Candidate, stored: Stored) -> Write:
    return Write(
        month=stored.month,
        over=stored.seen,
        first_seen_at=stored.first_seen_at,
        older_statements=max(candidate.most_statements, stored.statement_count),
        version=max(candidate.standing, stored.standing),
        facts=_joined(candidate.facts, stored, latest=_latest(candidate, stored)),
    )


def _unchanged(candidate: Candidate, stored: Stored) -> Unchanged | Confirm:
    redelivered = stored.revision in {copy.article.revision for copy in candidate.copies}
    is_later = candidate.standing > stored.standing
    latest = candidate.facts.latest_revision if is_later else stored.facts.latest_revision
    seen_in = led_there(stored.facts.seen_in, candidate.facts.seen_in)
    facts = Facts(latest_revision=latest, word=_word(candidate.facts, stored), seen_in=seen_in)
    if facts == stored.facts:
        return Unchanged(redelivered=redelivered)
    return Confirm(month=stored.month, over=stored.seen, redelivered=redelivered, facts=facts)


def _superseded(candidate: Candidate, stored: Stored) -> Superseded:
    seen_in = led_there(stored.facts.seen_in, candidate.facts.seen_in)
    facts = msgspec.structs.replace(stored.facts, seen_in=seen_in)
    return Superseded(
        month=stored.month,
        over=stored.seen,
        newer_statements=stored.statement_count,
        older_statements=candidate.most_statements,
        facts=None if facts == stored.facts else facts,
    )


def _heal(candidate: Candidate, stored: Stored) -> Heal:
    return Heal(
        superseded=_superseded(candidate, stored),
        version=stored.standing,
        facts=_joined(candidate.facts, stored, latest=stored.facts.latest_revision),
    )


def _joined(facts: Facts, stored: Stored, *, latest: int) -> Facts:
    """Of the batch and of what is indexed, whose word counts."""
    return Facts(
        latest_revision=latest,
        word=_word(facts, stored),
        seen_in=led_there(stored.facts.seen_in, facts.seen_in),
    )


def _word(facts: Facts, stored: Stored) -> Word:
    return max(facts.word, stored.facts.word, key=weight)


def _latest(candidate: Candidate, stored: Stored) -> int:
    """Of the text that is written, which may be the one that is indexed."""
    mine = candidate.facts.latest_revision
    return mine if candidate.standing >= stored.standing else stored.facts.latest_revision


def _same(enriched: EnrichedArticle, stored: Stored) -> bool:
    """Whether nothing is to be learned from a version: it says the same, or has the same text under
    a title that is less sure."""
    article = enriched.article
    same_text = enriched.story_id == stored.text_id and (
        None is not article.origin and rank(article.origin) < rank(stored.origin)
    )
    return enriched.model == stored.model and (
        same_text or article.content_sha256 == stored.content_sha256
    )
