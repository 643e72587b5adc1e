"""Who speaks in each claim."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from pipeline.enrich.claims import Claim, containing
from pipeline.enrich.coreference import References, Source
from pipeline.enrich.entities import Cast, Cluster
from pipeline.enrich.lexicon import People, Reporting
from pipeline.enrich.phrases import phrase_end, phrase_start
from pipeline.enrich.reading import NONE, Reading
from pipeline.enrich.roles import title_start

_FIRST_PERSON = frozenset({"i", "we"})


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker: the phrase by tokens, and who it is. ``who`` is None where only the words are
    known."""

    first: int
    last: int
    who: Cluster | Source | None


@dataclass(slots=True)
class Speakers:
    """Names the speakers of a text's claims."""

    reading: Reading
    cast: Cast
    references: References
    words: Reporting
    people: People
    explained: dict[int, int]

    def of(self, claims: list[Claim]) -> list[Voice | None]:
        """One speaker for each claim, in order; None where it cannot be told."""
        voices = [self._voice(claim) for claim in claims]
        self._say_i(claims, voices)
        self._float(claims, voices)
        return voices

    def _voice(self, claim: Claim) -> Voice | None:
        if claim.speaker is None:
            return None
        head = self._named_beside(claim.speaker)
        limit = (
            claim.verb if claim.verb is not None and claim.verb > head else len(self.reading.parse)
        )
        return self._refer(head, limit)

    def _refer(self, head: int, limit: int) -> Voice:
        parse = self.reading.parse
        first = phrase_start(self.reading, head)
        last = phrase_end(self.reading, head, limit)
        if head in self.cast.at:
            name = self.cast.span_at[head]
            named = self.cast.clusters[self.cast.at[head]]
            return Voice(min(first, self._title_start(name[0])), max(head, name[1]), named)
        office = self._office(head)
        if office is not None:
            return Voice(first, head, office)
        paper = self._issuer(head, first)
        if paper is not None:
            return Voice(first, last, paper)
        if parse.tag[head] in ("PRP", "PRP$", "DT"):
            return Voice(head, head, self.references.who.get(head))
        who = self.references.who.get(head)
        return Voice(first, head if isinstance(who, Cluster) else last, who)

    def _title_start(self, first: int) -> int:
        parse = self.reading.parse
        return title_start(parse, self.people, first, parse.sentences[parse.sentence[first]][0])

    def _named_beside(self, head: int) -> int:
        """The name that explains a noun: "the ambassador, Tomas Ibarra, said"."""
        parse = self.reading.parse
        if head in self.cast.at:
            return head
        if head in self.explained:
            return self.explained[head]
        for child in parse.children[head]:
            name = self.cast.at.get(child)
            if parse.dep[child] == "appos" and name is not None:
                return child
        return head

    def _office(self, head: int) -> Cluster | None:
        """The office of a person: "Novak’s office", "his office"."""
        parse = self.reading.parse
        if parse.lower[head] not in self.words.offices:
            return None
        for child in parse.children[head]:
            if parse.dep[child] != "poss":
                continue
            owner = self.references.who.get(child)
            if isinstance(owner, Cluster) and owner.label == "PERSON":
                return self._office_of(owner, parse.lower[head])
        return None

    def _office_of(self, owner: Cluster, noun: str) -> Cluster:
        name = self.words.office_name.format(owner=owner.name.split()[-1], noun=noun)
        name = name if "’" in self.reading.parse.text else name.replace("’", "'")
        for cluster in self.cast.clusters:
            if cluster.name == name:
                return cluster
        office = Cluster("ORG", name, (name.lower(),))
        self.cast.clusters.append(office)
        return office

    def _issuer(self, head: int, first: int) -> Cluster | None:
        """Who issued a paper: "the Nordbank statement"."""
        parse = self.reading.parse
        if parse.lower[head] not in self.words.documents:
            return None
        for token in range(head - 1, first - 1, -1):
            owner = self.references.who.get(token)
            if parse.tag[token] == "PRP$" and isinstance(owner, Cluster):
                return owner
            if token in self.cast.at:
                cluster = self.cast.clusters[self.cast.at[token]]
                if cluster.label in ("ORG", "PERSON"):
                    return cluster
        return None

    def _say_i(self, claims: list[Claim], voices: list[Voice | None]) -> None:
        """Whoever says "I" inside a quote is the one who is quoted."""
        parse = self.reading.parse
        parents = containing(claims)
        for number, claim in enumerate(claims):
            if claim.level == NONE or claim.speaker is None:
                continue
            if parse.lower[claim.speaker] in _FIRST_PERSON:
                around = parents[number]
                voice = voices[around] if around is not None else None
                who = voice.who if voice else None
                voices[number] = Voice(claim.speaker, claim.speaker, who)

    def _float(self, claims: list[Claim], voices: list[Voice | None]) -> None:
        """A quote without an attribution is of whom the text last gave the word to: the subject of
        the sentence before it, else the last speaker."""
        last: Voice | None = None
        end = 0
        for number, claim in enumerate(claims):
            if claim.level != NONE or claim.negated:
                continue
            if claim.construction == "quote_floating":
                voices[number] = self._subject_before(claim, end) or last or _next(voices, number)
            last = voices[number] or last
            end = max(end, self._end(claim))

    def _end(self, claim: Claim) -> int:
        cue = self.reading.parse.end[claim.cue[1]] if claim.cue else 0
        return max(claim.end, cue)

    def _subject_before(self, claim: Claim, end: int) -> Voice | None:
        """The subject of the sentence that leads up to a quote, where it is a person and no
        statement stands in between."""
        parse = self.reading.parse
        quote = self.reading.quotes[bisect_left(self.reading.starts, claim.start)]
        if quote.first == 0:
            return None
        first, stop = parse.sentences[parse.sentence[quote.first - 1]]
        if parse.start[first] < end or self.reading.outer[stop - 1] not in (
            NONE,
            self.reading.outer[quote.first],
        ):
            return None
        for token in range(first, min(stop, quote.first)):
            if parse.dep[token] == "nsubj" and self.reading.outer[token] == NONE:
                voice = self._refer(self._named_beside(token), len(parse))
                person = isinstance(voice.who, Cluster) and voice.who.label == "PERSON"
                return voice if person else None
        return None


def _next(voices: list[Voice | None], number: int) -> Voice | None:
    return next((voice for voice in voices[number + 1 :] if voice is not None), None)
