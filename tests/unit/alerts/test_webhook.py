"""Webhooks as the Standard Webhooks specification has them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alerts.plan import Failed, Taken
from pipeline.alerts.webhook import attempt_of, body_of, headers_of, key_of, signature
from pipeline.records.saved_search import secret_key
from tests.fakes.alerts import SECRET, an_alert
from tests.fakes.records import NOW


def test_the_signature_is_that_of_the_specification_s_libraries() -> None:
    # The test vector of the reference libraries (standard-webhooks, libraries/*/test).
    key = secret_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}', key)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_repetition_has_the_same_id_and_body_and_a_time_of_its_own() -> None:
    alert, key = an_alert(), secret_key(SECRET)
    body = body_of(alert)
    first, second = (headers_of(alert, body, key, NOW + timedelta(hours=n)) for n in (0, 1))
    assert first["webhook-id"] == second["webhook-id"] == alert.id
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 3600
    assert first["webhook-signature"] != second["webhook-signature"]
    assert "." not in alert.id


def test_the_body_says_what_happened_when() -> None:
    body = json.loads(body_of(an_alert()))
    assert body["type"] == "alert.created"
    assert body["timestamp"] == "2026-03-01T12:00:00Z"
    assert body["data"]["statements"][0]["content"] == "the bridge will open"


def test_a_body_is_small_enough_for_any_receiver() -> None:
    said = an_alert().statements[0]
    long = type(said)(id="s1", speaker="x" * 200, cue="x" * 200, content="x" * 1000, type="direct")
    alert = an_alert(title="x" * 500, url="https://x.example/" + "x" * 2000, statements=(long,) * 5)
    assert len(body_of(alert)) < 20_000


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_success_is_taken(status: int) -> None:
    assert attempt_of(status, None, NOW) == Taken()


@pytest.mark.parametrize("status", [301, 400, 404, 429, 500, 503])
def test_anything_else_is_tried_again(status: int) -> None:
    assert attempt_of(status, None, NOW) == Failed(f"status {status}")


def test_gone_is_gone() -> None:
    assert attempt_of(410, None, NOW) == Failed("status 410", gone=True)


@pytest.mark.parametrize(
    ("asked", "wait"),
    [
        ("120", timedelta(minutes=2)),
        ("Sun, 01 Mar 2026 13:00:00 GMT", timedelta(hours=1)),
        ("Sun, 01 Mar 2020 13:00:00 GMT", timedelta()),
        ("9" * 5000, timedelta(days=1)),
        ("soon", None),
        ("Sun, 01 Mar 2026 13:00:00 -0000", None),
    ],
)
def test_a_wait_that_is_asked_for_is_read(asked: str, wait: timedelta | None) -> None:
    attempt = attempt_of(503, asked, NOW)
    assert isinstance(attempt, Failed)
    assert attempt.wait == wait


@given(st.text(max_size=50))
def test_no_header_of_a_receiver_is_an_error(asked: str) -> None:
    attempt_of(503, asked, NOW)


def test_a_secret_is_read_from_the_environment_where_it_is_named() -> None:
    assert key_of("env:NEWS_WEBHOOK_A", {"NEWS_WEBHOOK_A": SECRET}, bytes) == secret_key(SECRET)
    assert key_of(SECRET, {}, bytes) == secret_key(SECRET)
    with pytest.raises(ValueError, match="NEWS_WEBHOOK_A"):
        key_of("env:NEWS_WEBHOOK_A", {}, bytes)
