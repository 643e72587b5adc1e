"""A blocking client asked beside the event loop, for as long as its broker does not answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import kafka.errors

from pipeline.background import in_background
from pipeline.errors import ServiceUnavailable
from pipeline.kafka.connection import failure
from pipeline.kafka.rights import to_read
from pipeline.metrics import OUTAGES
from pipeline.settings import KafkaSettings

logger = logging.getLogger(__name__)

T = TypeVar("T")

_RETRY_SECONDS = 1.0


async def answered(
    settings: KafkaSettings, topic: str, ask: Callable[[], T], on_wait: Callable[[], None]
) -> T:
    """What ``ask`` returns of ``topic``, once it raises no outage; ``on_wait`` hears of each try.

    Raises ConfigurationError when the cluster refuses us.
    """
    while True:
        try:
            return await in_background(partial(_asked, settings, topic, ask))
        except ServiceUnavailable as error:
            logger.warning("%s is not read, trying again: %s", topic, error)
            OUTAGES.labels("kafka").inc()
            on_wait()
            await asyncio.sleep(_RETRY_SECONDS)


def _asked(settings: KafkaSettings, topic: str, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except kafka.errors.KafkaError as error:
        raise failure(settings, error, to_read(topic)) from error
