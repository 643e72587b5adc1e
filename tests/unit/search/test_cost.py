"""What may be searched for, by what it costs; and that a search has an end."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from elasticsearch import ApiError

from pipeline.errors import ServiceUnavailable
from pipeline.search import asking
from pipeline.search.asking import ask
from pipeline.search.cost import MOST_BEGINNINGS, MOST_WORDS, too_costly
from pipeline.search.request import InvalidSearch, SearchRequest


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bridge closes",
        '"the old bridge" | ferry -tunnel',
        "bridg* ferr*",
        " ".join(["word"] * MOST_WORDS),
        "كتب*",
        "*",
    ],
)
def test_what_people_search_for_may_be_searched_for(text: str) -> None:
    assert too_costly(text) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a*", "3 letters before *"),
        ("--a*", "3 letters before *"),
        ("a*b*c*d*", "3 letters before *"),
        ("abc* " * (MOST_BEGINNINGS + 1), "4 words with *; 3 at most"),
        ("word " * (MOST_WORDS + 1), "61 words; 60 at most"),
    ],
)
def test_what_costs_too_much_says_what_to_write(text: str, why: str) -> None:
    with pytest.raises(InvalidSearch, match=why.replace("*", r"\*")):
        SearchRequest(text=text)


class Client:
    """Answers as it is told, and keeps what it was asked."""

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer = answer
        self.asked: list[dict[str, Any]] = []

    async def search(self, **asked: Any) -> SimpleNamespace:
        self.asked.append(asked)
        if isinstance(self.answer, Exception):
            raise self.answer
        return SimpleNamespace(body=self.answer)


def error(status: int, reason: str) -> ApiError:
    body = {"error": {"type": "search_phase_execution_exception", "reason": reason}}
    return ApiError("failed", SimpleNamespace(status=status), body)  # type: ignore[arg-type]


async def test_each_search_has_an_end() -> None:
    client = Client({"hits": {}})
    await ask(client, "news", {"query": {}})  # type: ignore[arg-type]
    assert client.asked[0]["body"]["timeout"] == "10s"
    assert client.asked[0]["allow_partial_search_results"] is False


@pytest.mark.parametrize("answer", [{"timed_out": True}, error(504, "Time exceeded")])
async def test_a_search_that_took_too_long_is_no_answer(answer: Any) -> None:
    with pytest.raises(InvalidSearch, match="takes too long"):
        await ask(Client(answer), "news", {})  # type: ignore[arg-type]


async def test_other_errors_are_what_they_are() -> None:
    with pytest.raises(ApiError):
        await ask(Client(error(503, "no shard")), "news", {})  # type: ignore[arg-type]


async def test_who_gets_no_turn_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "WAIT_SECONDS", 0.05)
    monkeypatch.setattr(asking, "AT_ONCE", 0)
    with pytest.raises(ServiceUnavailable, match="try again"):
        await ask(Client({}), "news", {})  # type: ignore[arg-type]
