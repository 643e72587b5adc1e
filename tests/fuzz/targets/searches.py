"""The query language, the addresses of searches, and what is shown of hits."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Hashable, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError

from pipeline.records import Span
from pipeline.search import diff, queries
from pipeline.search.asked import request_of, words_of
from pipeline.search.cursor import cursor_of, sort_values
from pipeline.search.hits import unmarked
from pipeline.search.live import Mark, parse_mark
from pipeline.search.places import places_body
from pipeline.search.profile import about_body, articles_body, made_body
from pipeline.search.request import InvalidSearch, SearchRequest
from pipeline.search.rows import csv_lines
from pipeline.web.pages.marked import Marks, pieces
from pipeline.web.params import ArticlePage, Map, StatementPage
from tests.fakes.records import NOW
from tests.fuzz.target import Target, joined, seeds, text_of, texts
from tests.fuzz.targets.laws import is_json

_PARAMETERS: tuple[type[BaseModel], ...] = (ArticlePage, StatementPage, Map)
_QUERIES = (
    'text="no deal" -bridge | lind*&speaker=Ada&since=7d&until=2026-03-01&order=newest&limit=5',
    "entity=Lind&entity_type=PERSON&cell=3/1/2&stories=true&facet=source&facet=country&timeline=1",
    "role=minister&kind=thought&type=direct&asserted=true&after=WyJhIiwxXQ&country=gb&language=EN",
    "source=courier.example&story=abc&feed=courier&zoom=4&since=2026-03-01T12:00:00%2B01:00",
)
_TOKENS = (
    b"text=", b"speaker=", b"entity=", b"role=", b"since=", b"until=", b"order=", b"relevance",
    b"limit=", b"after=", b"stories=", b"true", b"facet=", b"type=", b"cell=", b"&", b"=", b"~",
    b"~9999999999", b"^", b'"', b"(", b")", b"|", b"+", b"-", b"*", b"\\", b"%ff", b"%ed%a0%80",
    b"99999w", b"0001-01-01", b"9999-12-31",
)  # fmt: skip


def asked(data: bytes) -> Hashable:
    """Words of the command line or of a saved search, as bodies for Elasticsearch."""
    given = dict(_pairs(text_of(data)))
    request = request_of(given, NOW)
    assert request_of(words_of(given) | _paged(given), NOW) == request
    return _bodies(request)


def parameters(data: bytes) -> Hashable:
    """The address of a search."""
    kind = _PARAMETERS[data[0] % len(_PARAMETERS)] if data else ArticlePage
    given: dict[str, Any] = dict(parse_qsl(data[1:].decode("latin-1"), errors="replace"))
    if "facet" in given:
        given["facet"] = (given["facet"],)
    search: Any = kind.model_validate(given)
    request = search.request(NOW)
    if hasattr(search, "beside"):
        search.beside(NOW)
    return kind.__name__, _bodies(request)


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (each.partition("=") for each in text.split("&"))]


def _paged(given: dict[str, str]) -> dict[str, str]:
    return {name: given[name] for name in ("limit", "after") if name in given}


def _bodies(request: SearchRequest) -> Hashable:
    for body in (queries.articles_body, queries.statements_body):
        sent = is_json(body(request))
        json.loads(sent)
    is_json(places_body(request, 4))
    given = [name for name in request.__struct_fields__ if getattr(request, name) not in {None, ""}]
    return tuple(given[:3]), request.ordered_by


def cursors(data: bytes) -> Hashable:
    """A cursor is one of ours or is refused."""
    cursor, mark = texts(data, 2)
    found = parse_mark(mark.encode("utf-8", "replace").decode())  # as servers read headers
    if found is not None:
        assert parse_mark(str(found)) == found
        is_json(list(found))
    values = sort_values(cursor, (float, int, str))
    assert sort_values(cursor_of(values), (float, int, str)) == values
    is_json(values)
    return found is None


def profiles(data: bytes) -> Hashable:
    """Names of entities as bodies."""
    name = text_of(data).encode("utf-8", "replace").decode()
    for body in (articles_body, made_body, about_body):
        is_json(body(name))
    return len(name).bit_length()


def changes(data: bytes) -> Hashable:
    """The pieces of two texts make both."""
    older, newer = texts(data, 2)
    found = diff.changes(older, newer)
    assert "".join(each.text for each in found if each.kind != "inserted") == older
    assert "".join(each.text for each in found if each.kind != "deleted") == newer
    kinds = [each.kind for each in found]
    assert all(left != right for left, right in pairwise(kinds))
    return tuple(kinds[:6])


def rows(data: bytes) -> Hashable:
    """A table in which no cell is a formula, and which reads as it was written."""
    first, second, third = texts(data, 3)
    given: list[Sequence[Any]] = [(first, None, 1.5, NOW), ((second, third), True, third, first)]
    written = csv_lines(given)
    read = list(csv.reader(io.StringIO(written, newline="")))
    assert [len(row) for row in read] == [4, 4]
    for row, source in zip(read, given, strict=True):
        for cell, value in zip(row, source, strict=True):
            assert not isinstance(value, str | tuple) or not _is_formula(cell), f"{cell!r}"
    assert datetime.fromisoformat(read[0][3]) == NOW
    return len(written).bit_length()


def _is_formula(cell: str) -> bool:
    return cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def marked(data: bytes) -> Hashable:
    """Highlighted texts: the pieces are the text."""
    text, spans = unmarked(text_of(data))
    assert all(span.end <= len(text) for span in spans)
    numbers = [each % (len(text) + 2) for each in data[:8]]
    pairs = [(a, b) for a, b in zip(numbers[::2], numbers[1::2], strict=False) if a < b]
    entities = tuple((Span(a, b), "E", "ORG") for a, b in pairs)
    found = pieces(text, Marks(matches=spans, entities=entities))
    assert "".join(each.text for each in found) == text
    return len(found).bit_length(), len(spans)


TARGETS = (
    Target("query", asked, seeds(*_QUERIES), (InvalidSearch,), _TOKENS, 20_000),
    Target(
        "api-parameters",
        parameters,
        seeds(*(bytes((number,)) + each.encode() for number in range(3) for each in _QUERIES)),
        (InvalidSearch, ValidationError),
        _TOKENS,
        20_000,
    ),
    Target(
        "cursor",
        cursors,
        seeds(
            joined(
                cursor_of([1.5, 1772366400000, "0" * 32]), str(Mark(1772366400000, "0" * 32, 1))
            ),
            joined(cursor_of(["a", 1]), "1--2"),
        ),
        (InvalidSearch,),
        (b"-", b"=", b"_", b"W", b"WzEsMSwiYSJd"),
        5_000,
    ),
    Target("profile", profiles, seeds("Ada Lind", "Ministère de l’Intérieur"), (), (), 5_000),
    Target(
        "diff",
        changes,
        seeds(
            joined("The bridge will close.\nBuses go.", "The old bridge closed.\nBuses go on."), "a"
        ),
        (),
        (b" ", b"\n", b"the ", b"."),
        20_000,
    ),
    Target(
        "csv",
        rows,
        seeds(joined("=1+1", "a;b", '"x"\r\ny'), joined("-", "\t=", "'")),
        (),
        (b'"', b"=", b"\r"),
    ),
    Target(
        "highlights", marked, seeds("a \x02bridge\x03 and \x02\x03", "x"), (), (b"\x02", b"\x03")
    ),
)
