"""Gets operations into Elasticsearch, however long that takes. What an answer means is decided in
:mod:`bulk_outcome`; here is the asking, the waiting and the counting.

The client library's own bulk helpers do not retry a single item's 503, let timeouts escape, and do
not notice an answer with fewer items than were asked.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count, repeat
from typing import Any, NamedTuple, TypeVar, cast

import msgspec
from elasticsearch import ApiError, AsyncElasticsearch, TransportError

from pipeline import metrics
from pipeline.errors import PipelineError, ServiceUnavailable
from pipeline.index.bulk_outcome import (
    BAD_REQUEST,
    FORBIDDEN,
    TOO_LARGE,
    UNAUTHORIZED,
    Conflict,
    Final,
    Ok,
    Operation,
    Outcome,
    Refused,
    Retry,
    backoff_seconds,
    chunks,
    outcome,
)
from pipeline.index.client import Sleep, describe
from pipeline.index.existing import NotOurs
from pipeline.records import Reason

T = TypeVar("T")

log = logging.getLogger(__name__)

TRIES_PER_REPORT = 10
ANSWER = "items.*.status,items.*.error.type,items.*.error.reason"

Waited = Callable[[], None]
Provide = Callable[[set[str]], Awaitable[None]]
"""Makes the indices of these names, or raises why that is not possible now."""


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How to wait: ``on_wait`` is called before each repetition, so that a watchdog sees life."""

    on_wait: Waited
    sleep: Sleep = asyncio.sleep
    jitter: Callable[[], float] = random.random

    async def wait(self, attempt: int, cause: Retry) -> None:
        """Say so (at first and then now and again), and wait before the next try."""
        metrics.OUTAGES.labels(service="elasticsearch").inc()
        if attempt % TRIES_PER_REPORT == 1:
            log.warning("Elasticsearch: %s; trying again until it works", cause.cause)
        self.on_wait()
        await self.sleep(backoff_seconds(attempt, self.jitter(), denied=cause.denied))

    async def answered(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What ``ask`` returns, once it neither raises ServiceUnavailable nor an error of the
        client. Waits in between for as long as that takes."""
        for attempt in count(1):
            try:
                return await ask()
            except ServiceUnavailable as error:
                cause = str(error)
            except (TransportError, ApiError) as error:
                cause = describe(error)
            await self.wait(attempt, Retry(cause))
        raise AssertionError("an endless count has no end")


class NotTaken(msgspec.Struct, frozen=True):
    """The request as a whole was refused; a part of it may be taken."""

    reason: Reason
    detail: str


async def bulk(
    client: AsyncElasticsearch,
    operations: Sequence[Operation],
    *,
    max_bytes: int,
    patience: Patience,
    provide: Provide | None = None,
) -> list[Final]:
    """The final outcome of each operation, in order. Returns only when there is one for each.

    Requests are sent one after another, each of at most ``max_bytes``. Never raises for what
    Elasticsearch answers or fails to answer; can be cancelled. Indices that are not there, or are
    not what they should be, are asked of ``provide``. What it raises is waited out, but for
    NotOurs: what is written to such an index is refused, for its mapping.
    """
    sending = _Sending(client, patience, provide)
    outcomes: list[Final] = []
    for chunk in chunks(operations, max_bytes):
        finals = await sending.settle(chunk)
        for each in finals:
            metrics.BULK_ITEMS.labels(outcome=_LABELS[type(each)]).inc()
        outcomes += finals
    return outcomes


class IndexMissing(ServiceUnavailable):
    """These have no write alias."""

    def __init__(self, indices: set[str]) -> None:
        super().__init__(f"there is no index {min(indices)} of the pipeline's own")
        self.indices = indices


async def bulk_once(client: AsyncElasticsearch, operations: Sequence[Operation]) -> list[Final]:
    """The outcome of each, for those who repeat all of it themselves.

    Raises ServiceUnavailable where one has none yet, and IndexMissing where its index is not
    there.
    """
    answer = await _ask(client, operations) if operations else []
    if isinstance(answer, NotTaken):
        raise ServiceUnavailable(answer.detail)
    if missing := _unfit(operations, answer):
        raise IndexMissing(missing)
    for each in answer:
        if isinstance(each, Retry):
            raise ServiceUnavailable(each.cause)
    return cast("list[Final]", answer)


class _Sending(NamedTuple):
    client: AsyncElasticsearch
    patience: Patience
    provide: Provide | None

    async def settle(self, operations: Sequence[Operation]) -> list[Final]:
        outcomes: list[Outcome] = list(repeat(Retry("not asked yet"), len(operations)))
        for attempt in count(1):
            places = [place for place, each in enumerate(outcomes) if isinstance(each, Retry)]
            if not places:
                break
            asked = [operations[place] for place in places]
            answer = await _ask(self.client, asked)
            if isinstance(answer, NotTaken):
                answer = await self._in_halves(asked, answer)
            if attempt == 1 and self.provide is not None:
                answer = [_once_more(each) for each in answer]
            for place, each in zip(places, answer, strict=True):
                outcomes[place] = each
            retries = [each for each in answer if isinstance(each, Retry)]
            if not retries:
                break
            metrics.BULK_ITEMS.labels(outcome="retried").inc(len(retries))
            unfit = _unfit(asked, answer)
            try:
                cause = await self._provided(unfit) or retries[0]
            except NotOurs as error:
                outcomes = _refused(operations, outcomes, unfit, str(error))
                continue
            # A new month is no outage: what was made just now is asked for at once, but only once.
            if attempt > 1 or not cause.unfit:
                await self.patience.wait(attempt, cause)
        return cast("list[Final]", outcomes)

    async def _provided(self, indices: set[str]) -> Retry | None:
        """Have these made; the cause where that has to be waited for. Raises NotOurs."""
        if not indices or self.provide is None:
            return None
        try:
            await self.provide(indices)
        except NotOurs:
            raise
        except PipelineError as error:
            return Retry(str(error))
        except (TransportError, ApiError) as error:
            return Retry(describe(error))
        return None

    async def _in_halves(self, operations: Sequence[Operation], why: NotTaken) -> Sequence[Outcome]:
        if len(operations) == 1:
            return [Refused(why.detail, why.reason)]
        middle = len(operations) // 2
        first = await self.settle(operations[:middle])
        return first + await self.settle(operations[middle:])


def _unfit(asked: Sequence[Operation], answer: Sequence[Outcome]) -> set[str]:
    return {
        operation.index
        for operation, each in zip(asked, answer, strict=True)
        if isinstance(each, Retry) and each.unfit
    }


def _refused(
    operations: Sequence[Operation], outcomes: Sequence[Outcome], unfit: set[str], why: str
) -> list[Outcome]:
    """An index that is not ours takes nothing: what waited for it is refused."""
    return [
        Refused(why, Reason.MAPPING)
        if isinstance(each, Retry) and operation.index in unfit
        else each
        for operation, each in zip(operations, outcomes, strict=True)
    ]


def _once_more(outcome: Outcome) -> Outcome:
    """The mappings of an index can be brought up to date."""
    if isinstance(outcome, Refused) and outcome.reason is Reason.MAPPING:
        return Retry(outcome.detail, unfit=True)
    return outcome


async def _ask(
    client: AsyncElasticsearch, operations: Sequence[Operation]
) -> Sequence[Outcome] | NotTaken:
    lines = [line for operation in operations for line in operation.lines()]
    try:
        response = await client.bulk(
            operations=cast("Any", lines), filter_path=ANSWER, require_alias=True
        )
    except ApiError as error:
        return _request_failed(error) or [_retry(error)] * len(operations)
    except TransportError as error:
        return [Retry(describe(error))] * len(operations)
    items = response.body.get("items") if isinstance(response.body, Mapping) else None
    if not isinstance(items, list) or len(items) != len(operations):
        return [Retry("an answer that does not fit the request")] * len(operations)
    return list(map(outcome, operations, items))


def _request_failed(error: ApiError) -> NotTaken | None:
    """What makes a request unacceptable. A 400 counts only in Elasticsearch's own words: a proxy
    or a TLS port says 400 to everything, and that is an outage."""
    if error.meta.status == TOO_LARGE:
        return NotTaken(Reason.TOO_LARGE, "HTTP 413 request too large for Elasticsearch")
    cause = error.body.get("error") if isinstance(error.body, Mapping) else None
    if error.meta.status == BAD_REQUEST and isinstance(cause, Mapping):
        return NotTaken(Reason.REFUSED_BY_INDEX, f"HTTP 400 {cause.get('type', 'without type')}")
    return None


def _retry(error: ApiError) -> Retry:
    return Retry(describe(error), denied=error.meta.status in {UNAUTHORIZED, FORBIDDEN})


_LABELS: Mapping[type[Final], str] = {Ok: "ok", Conflict: "conflict", Refused: "refused"}
