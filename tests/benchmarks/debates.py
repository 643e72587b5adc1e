"""News of any amount with statements in it, as if enrichment had found them: made, so that nobody
has to be quoted. Words, people, places and sources are as unevenly common as they are in news."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate
from typing import NamedTuple

from pipeline.enrich import story_id
from pipeline.records import (
    Annotations,
    Article,
    Content,
    Cue,
    EnrichedArticle,
    Entity,
    Location,
    Mention,
    Source,
    Span,
    Speaker,
    Statement,
)
from tests.fakes.records import MODEL, an_article

STATEMENTS_PER_ARTICLE = 8
_WORDS, _PEOPLE, _PLACES, _SOURCES = 20_000, 10_000, 500, 200
_CLAUSE = (8, 20)  # words
_CUES = (("said", "say"), ("denied", "deny"), ("warned", "warn"), ("argued", "argue"))
_ROLES = ("mayor", "finance minister", "spokeswoman", "analyst", "union leader", "judge")
_COUNTRIES = ("GB", "US", "FR", "DE", "IN", "ZA", "BR", "JP")
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "ol")]


class Common(list[str]):
    """Names in the order of how common they are: the n-th is chosen in proportion to 1/n."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(names)
        self._weights = list(accumulate(1 / (rank + 1) for rank in range(len(names))))

    def some(self, chosen: random.Random, count: int) -> list[str]:
        """So many of them, some perhaps twice."""
        return chosen.choices(self, cum_weights=self._weights, k=count)


class _Sentence(NamedTuple):
    """A statement of an article: where its parts stand in the text."""

    speaker: str
    place: str
    cue: tuple[str, str]
    clause: str

    def __str__(self) -> str:
        return f"{self.speaker} {self.cue[0]} that {self.place} {self.clause}."

    def statement(self, number: int, start: int) -> Statement:
        speaker = Span(start, start + len(self.speaker))
        cue = Span(speaker.end + 1, speaker.end + 1 + len(self.cue[0]))
        content = Span(cue.end + len(" that "), start + len(str(self)) - 1)
        return Statement(
            id=f"s{number}",
            type="indirect",
            content=Content(text=f"{self.place} {self.clause}", span=content, parts=(content,)),
            cue=Cue(text=self.cue[0], span=cue, lemma=self.cue[1]),
            speaker=Speaker(text=self.speaker, span=speaker, entity=self.speaker),
            confidence=0.9,
        )


class Newsroom:
    """Makes articles, the same ones for the same seed, spread over the ``months`` (of 30 days)
    before ``newest``."""

    def __init__(self, newest: datetime, *, months: int = 6, seed: int = 1) -> None:
        self._chosen = random.Random(seed)
        self.words = Common(self._distinct(_WORDS, 2, 4))
        self.people = Common(
            [
                f"{first.title()} {last.title()}"
                for first, last in zip(
                    self._distinct(_PEOPLE, 1, 3), self._distinct(_PEOPLE, 2, 3), strict=True
                )
            ]
        )
        self.places = Common([name.title() for name in self._distinct(_PLACES, 2, 3)])
        self.sources = Common([f"The {name.title()}" for name in self._distinct(_SOURCES, 2, 3)])
        self._newest = newest
        self._seconds = months * 30 * 86_400
        self._site = f"{seed}.example"
        self._number = 0

    def articles(self, count: int, *, seen_at: datetime | None = None) -> Iterator[EnrichedArticle]:
        """So many, first seen then, or at any time within the months."""
        for _ in range(count):
            self._number += 1
            ago = timedelta(seconds=self._chosen.random() * self._seconds)
            yield self._article(seen_at or self._newest - ago)

    def _article(self, seen_at: datetime) -> EnrichedArticle:
        sentences = self._sentences()
        starts = accumulate((len(str(each)) + 1 for each in sentences), initial=0)
        statements = tuple(
            each.statement(number, start)
            for number, (each, start) in enumerate(zip(sentences, starts, strict=False), start=1)
        )
        text = " ".join(map(str, sentences))
        return EnrichedArticle(
            article=self._published(text, seen_at),
            annotations=Annotations(
                entities=_entities(sentences, statements), statements=statements
            ),
            story_id=story_id(text),
            model=MODEL,
            enriched_at=seen_at,
        )

    def _sentences(self) -> list[_Sentence]:
        chosen = self._chosen
        speakers, (place,) = self.people.some(chosen, 3), self.places.some(chosen, 1)
        return [
            _Sentence(
                speaker=chosen.choice(speakers),
                place=place,
                cue=chosen.choice(_CUES),
                clause=" ".join(self.words.some(chosen, chosen.randint(*_CLAUSE))),
            )
            for _ in range(STATEMENTS_PER_ARTICLE)
        ]

    def _published(self, text: str, seen_at: datetime) -> Article:
        (source,) = self.sources.some(self._chosen, 1)
        domain = f"{source.removeprefix('The ').lower()}.{self._site}"
        country = _COUNTRIES[self.sources.index(source) % len(_COUNTRIES)]
        return an_article(
            url=f"https://{domain}/{self._number}",
            title=" ".join(self.words.some(self._chosen, 7)).capitalize(),
            text=text,
            source=Source(name=source, domain=domain, country=country),
            published_at=seen_at - timedelta(minutes=10),
            first_seen_at=seen_at,
            fetched_at=seen_at,
        )

    def _distinct(self, count: int, fewest: int, most: int) -> list[str]:
        """Different words of so many syllables."""
        words: dict[str, None] = {}
        while len(words) < count:
            syllables = self._chosen.choices(_SYLLABLES, k=self._chosen.randint(fewest, most))
            words["".join(syllables)] = None
        return list(words)


def _entities(
    sentences: Sequence[_Sentence], statements: Sequence[Statement]
) -> tuple[Entity, ...]:
    """The speakers, and the place that every statement is about."""
    people: dict[str, list[Mention]] = {}
    places: list[Mention] = []
    for sentence, statement in zip(sentences, statements, strict=True):
        assert statement.speaker is not None
        said = people.setdefault(sentence.speaker, [])
        said.append(Mention(text=sentence.speaker, span=statement.speaker.span))
        start = statement.content.span.start
        span = Span(start, start + len(sentence.place))
        places.append(Mention(text=sentence.place, span=span))
    place = sentences[0].place
    return (
        *(
            Entity(name=name, type="PERSON", mentions=tuple(said), roles=(_of(name, _ROLES),))
            for name, said in people.items()
        ),
        Entity(name=place, type="GPE", mentions=tuple(places), location=_location(place)),
    )


def _location(place: str) -> Location:
    numbers = random.Random(place)
    return Location(lat=numbers.uniform(-55, 70), lon=numbers.uniform(-180, 180))


def _of(name: str, values: Sequence[str]) -> str:
    return values[sum(map(ord, name)) % len(values)]
