"""Parsing in processes that can be killed: no feed and no page can stop or bloat the consumer.

Measured: a page of 1.3 MB kept one parser busy for two minutes; deep nesting makes others take
quadratic time.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import resource
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from pebble import ProcessExpired, ProcessPool

from pipeline.errors import Rejected
from pipeline.feeds.page import extract_page
from pipeline.feeds.parse import parse_feed
from pipeline.feeds.parsed import Page, ParsedFeed, RawPage
from pipeline.feeds.processor_time import TookTooLong, allowed_seconds, at_most
from pipeline.feeds.raw_page import extract_raw_page
from pipeline.feeds.robots_rules import Verdict, judge
from pipeline.metrics import PARSER_RESTARTS
from pipeline.records import Reason

T = TypeVar("T")

_LOOK_SECONDS = 0.5  # between two looks whether a wait is in vain
_START_SECONDS = 60.0  # for a process to come up, beside the time for its task
# Then a process is replaced, with whatever memory it gathered. A new one takes seconds to come up:
# after 500 pages that would be an eighth of the time of a back-fill.
_TASKS_PER_PROCESS = 2_000
_UNPACKED = 4  # times as large as what was packed, as pages are
# Address space of one process, much more than is ever needed: measured 0.2 GB once loaded, 0.27 GB
# after a page of 2 MB. Past it a page fails, not the machine.
_MEMORY_BYTES = 4 << 30


class ParserPool:
    """Parses feeds and pages, ``processes`` at a time, each within ``timeout_seconds``.

    Used as an (async) context manager. Processes start with their first task.
    """

    def __init__(self, *, processes: int, timeout_seconds: float, min_article_chars: int) -> None:
        self.processes = processes
        self._timeout = timeout_seconds
        self._min_chars = min_article_chars
        # A thread for each process: it waits for it, and asyncio's own threads stay free.
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="parser")
        self._idle: SimpleQueue[_Process] = SimpleQueue()
        self._parsers = [_Process() for _ in range(processes)]
        for process in self._parsers:
            self._idle.put(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for process in self._parsers:
            process.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.__exit__, kind, error, trace)

    async def feed(self, data: bytes, *, url: str, content_type: str | None) -> ParsedFeed:
        """:func:`parse_feed`. Raises Rejected(UNPARSABLE_FEED), when it takes too long as well."""
        return await asyncio.wrap_future(self.submit_feed(data, url=url, content_type=content_type))

    async def page(self, data: bytes, *, url: str | None, content_type: str | None) -> Page:
        """:func:`extract_page`. Raises what it raises; NOT_AN_ARTICLE when it takes too long."""
        return await asyncio.wrap_future(self.submit_page(data, url=url, content_type=content_type))

    async def robots(self, body: bytes, url: str, agent: str) -> Verdict:
        """What a robots.txt says of an address. Raises Rejected(ROBOTS) when it takes too long."""
        arguments = {"body": body, "url": url, "agent": agent}
        job = self._submit_sized(Reason.ROBOTS, judge, arguments, len(body))
        return await asyncio.wrap_future(job)

    def submit_feed(
        self, data: bytes, *, url: str, content_type: str | None = None
    ) -> Future[ParsedFeed]:
        """The same without an event loop."""
        arguments = {"data": data, "url": url, "content_type": content_type}
        return self._submit_sized(Reason.UNPARSABLE_FEED, parse_feed, arguments, len(data))

    def submit_page(
        self, data: bytes, *, url: str | None, content_type: str | None = None
    ) -> Future[Page]:
        """The same without an event loop."""
        arguments = {
            "data": data,
            "url": url,
            "content_type": content_type,
            "min_chars": self._min_chars,
        }
        return self._submit_sized(Reason.NOT_AN_ARTICLE, extract_page, arguments, len(data))

    def submit_raw_page(self, page: RawPage, max_bytes: int) -> Future[Page]:
        """:func:`extract_raw_page`. Raises what it raises; NOT_AN_ARTICLE when it takes too long.

        Without an event loop.
        """
        arguments = {"page": page, "min_chars": self._min_chars, "max_bytes": max_bytes}
        return self._submit_sized(
            Reason.NOT_AN_ARTICLE,
            extract_raw_page,
            arguments,
            len(page.data) * (_UNPACKED if page.coding else 1),
        )

    def _submit_sized(
        self, reason: Reason, function: Callable[..., T], arguments: dict[str, Any], size: int
    ) -> Future[T]:
        sized = {"reason": reason, "reader": function, "arguments": arguments, "size": size}
        return self.submit(reason, in_processor_time, sized)

    def submit(
        self, reason: Reason, function: Callable[..., T], arguments: dict[str, Any]
    ) -> Future[T]:
        """Call any importable function in one of the processes.

        What does not end in time, or kills its process, is Rejected with ``reason``.
        """
        return self._threads.submit(self._run, reason, function, arguments)

    def _run(self, reason: Reason, function: Callable[..., T], arguments: dict[str, Any]) -> T:
        process = self._idle.get()
        try:
            return process.call(reason, function, arguments, self._timeout)
        finally:
            self._idle.put(process)


def in_processor_time(
    *, reason: Reason, reader: Callable[..., T], arguments: dict[str, Any], size: int
) -> T:
    """The result of a reader for a document of ``size`` bytes. Raises Rejected with ``reason``
    where it takes more of the processor than :func:`allowed_seconds`."""
    seconds = allowed_seconds(size)
    try:
        with at_most(seconds):
            return reader(**arguments)
    except TookTooLong:
        detail = f"takes more than {seconds:.1f} s of a processor to read"
        raise Rejected(reason, detail) from None


def limit_memory(size: int) -> None:
    """Let this process have ``size`` bytes of address space, or less where it is held shorter."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    size = size if hard == resource.RLIM_INFINITY else min(size, hard)
    with suppress(ValueError, OSError):  # macOS has the limit and refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (size, hard))


class _Process:
    """A pebble pool of one: a worker that is killed can break the channel it shares with others."""

    def __init__(self) -> None:
        self._pool = self._new_pool()
        self._stopped = False

    def _new_pool(self) -> Any:
        context = multiprocessing.get_context("spawn")
        return ProcessPool(
            max_workers=1,
            max_tasks=_TASKS_PER_PROCESS,
            initializer=limit_memory,
            initargs=(_MEMORY_BYTES,),
            context=context,
        )

    def call(
        self, reason: Reason, function: Callable[..., T], arguments: dict[str, Any], limit: float
    ) -> T:
        """Raises Rejected; with ``reason`` for what takes too long or kills the process twice."""
        try:
            return self._attempt(function, arguments, limit)
        except (ProcessExpired, RuntimeError) as error:
            _count(error)
            self._revive()
        except TimeoutError as error:
            _count(error)
            raise self._rejected(reason, f"not read within {limit:g} s") from error
        except MemoryError as error:
            _count(error)
            raise self._rejected(reason, "takes more memory than a parser may have") from error
        try:
            return self._attempt(function, arguments, limit)
        except (ProcessExpired, RuntimeError, TimeoutError, MemoryError) as error:
            _count(error)
            raise self._rejected(reason, "the parser's process died over it") from error

    def _attempt(self, function: Callable[..., T], arguments: dict[str, Any], limit: float) -> T:
        future = self._pool.schedule(function, kwargs=arguments, timeout=limit)
        deadline = time.monotonic() + limit + _START_SECONDS
        while True:
            try:
                return cast(T, future.result(_LOOK_SECONDS))
            except TimeoutError:
                if future.done():  # the task's own time is over
                    raise
                if self._stopped:  # a pool that is stopped may leave a future open for ever
                    raise CancelledError from None
                if time.monotonic() > deadline:
                    future.cancel()  # nothing to cancel, unless the process never came up
                    raise

    def _rejected(self, reason: Reason, detail: str) -> Rejected:
        self._revive()
        return Rejected(reason, detail)

    def _revive(self) -> None:
        if not self._pool.active and not self._stopped:
            self._pool = self._new_pool()

    def stop(self) -> None:
        self._stopped = True
        self._pool.stop()
        self._pool.join()


def _count(error: Exception) -> None:
    causes = {TimeoutError: "timeout", MemoryError: "memory"}
    PARSER_RESTARTS.labels(causes.get(type(error), "crash")).inc()
