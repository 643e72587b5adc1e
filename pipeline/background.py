"""Blocking calls beside the event loop, in threads that nobody has to wait for.

``asyncio.to_thread`` has two costs where a call may hang, as one to a server that is stopped. Its
few threads are shared: the calls that hang leave none for others, name look-ups among them. And
they are joined at the end of the loop and of the interpreter: the process cannot end either.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


async def in_background(call: Callable[[], T], dispose: Callable[[T], None] | None = None) -> T:
    """The result of ``call``, which has a thread of its own; raises what it raises.

    Whoever is cancelled goes on at once, and so does ``call``: its result is given to ``dispose``.
    """
    loop, settled = asyncio.get_running_loop(), asyncio.Event()
    outcome: Future[T] = Future()

    def wake(_: Future[T]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settled.set)

    def discard(late: Future[T]) -> None:
        if dispose is not None and late.exception() is None:
            in_thread(partial(dispose, late.result()))

    outcome.add_done_callback(wake)
    in_thread(partial(_do, call, outcome))
    try:
        await settled.wait()
    except asyncio.CancelledError:
        outcome.add_done_callback(discard)
        raise
    return outcome.result()


def _do(call: Callable[[], T], outcome: Future[T]) -> None:
    try:
        result = call()
    except BaseException as error:  # whoever waits gets it
        outcome.set_exception(error)
    else:
        outcome.set_result(result)


def aside(call: Callable[[], T]) -> T:
    """The same for who has no event loop: ``call`` in a thread, whose end nobody waits for when the
    waiting is interrupted."""
    outcome: Future[T] = Future()
    in_thread(partial(_do, call, outcome))
    return outcome.result()


async def chunks_in_background(items: Iterator[T], size: int) -> AsyncIterator[list[T]]:
    """Lists of up to ``size``, each made aside: what is read or waited for for them must not stop
    the event loop."""
    while chunk := await in_background(lambda: list(islice(items, size))):
        yield chunk


def in_thread(call: Callable[[], object]) -> None:
    """Have ``call`` done, and wait for nothing."""
    threading.Thread(target=call, name="background", daemon=True).start()
