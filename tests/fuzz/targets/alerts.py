"""Saved searches as people write them, and alerts with any text in them."""

from __future__ import annotations

import json
from collections.abc import Hashable
from email import message_from_bytes
from email.policy import SMTP
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
from pydantic import ValidationError

from pipeline.alerts import searches
from pipeline.alerts.atom import feed_of
from pipeline.alerts.mail import message_of
from pipeline.alerts.match import cut
from pipeline.alerts.webhook import body_of, headers_of
from pipeline.records import Channel, Delivery, DeliveryStatus
from pipeline.search.hits import article_hit, statement_hit
from pipeline.web.saved_routes import NewSearch
from tests.fakes.alerts import a_search, a_statements_hit, an_alert, an_article_hit
from tests.fakes.records import NOW
from tests.fuzz.target import Target, joined, seeds, texts
from tests.fuzz.targets.laws import is_json, survives

_HEADERS = 13
_MAIL_TOKENS = (
    b"\r\nBcc: x@y.example\r\n", b"\r\n\r\n", b"=?utf-8?q?x?=", b"=?", b"?=", b"<", b">", b"@",
    b"\x00", "\u2028".encode(), "\x85".encode(), b"]]>", b"&", b"javascript:", b"https://", b"\\",
    b",", b";", b'"',
)  # fmt: skip


def saved(data: bytes) -> Hashable:
    """A search that was saved can be asked, and is read as it was kept."""
    search = NewSearch.model_validate_json(data)
    made = searches.made(search.name, search.about, search.query, NOW, emails=search.emails)
    survives(made)
    for url in search.webhooks:
        searches.check_address(url, ())
    is_json(searches.shown(made))
    searches.request(made, NOW)
    return made.about, tuple(sorted(made.query))[:3]


def mail(data: bytes) -> Hashable:
    """One message to one address, whatever the article is called."""
    alert = _alert(*texts(data, 5))
    delivery = Delivery(
        id="d1", alert_id=alert.id, search_id="lind", channel=Channel.EMAIL, target="a@b.example",
        partition=0, status=DeliveryStatus.PENDING, planned_at=NOW, updated_at=NOW, next_try_at=NOW,
        alert=alert,
    )  # fmt: skip
    written = message_of(delivery, alert, "news@desk.example").as_bytes()
    read = message_from_bytes(written, policy=SMTP)
    assert read["To"] == "a@b.example"
    assert read["Bcc"] is None
    assert len(read.keys()) <= _HEADERS, read.keys()
    assert [part.get_content_type() for part in read.walk()][1:] == ["text/plain", "text/html"]
    return len(written).bit_length()


def webhook(data: bytes) -> Hashable:
    """The same body each time, and headers of one line."""
    alert = _alert(*texts(data, 5))
    body = body_of(alert)
    assert json.loads(body)["data"]["title"] == alert.title
    headers = headers_of(alert, body, b"key", NOW)
    assert all(value.isprintable() for value in headers.values())
    return len(body).bit_length()


def _alert(title: str, source: str, content: str, url: str, name: str) -> Any:
    """As :mod:`pipeline.alerts.match` makes them of what the index holds, which is UTF-8."""
    title, source, content, url, name = (
        each.encode("utf-8", "replace").decode() for each in (title, source, content, url, name)
    )
    said = msgspec.structs.replace(
        an_alert().statements[0], content=cut(content), speaker=source, cue=name or None
    )
    return an_alert(
        title=cut(title, 500), source=source, url=url, snippet=cut(content), statements=(said,),
        search_name=name,
    )  # fmt: skip


def atom(data: bytes) -> Hashable:
    """A feed that every reader of XML can read."""
    title, source, content, url, name = (
        each.encode("utf-8", "replace").decode() for each in texts(data, 5)
    )
    hit = an_article_hit(1, title=title, url=url, source=source)
    said = a_statements_hit()["inner_hits"]["statements"]["hits"]["hits"][0]
    said["_source"] |= {"title": title, "source": source, "url": url, "content": content}
    written = feed_of(a_search(), [article_hit(hit)], url)
    statements = feed_of(a_search(), [statement_hit(said)], name)
    entries = [len(ET.fromstring(each).findall("{*}entry")) for each in (written, statements)]
    assert entries == [1, 1]
    return len(written).bit_length()


_ALERTS = (
    joined("Bridge to open", "The Courier", "“No deal”", "https://courier.example/1", "Lind"),
    joined("a\r\nBcc: x@y.example", "<b>", "]]>&amp;", "javascript:x", "n"),
)  # fmt: skip

TARGETS = (
    Target(
        "saved-search",
        saved,
        seeds(
            '{"name":"Lind","about":"statements","query":{"speaker":"Ada","since":"7d","type":"direct"},'
            '"webhooks":["https://desk.example/h"],"emails":["a@b.example"]}',
            '{"name":"é","about":"articles","query":{"text":"a -b","stories":"true","limit":"5"}}',
        ),
        (ValueError, ValidationError),
        (
            b'"text":',
            b'"after":',
            b'"until":"',
            b'"limit":"',
            b'"cell":"1/0/0"',
            b"\\ud800",
            b"\\u0000",
        ),
        20_000,
    ),
    Target("mail", mail, seeds(*_ALERTS), (), _MAIL_TOKENS, 20_000),
    Target("webhook", webhook, seeds(*_ALERTS), (), _MAIL_TOKENS, 20_000),
    Target("atom", atom, seeds(*_ALERTS), (), _MAIL_TOKENS, 20_000),
)
