"""Alerts as e-mails: readable, the same each time, and nothing that the web says gets loose."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.mail import message_of
from pipeline.alerts.plan import planned
from pipeline.records import Alert, AlertStatement, Delivery
from tests.fakes.alerts import a_search, an_alert
from tests.fakes.records import NOW, texts

SENDER = "alerts@news.example"
HOSTILE = "<script>x</script>\r\nBcc: all@courier.example\r\n\r\n<b>"


def a_delivery(alert: Alert) -> Delivery:
    search = a_search(webhooks=(), emails=("ada@courier.example",))
    (delivery,) = planned(alert, search, 0, NOW)
    return delivery


def sent(alert: Alert) -> Any:
    """The message as a server reads it."""
    data = message_of(a_delivery(alert), alert, SENDER).as_bytes()
    return message_from_bytes(data, policy=policy.default)


def test_a_message_says_who_said_what_where() -> None:
    message = sent(an_alert())
    assert message["Subject"] == "What Ada Lind says: Bridge 1 to open"
    assert message["To"] == "ada@courier.example"
    text = message.get_body(("plain",)).get_content()
    assert "Ada Lind (said):" in text
    assert "the bridge will open" in text
    assert "https://courier.example/1" in text
    assert '<a href="https://courier.example/1">' in message.get_body(("html",)).get_content()


def test_the_same_alert_is_the_same_message_and_another_is_in_its_thread() -> None:
    one, same, other = (sent(an_alert(number)) for number in (1, 1, 2))
    assert one["Message-ID"] == same["Message-ID"] != other["Message-ID"]
    assert one["References"] == other["References"]
    assert one["Date"] == same["Date"]


def test_nothing_from_the_web_becomes_a_header_or_markup() -> None:
    said = AlertStatement(id="s1", speaker=HOSTILE, cue=HOSTILE, content=HOSTILE, type="direct")
    message = sent(
        an_alert(
            title=HOSTILE, source=HOSTILE, url=f"javascript:{HOSTILE}", snippet=HOSTILE,
            search_name=HOSTILE, statements=(said,),
        )
    )  # fmt: skip
    assert message["Bcc"] is None
    html = message.get_body(("html",)).get_content()
    assert "<script" not in html
    assert "javascript:" not in html
    assert "href" not in html


@given(texts, texts, st.none() | texts)
def test_any_alert_can_be_written(title: str, content: str, url: str | None) -> None:
    said = AlertStatement(id="s1", speaker=title, cue=None, content=content, type="direct")
    message = sent(an_alert(title=title, url=url, snippet=content, statements=(said,)))
    assert sorted(message.keys()) == sorted(
        [
            "From", "To", "Subject", "Date", "Message-ID", "References", "List-Id",
            "Auto-Submitted", "MIME-Version", "Content-Type",
        ]
    )  # fmt: skip
