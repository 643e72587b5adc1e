"""Input that could not be used, kept whole with the reason."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec

from pipeline.records.article import AwareTime, Sha256

PAYLOAD_LIMIT = 64 * 1024
DETAIL_LIMIT = 500


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
    UNDELIVERABLE = "undeliverable"  # an alert that its destination did not take, for good


class DeadLetter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One refused input.

    ``payload`` is base64: the input whole, or its first 64 KiB (``payload_truncated``);
    ``payload_sha256`` is of the whole. ``topic``, ``partition`` and ``offset`` say where it was
    read, when it came from Kafka.
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

    def payload_bytes(self) -> bytes:
        """The payload as it came in (the first 64 KiB of it)."""
        return base64.b64decode(self.payload)


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
) -> DeadLetter:
    """Make a dead letter of raw bytes; an over-long payload or detail is cut."""
    return DeadLetter(
        stage=stage,
        reason=reason,
        detail=detail[:DETAIL_LIMIT],
        failed_at=failed_at,
        payload=base64.b64encode(payload[:PAYLOAD_LIMIT]).decode("ascii"),
        payload_sha256=hashlib.sha256(payload).hexdigest(),
        payload_truncated=len(payload) > PAYLOAD_LIMIT,
        key=key.decode("utf-8", "replace") if isinstance(key, bytes) else key,
        url=url,
        topic=topic,
        partition=partition,
        offset=offset,
    )
