"""An alert as a webhook: pure. Source: Standard Webhooks 1.0.0 (standard-webhooks/spec).

The body is JSON, the same for each try. The headers carry the id of the alert, which is what a
receiver knows a repetition by, the time of the try, and a signature of both and the body.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from pipeline.alerts.plan import Attempt, Failed, Taken
from pipeline.records import Alert
from pipeline.records.saved_search import DERIVED, SECRET_VARIABLE, secret_key

EVENT_TYPES = {
    "found": "alert.created",
    "refused": "search.refused",
    "resumed": "search.resumed",
}
_GONE = 410
_LONGEST_WAIT = timedelta(days=1)


class _Event(msgspec.Struct, frozen=True, kw_only=True):
    type: str
    timestamp: datetime
    data: Alert


_encoder = msgspec.json.Encoder()


def body_of(alert: Alert) -> bytes:
    """``type``, ``timestamp`` (when the article was indexed) and the alert as ``data``."""
    return _encoder.encode(
        _Event(type=EVENT_TYPES[alert.event], timestamp=alert.indexed_at, data=alert)
    )


def headers_of(alert: Alert, body: bytes, key: bytes, now: datetime) -> dict[str, str]:
    """The headers of a try made ``now``."""
    timestamp = str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "webhook-id": alert.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(alert.id, timestamp, body, key),
    }


def signature(message_id: str, timestamp: str, body: bytes, key: bytes) -> str:
    """``v1,`` and the HMAC-SHA256 of id, time and body, in base64."""
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def key_of(secret: str, environment: Mapping[str, str], derive: Callable[[str], bytes]) -> bytes:
    """The key of a webhook. Raises ValueError where the environment does not hold it, and what
    ``derive`` raises."""
    if secret.startswith(DERIVED):
        return derive(secret)
    if not secret.startswith(SECRET_VARIABLE):
        return secret_key(secret)
    name = secret.removeprefix(SECRET_VARIABLE)
    if name not in environment:
        raise ValueError(f"the alert worker's environment has no {name}")
    return secret_key(environment[name])


def attempt_of(status: int, retry_after: str | None, now: datetime) -> Attempt:
    """What an answer means. A redirect is a failure: an address that moved is to be changed."""
    if status // 100 == 2:
        return Taken()
    return Failed(f"status {status}", gone=status == _GONE, wait=_asked_wait(retry_after, now))


def _asked_wait(retry_after: str | None, now: datetime) -> timedelta | None:
    """What a Retry-After header asks for (seconds, or a date), at most a day."""
    if retry_after is None:
        return None
    try:
        text = retry_after.strip()
        wait = (
            timedelta(seconds=int(text[:9]))
            if text.isdecimal()
            else parsedate_to_datetime(text) - now
        )
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait, timedelta()), _LONGEST_WAIT)
