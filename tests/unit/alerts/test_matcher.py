"""One search that has no answer holds up no other; where none has one, all wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from elasticsearch import ConnectionTimeout

from pipeline import settings
from pipeline.alerts.match import recent
from pipeline.alerts.matcher import Matched, Matcher
from pipeline.index.bulk import Patience
from tests.fakes.alerts import a_notice, a_search, an_article_hit
from tests.fakes.elasticsearch import Answer, api_error

INDEX = settings.load().index
WHOLE = {"hits": {"hits": [an_article_hit(1)]}, "_shards": {"failed": 0}, "timed_out": False}
ILL = {"status": 500, "error": {"root_cause": [{"type": "array_index_out_of_bounds"}]}}
PART = {"hits": {"hits": []}, "_shards": {"failed": 1}, "timed_out": False}
BODY = {"error": {"root_cause": [{"type": "parsing_exception", "reason": "[bool] malformed"}]}}


class Indices:
    async def refresh(self, **_: Any) -> Answer:
        return Answer({"_shards": {"failed": 0}})


class Elasticsearch:
    """Answers searches: what ``ill`` says to those that ask for ``"ill"``, else a hit. ``down`` is
    for how many requests it answers nobody."""

    def __init__(self, ill: Callable[[int], Any], down: int = 0) -> None:
        self.indices = Indices()
        self.calls: list[int] = []
        self._ill = ill
        self._down = down

    async def msearch(self, *, searches: Sequence[Any]) -> Answer:
        bodies = searches[1::2]
        self.calls.append(len(bodies))
        if len(self.calls) <= self._down:
            raise ConnectionTimeout("down")
        return Answer({"responses": [self._answer(body, len(bodies)) for body in bodies]})

    def _answer(self, body: Any, among: int) -> Any:
        if b'"ill"' not in msgspec.json.encode(body):
            return WHOLE
        answer = self._ill(among)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Waits:
    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)
        assert len(self.seconds) < 50

    def patience(self) -> Patience:
        return Patience(on_wait=lambda: None, sleep=self.sleep)


async def matched(client: Elasticsearch, waits: Waits | None = None) -> Matched:
    searches = [
        a_search(id=word, about="articles", query={"text": word}) for word in ("a", "ill", "b")
    ]
    batch = recent([a_notice(1)], timedelta(days=7))
    matcher = Matcher(client, INDEX, (waits or Waits()).patience())  # type: ignore[arg-type]
    return await matcher.match(searches, batch)


@pytest.mark.parametrize(
    "ill",
    [
        lambda _: {"status": 400, "error": {}},
        lambda _: ILL,
        lambda _: PART,
        lambda _: ConnectionTimeout("too slow"),
        lambda _: api_error(400, BODY),
        lambda among: ConnectionTimeout("all of them") if among > 1 else ILL,
    ],
    ids=["refused", "fails", "a part", "too slow", "refuses the request", "both"],
)
async def test_a_search_that_has_no_answer_is_refused_and_the_others_are_answered(
    ill: Callable[[int], Any],
) -> None:
    found = await matched(Elasticsearch(ill))
    assert {alert.search_id for alert in found.alerts} == {"a", "b"}
    assert found.refused.keys() == {"ill"}


@pytest.mark.parametrize("down", [1, 7, 30])
async def test_where_nobody_is_answered_all_wait_and_none_is_refused(down: int) -> None:
    waits = Waits()
    found = await matched(Elasticsearch(lambda _: WHOLE, down), waits)
    assert {alert.search_id for alert in found.alerts} == {"a", "ill", "b"}
    assert found.refused == {}
    assert len(waits.seconds) >= down // 2


async def test_what_is_mended_before_the_third_try_is_no_refusal() -> None:
    answers = [ILL, ILL, WHOLE]
    found = await matched(Elasticsearch(lambda _: answers.pop(0)))
    assert {alert.search_id for alert in found.alerts} == {"a", "ill", "b"}
