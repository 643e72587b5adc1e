"""A dead letter without its payload: pure."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

import msgspec

from pipeline.errors import Rejected
from pipeline.kafka.ports import StoredMessage
from pipeline.records import DeadLetter, Reason, Stage, decode


class LetterSummary(msgspec.Struct, frozen=True, kw_only=True):
    """``id`` is that of the letter; ``topic``, ``partition`` and ``offset`` are where its message
    was read, where it was one. ``source`` is who published it, as far as the input tells.
    ``bytes`` are those of the input that are kept, all of them unless ``truncated``.
    """

    id: str
    stage: Stage
    reason: Reason
    detail: str
    failed_at: datetime
    source: str | None
    url: str | None
    key: str | None
    topic: str | None
    partition: int | None
    offset: int | None
    bytes: int
    truncated: bool


class _Source(msgspec.Struct):
    name: str | None = None
    domain: str | None = None


class _Article(msgspec.Struct):
    source: _Source | None = None
    feed_id: str | None = None
    url: str | None = None


class _Input(_Article):
    article: _Article | None = None


_inputs = msgspec.json.Decoder(_Input)


def identity(stored: StoredMessage) -> str:
    """What letters of the same input share, and the message without a value that ends them. Letters
    of earlier versions have it in their event id alone."""
    event = dict(stored.headers).get("ce_id") if stored.value is not None else None
    return (event or stored.key or b"").decode("utf-8", "replace")


def letter_of(stored: StoredMessage) -> DeadLetter | None:
    """The letter in a message; None where there is none, or one of a later version."""
    try:
        return decode(stored.value, DeadLetter)
    except Rejected:
        return None


def summary_of(letter_id: str, letter: DeadLetter) -> tuple[LetterSummary, str]:
    """The summary, and the words by which its source is found."""
    payload = letter.payload_bytes()
    told = _told(payload)
    article = told.article or told
    source = article.source or _Source()
    url = letter.url or article.url
    words = (source.name, source.domain, article.feed_id, url, _host(url), _feed(letter))
    summary = LetterSummary(
        id=letter_id,
        stage=letter.stage,
        reason=letter.reason,
        detail=letter.detail,
        failed_at=letter.failed_at,
        source=source.name or source.domain or _host(url),
        url=url,
        key=letter.key,
        topic=letter.topic,
        partition=letter.partition,
        offset=letter.offset,
        bytes=len(payload),
        truncated=letter.payload_truncated,
    )
    return summary, "\n".join(word.casefold() for word in words if word)


def _told(payload: bytes) -> _Input:
    try:
        return _inputs.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _Input()


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None


def _feed(letter: DeadLetter) -> str | None:
    """The key of a document that was no feed is the feed's id."""
    return letter.key if letter.reason is Reason.UNPARSABLE_FEED else None
