"""Annotation in processes of its own: a text that crashes or hangs the model costs only itself.

Each process is a pebble pool of one: pebble's workers share one channel and its lock, and a worker
killed while it holds the lock, or killed while idle, breaks the pool for the others.
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from pebble import ProcessExpired, ProcessPool

from pipeline.enrich import worker
from pipeline.enrich.chunks import TEXTS_PER_CHUNK, chunks
from pipeline.enrich.enricher import Enricher
from pipeline.enrich.memory import Memory, annotate_new
from pipeline.enrich.text_input import Outcome, TextInput
from pipeline.errors import Rejected, ServiceUnavailable
from pipeline.metrics import POOL_RESTARTS
from pipeline.records import Reason

_START_SECONDS = 180.0
_STARTS = 3
_REMEMBERED_BYTES = 32_000_000


class _Failed(Exception):
    """A process was lost over a chunk."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason = reason


class ModelPool:
    """Processes that each hold the models.

    ``text_timeout`` is in seconds and is the limit for one chunk (at most 8 texts or 64,000
    characters, or one longer text). ``factory`` makes the annotator inside each process from
    ``models``; it is pickled by name. ``remembered_bytes`` bound what is kept of texts, so that a
    copy needs no model. ``on_progress`` is called after each chunk, done or lost.
    """

    def __init__(
        self,
        models: Mapping[str, str],
        *,
        processes: int,
        factory: worker.Factory = Enricher,
        text_timeout: float = 60.0,
        texts_per_process: int = 5_000,
        remembered_bytes: int = _REMEMBERED_BYTES,
        on_progress: Callable[[], None] = lambda: None,
    ) -> None:
        self._processes = [
            _Process(factory, models, text_timeout, texts_per_process) for _ in range(processes)
        ]
        self._idle: asyncio.Queue[_Process] = asyncio.Queue()
        self._memory = Memory(remembered_bytes)
        self._on_progress = on_progress

    async def start(self) -> None:
        """Start all processes and wait until each has its model loaded.

        Raises ServiceUnavailable when one does not come up.
        """
        try:
            await asyncio.gather(*(process.warm() for process in self._processes))
        except BaseException:
            await self.close()
            raise
        for process in self._processes:
            self._idle.put_nowait(process)

    async def close(self) -> None:
        """End all processes; running work is dropped."""
        await asyncio.gather(*(asyncio.to_thread(process.stop) for process in self._processes))

    async def annotate(self, texts: Sequence[TextInput]) -> list[Outcome]:
        """One outcome for each text, in order; equal texts are annotated once, and not again while
        they are remembered.

        A text over which a process died twice is Rejected(NLP_CRASH); one that did not finish in
        time twice is Rejected(NLP_TIMEOUT).
        """
        return await annotate_new(texts, self._memory, self._annotate)

    async def _annotate(self, texts: Sequence[TextInput]) -> list[Outcome]:
        shares = chunks(texts, [len(text.text) for text in texts], len(self._processes))
        found = await asyncio.gather(*(self._annotate_chunk(share) for share in shares))
        return [outcome for results in found for outcome in results]

    async def _annotate_chunk(self, texts: Sequence[TextInput]) -> list[Outcome]:
        try:
            return await self._attempt(texts)
        except _Failed:
            return [await self._annotate_alone(text) for text in texts]

    async def _annotate_alone(self, text: TextInput) -> Outcome:
        try:
            return (await self._attempt([text]))[0]
        except _Failed as failure:
            detail = f"the model's process was lost over {len(text.text)} characters"
            return Rejected(failure.reason, detail)

    async def _attempt(self, texts: Sequence[TextInput]) -> list[Outcome]:
        process = await self._idle.get()
        try:
            return await process.run(texts)
        finally:
            self._idle.put_nowait(process)
            self._on_progress()


class _Process:
    """One process with its models, replaced when it is lost."""

    def __init__(
        self, factory: worker.Factory, models: Mapping[str, str], limit: float, texts: int
    ) -> None:
        self._factory = factory
        self._models = dict(models)
        self._limit = limit
        self._tasks = max(1, texts // TEXTS_PER_CHUNK)
        self._pool = self._new_pool()

    def _new_pool(self) -> Any:
        return ProcessPool(
            max_workers=1,
            max_tasks=self._tasks,
            initializer=worker.load,
            initargs=(self._factory, self._models),
            context=multiprocessing.get_context("spawn"),
        )

    async def warm(self) -> None:
        try:
            await self._schedule(worker.ready, ())
        except _Failed as failure:
            raise ServiceUnavailable(
                "the model's process does not start; see its error above"
            ) from failure

    async def run(self, texts: Sequence[TextInput]) -> list[Outcome]:
        """Raises _Failed when the process was lost; the next call finds a new one."""
        results = await self._schedule(worker.annotate, (list(texts),))
        return [worker.outcome(result) for result in results]

    async def _schedule(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        """A process that died before it took the task is replaced: the task did not do it."""
        for _ in range(_STARTS):
            try:
                return await self._try(function, arguments)
            except TimeoutError as error:
                self._count("timeout")
                raise _Failed(Reason.NLP_TIMEOUT) from error
            except ProcessExpired as error:
                self._count("crash")
                raise _Failed(Reason.NLP_CRASH) from error
            except (BrokenProcessPool, RuntimeError):
                self._count("crash")
                await asyncio.to_thread(self.stop)
                self._pool = self._new_pool()
        raise _Failed(Reason.NLP_CRASH)

    async def _try(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        future = self._pool.schedule(function, args=arguments, timeout=self._limit)
        # Pebble's limit runs from when the process takes the task; this one also covers a start
        # that never ends.
        return await asyncio.wait_for(asyncio.wrap_future(future), self._limit + _START_SECONDS)

    def _count(self, cause: str) -> None:
        POOL_RESTARTS.labels(cause=cause).inc()

    def stop(self) -> None:
        self._pool.stop()
        self._pool.join()
