"""What enrichment adds to an article: entities, and who said what."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

import msgspec

from pipeline.records.article import Article, ArticleId, AwareTime, Text
from pipeline.records.span import Span

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
CountryCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]

MentionKind = Literal["name", "nominal", "pronoun"]
StatementType = Literal["direct", "indirect", "mixed"]
StatementKind = Literal["speech", "thought"]


class _Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Location(_Record, frozen=True):
    """Degrees, WGS 84."""

    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)]
    lon: Annotated[float, msgspec.Meta(ge=-180, le=180)]


class Mention(_Record, frozen=True):
    """One place in the text that names or refers to an entity."""

    text: Text
    span: Span
    kind: MentionKind = "name"


class Entity(_Record, frozen=True):
    """Someone or something the article names.

    ``name`` is canonical (the fullest form in the text, without title) and unique in its article.
    ``type`` is a label of the OntoNotes scheme, as spaCy's models use it (PERSON, ORG, GPE, ...).
    ``roles`` are the titles and descriptions its holder had at the time, as written.
    ``aliases`` are the other forms in the text. ``salience`` is 0 to 1; the main figure has 1.
    """

    name: Text
    type: Text
    mentions: Annotated[tuple[Mention, ...], msgspec.Meta(min_length=1)]
    roles: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    country: CountryCode | None = None
    location: Location | None = None
    salience: Share = 0.0


class Speaker(_Record, frozen=True):
    """Who a statement is attributed to.

    ``entity`` is the name of an entity of the article, or, where ``unnamed``, the source as the
    article calls it ("officials", "Lebanese media"). A statement whose speaker cannot be told has
    no Speaker at all.
    """

    text: Text
    span: Span
    entity: Text
    unnamed: bool = False


class Cue(_Record, frozen=True):
    """The words that attribute: "said", "made it very clear", "according to"."""

    text: Text
    span: Span
    lemma: Text


class Content(_Record, frozen=True):
    """What was said. ``parts`` are the pieces in text order, more than one where a cue splits the
    quote; ``span`` reaches from the first to the last and ``text`` is what it covers."""

    text: Text
    span: Span
    parts: Annotated[tuple[Span, ...], msgspec.Meta(min_length=1)]

    def __post_init__(self) -> None:
        if self.parts[0].start != self.span.start or self.parts[-1].end != self.span.end:
            raise ValueError("the parts of a content reach exactly over its span")
        if any(left.end > right.start for left, right in pairwise(self.parts)):
            raise ValueError("the parts of a content stand in order and do not overlap")


class Statement(_Record, frozen=True):
    """Someone said something, or is told to hold it.

    ``kind`` is speech for what was uttered ("said", "the report shows"), thought for what the text
    tells someone believes, wants, intends or is for or against ("believes that", "plans to"), also
    where they gave it voice as a promise, an order or a stance ("vowed to", "urged the council to",
    "opposed the plan"): what they said then is not told, only what they meant. ``id`` is ``s1``,
    ``s2``, ... in text order; ``reported_by`` is the id of the statement that contains this one
    ("the office said the minister warned that ..."). ``addressee`` is an entity's name or the words
    of the text. ``negated`` statements were not made ("did not say whether"), ``hypothetical`` ones
    may or might be made ("if the mayor says"); neither is asserted.
    ``confidence`` is the share of statements found in this way that were right on labelled news.
    """

    id: Annotated[str, msgspec.Meta(pattern=r"^s[1-9][0-9]*$")]
    type: StatementType
    content: Content
    kind: StatementKind = "speech"
    cue: Cue | None = None
    speaker: Speaker | None = None
    addressee: str | None = None
    medium: str | None = None
    reported_by: str | None = None
    negated: bool = False
    hypothetical: bool = False
    confidence: Share = 1.0


class Model(_Record, frozen=True):
    """The model that annotated: a spaCy package's name and version, and ours for the rules."""

    name: Text
    version: Text


class Annotations(_Record, frozen=True):
    """All that enrichment found in one text. Checked against it by :meth:`check`."""

    entities: tuple[Entity, ...] = ()
    statements: tuple[Statement, ...] = ()

    def check(self, text: str) -> None:
        """Raise ValueError unless spans cover the strings they say and links have their ends."""
        names = [entity.name for entity in self.entities]
        if len(set(names)) != len(names):
            raise ValueError("two entities of an article share a name")
        ids = {statement.id for statement in self.statements}
        if len(ids) != len(self.statements):
            raise ValueError("two statements of an article share an id")
        for entity in self.entities:
            for mention in entity.mentions:
                _check_span(mention.span, mention.text, text)
        for statement in self.statements:
            _check_statement(statement, text, frozenset(names), ids)


def _check_statement(statement: Statement, text: str, names: frozenset[str], ids: set[str]) -> None:
    for part in (statement.content, statement.cue, statement.speaker):
        if part is not None:
            _check_span(part.span, part.text, text)
    speaker = statement.speaker
    if speaker is not None and not speaker.unnamed and speaker.entity not in names:
        raise ValueError(f"the speaker of {statement.id} is no entity of the article")
    if statement.reported_by is not None and statement.reported_by not in ids - {statement.id}:
        raise ValueError(f"{statement.id} is reported by a statement that is not there")


def _check_span(span: Span, expected: str, text: str) -> None:
    if span.of(text) != expected:
        raise ValueError(f"span [{span.start}, {span.end}] does not cover the string beside it")


class EnrichedArticle(_Record, frozen=True):
    """An article with what was found in it.

    ``story_id`` is shared by copies of the same text. ``not_annotated`` says why there are no
    annotations (a language without a model); the article is searchable all the same.
    """

    article: Article
    annotations: Annotations
    story_id: ArticleId
    model: Model
    enriched_at: AwareTime
    not_annotated: str | None = None

    def __post_init__(self) -> None:
        self.annotations.check(self.article.text)
