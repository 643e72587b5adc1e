"""Input that could not be used, kept whole with the reason."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from pipeline.records.article import AwareTime, Sha256

DETAIL_LIMIT = 500

Headers = Iterable[tuple[str, bytes | None]]


class Stage(StrEnum):
    """Where on the line the input was refused."""

    FEEDS = "feeds"
    ENRICH = "enrich"
    INDEX = "index"
    ALERT = "alert"


class Reason(StrEnum):
    """Why an input was refused: a closed list, so that each can be counted and acted on."""

    UNDECODABLE = "undecodable"  # not UTF-8, or not JSON
    SCHEMA = "schema"  # JSON, but not the record the topic carries
    TOMBSTONE = "tombstone"  # a message without a value
    TOO_LARGE = "too-large"  # over the configured size limit
    EMPTY_TEXT = "empty-text"  # nothing to read after clean-up
    NOT_AN_ARTICLE = "not-an-article"  # a page without a main text
    UNREADABLE_FILE = "unreadable-file"  # a file that is not what its name says
    UNPARSABLE_FEED = "unparsable-feed"  # not RSS, Atom or JSON Feed
    ROBOTS = "robots"  # robots.txt of the page's site does not allow us to read it
    FETCH_FAILED = "fetch-failed"  # the page could not be had, for good
    NLP_CRASH = "nlp-crash"  # the model's process died on this text, twice
    NLP_TIMEOUT = "nlp-timeout"  # the model did not finish within the limit, twice
    NLP_ERROR = "nlp-error"  # the model raised on this text
    CLOCK = "clock"  # from the future: some clock is wrong
    REFUSED_BY_INDEX = "refused-by-index"  # Elasticsearch will not take the document
    MAPPING = "mapping"  # Elasticsearch's mapping lacks a field that our documents have
    UNDELIVERABLE = "undeliverable"  # an alert that its destination did not take, for good


class Blame(StrEnum):
    """Whose fault a refusal is."""

    OURS = "ours"  # never the input's: the same for every input until it is mended
    UNCLEAR = "unclear"  # of one input its own fault; of many a fault of ours
    INPUT = "input"


_OURS = frozenset({Reason.MAPPING})
_UNCLEAR = frozenset(
    {
        Reason.SCHEMA,
        Reason.NLP_CRASH,
        Reason.NLP_TIMEOUT,
        Reason.NLP_ERROR,
        Reason.REFUSED_BY_INDEX,
    }
)

OF_THE_TEXT = frozenset({Reason.NLP_CRASH, Reason.NLP_TIMEOUT, Reason.NLP_ERROR})
"""Unclear, and what whoever writes a text may bring about."""


def blame(reason: Reason) -> Blame:
    """Whose fault a refusal for ``reason`` is."""
    if reason in _OURS:
        return Blame.OURS
    return Blame.UNCLEAR if reason in _UNCLEAR else Blame.INPUT


class DeadLetter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One refused input.

    ``payload`` is base64: the input whole, or its beginning where no message can carry all of it
    (``payload_truncated``); ``payload_sha256`` is of the whole. ``topic``, ``partition`` and
    ``offset`` say where it was read, when it came from Kafka; ``headers`` are then those of the
    message, with their values in base64, and ``key_base64`` its key where ``key`` cannot say it.
    Raises ValueError for what is no base64.
    """

    stage: Stage
    reason: Reason
    detail: Annotated[str, msgspec.Meta(max_length=DETAIL_LIMIT)]
    failed_at: AwareTime
    payload: str
    payload_sha256: Sha256
    payload_truncated: bool = False
    key: str | None = None
    url: str | None = None
    topic: str | None = None
    partition: int | None = None
    offset: int | None = None
    headers: tuple[tuple[str, str | None], ...] = ()
    key_base64: str | None = None

    def __post_init__(self) -> None:
        for text in (self.payload, self.key_base64, *(value for _, value in self.headers)):
            base64.b64decode(text or "", validate=True)

    @property
    def place(self) -> str:
        """What tells this input from all others: :func:`place_of` a message; else an id that the
        same input has each time it is refused."""
        if self.topic is not None and self.partition is not None and self.offset is not None:
            return place_of(self.topic, self.partition, self.offset, self.payload_sha256)
        parts = (self.stage, self.key or "", self.url or "", self.payload_sha256)
        return hashlib.sha256("\n".join(parts).encode("utf-8", "replace")).hexdigest()[:32]

    def payload_bytes(self) -> bytes:
        """The payload as it came in, or its beginning."""
        return base64.b64decode(self.payload)

    def key_bytes(self) -> bytes | None:
        """The key of the message."""
        if self.key_base64 is not None:
            return base64.b64decode(self.key_base64)
        return None if self.key is None else self.key.encode()

    def header_bytes(self) -> tuple[tuple[str, bytes | None], ...]:
        """The headers of the message."""
        return tuple(
            (name, None if value is None else base64.b64decode(value))
            for name, value in self.headers
        )


def place_of(topic: str, partition: int, offset: int, payload_sha256: str) -> str:
    """``topic/partition/offset/hash``, of the hash eight digits.

    A topic that was made again counts from 0 anew: without the hash its messages would take the
    letters of those that stood there before.
    """
    return f"{topic}/{partition}/{offset}/{payload_sha256[:8]}"


def dead_letter(
    *,
    stage: Stage,
    reason: Reason,
    detail: str,
    failed_at: datetime,
    payload: bytes,
    key: bytes | str | None = None,
    url: str | None = None,
    topic: str | None = None,
    partition: int | None = None,
    offset: int | None = None,
    headers: Headers = (),
) -> DeadLetter:
    """Make a dead letter of raw bytes; an over-long detail is cut."""
    shown = key.decode("utf-8", "replace") if isinstance(key, bytes) else key
    is_shown = shown is None or not isinstance(key, bytes) or shown.encode() == key
    return DeadLetter(
        stage=stage,
        reason=reason,
        detail=detail[:DETAIL_LIMIT],
        failed_at=failed_at,
        payload=_base64(payload),
        payload_sha256=hashlib.sha256(payload).hexdigest(),
        key=shown,
        url=url,
        topic=topic,
        partition=partition,
        offset=offset,
        headers=tuple((name, None if value is None else _base64(value)) for name, value in headers),
        key_base64=None if is_shown or not isinstance(key, bytes) else _base64(key),
    )


def cut(letter: DeadLetter, payload_bytes: int) -> DeadLetter:
    """The letter with at most so many bytes of its payload, and saying so where there were more.

    Headers go too: what is cut is not sent again.
    """
    payload = letter.payload_bytes()
    if len(payload) <= payload_bytes:
        return letter
    return msgspec.structs.replace(
        letter, payload=_base64(payload[:payload_bytes]), payload_truncated=True, headers=()
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
