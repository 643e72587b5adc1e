"""From a parsed text to its annotations."""

from __future__ import annotations

import re
from functools import cache

from pipeline.enrich.bounds import bounded
from pipeline.enrich.circumstances import addressee_text, find_addressee, find_medium
from pipeline.enrich.claims import Claim, containing, find_claims, is_title
from pipeline.enrich.coreference import References, resolve
from pipeline.enrich.entities import Cast, Cluster, cast, describe_people
from pipeline.enrich.entity_records import entity_records
from pipeline.enrich.grammar import FIRST, grammar
from pipeline.enrich.labels import with_finer_labels
from pipeline.enrich.lexicon import Reporting, people, reporting
from pipeline.enrich.names import find_names
from pipeline.enrich.parse import Parse
from pipeline.enrich.places import gazetteer
from pipeline.enrich.quotes import find_quotes
from pipeline.enrich.reading import NONE, Reading, lay_over
from pipeline.enrich.salience import weigh
from pipeline.enrich.settle import settle
from pipeline.enrich.speakers import Speakers, Voice
from pipeline.records import Annotations, Content, Cue, Span, Speaker, Statement
from pipeline.records.annotations import StatementType


def annotate(parse: Parse, language: str = FIRST) -> Annotations:
    """All that is found in one text, weighed as if it had no headline."""
    if not len(parse):
        return Annotations()
    words, names = reporting(language), people(language)
    places = gazetteer(language)
    if grammar(language).labels is not None:
        parse = with_finer_labels(parse, names, places)
    reading = lay_over(parse, find_quotes(parse.text, _attribution(language)))
    claims = find_claims(reading, words)
    found = cast(parse, find_names(parse, names, places), names, places)
    explained = describe_people(parse, found, names)
    heads = [claim.speaker for claim in claims if claim.speaker is not None]
    found = settle(parse, found, names, places, heads)
    references = resolve(reading, found, names, heads)
    voices = Speakers(reading, found, references, words, names, explained).of(claims)
    statements = _statements(reading, claims, voices, references, found, words)
    entities = entity_records(parse, found, references, voices, places)
    return bounded(weigh(Annotations(entities=entities, statements=statements)))


@cache
def _attribution(language: str) -> re.Pattern[str]:
    words = reporting(language)
    says = {form for form, verb in words.verbs.items() if verb.says}
    verbs = "|".join(sorted(form for form in says if form[-1] in words.attribution_endings))
    who = words.attributed_by
    return re.compile(rf",(?= (?:{who} (?:{verbs})|(?:{verbs}) {who})\b)")


def _statements(
    reading: Reading,
    claims: list[Claim],
    voices: list[Voice | None],
    references: References,
    found: Cast,
    words: Reporting,
) -> tuple[Statement, ...]:
    kept: list[tuple[int, int | None]] = []
    parents = containing(claims)
    for number, claim in enumerate(claims):
        around = parents[number]
        # What is said inside a quote that nobody is known to speak is no news.
        if claim.level == NONE or around is not None:
            kept.append((number, around))
    ids = {number: f"s{place}" for place, (number, _) in enumerate(kept, 1)}
    return tuple(
        Statement(
            id=ids[number],
            type=_type(reading, claims[number]),
            kind=claims[number].kind,
            content=_content(reading.parse.text, claims[number]),
            cue=_cue(reading.parse, claims[number]),
            speaker=_speaker(reading.parse, voices[number]),
            addressee=_addressee(reading, claims[number], references, found, words),
            medium=_medium(reading, claims[number], words),
            reported_by=ids.get(around) if around is not None else None,
            negated=claims[number].negated,
            hypothetical=claims[number].hypothetical,
            confidence=words.confidence[claims[number].construction],
        )
        for number, around in kept
    )


def _content(text: str, claim: Claim) -> Content:
    span = Span(claim.start, claim.end)
    return Content(text=span.of(text), span=span, parts=claim.parts)


def _cue(parse: Parse, claim: Claim) -> Cue | None:
    if claim.cue is None:
        return None
    first, last = claim.cue
    span = Span(parse.start[first], parse.end[last])
    return Cue(text=span.of(parse.text), span=span, lemma=claim.lemma)


def _speaker(parse: Parse, voice: Voice | None) -> Speaker | None:
    if voice is None:
        return None
    span = Span(parse.start[voice.first], parse.end[voice.last])
    text = span.of(parse.text)
    if isinstance(voice.who, Cluster):
        return Speaker(text=text, span=span, entity=voice.who.name)
    entity = voice.who.text if voice.who else text
    return Speaker(text=text, span=span, entity=entity, unnamed=True)


def _addressee(
    reading: Reading, claim: Claim, references: References, found: Cast, words: Reporting
) -> str | None:
    phrase = find_addressee(reading, claim, words)
    if phrase is None:
        return None
    head = phrase[1]
    if head in found.at:
        return found.clusters[found.at[head]].name
    who = references.who.get(head)
    return who.name if isinstance(who, Cluster) else addressee_text(reading, phrase)


def _medium(reading: Reading, claim: Claim, words: Reporting) -> str | None:
    phrase = find_medium(reading, claim, words)
    return reading.parse.slice(*phrase) if phrase else None


_WORD = re.compile(r"\w")


def _type(reading: Reading, claim: Claim) -> StatementType:
    """Direct when every word is quoted, mixed when some are; marks around a title do not count."""
    text = reading.parse.text
    bare = quoted = 0
    for part in claim.parts:
        place = part.start
        for quote in reading.quotes_over(part.start, part.end):
            if quote.within != claim.level or is_title(quote.quote.parts, text):
                continue
            for piece in quote.quote.parts:
                start, end = max(piece.start, place), min(piece.end, part.end)
                if start < end:
                    quoted += 1
                    bare += bool(_WORD.search(text, place, start))
                    place = end
        bare += bool(_WORD.search(text, place, part.end))
    if not quoted:
        return "indirect"
    return "mixed" if bare else "direct"
