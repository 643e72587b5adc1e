"""A search is saved, the line runs, and whoever is to be told is told once."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from yarl import URL

from pipeline.settings import Settings
from tests.fakes.destinations import Inbox, Receiver, is_signed
from tests.running import pipeline, pipeline_json
from tests.stacks import updated

ADDRESS = "desk@courier.example"
MINISTER = ("--speaker", "Ilse Varga")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox() as inbox:
        yield inbox


@pytest.fixture
def told(line: Settings, receiver: Receiver, inbox: Inbox) -> Settings:
    return updated(
        line,
        {
            "alerts": {
                "private_hosts": (URL(receiver.url).authority,),
                "smtp_host": "127.0.0.1",
                "smtp_port": inbox.port,
                "smtp_tls": "none",
            }
        },
    )


def run_once(line: Settings) -> None:
    done = pipeline(line, "run", "--once")
    assert done.returncode == 0, done.stderr


def test_news_of_a_saved_search_is_told_once_by_webhook_and_mail(
    told: Settings, receiver: Receiver, inbox: Inbox
) -> None:
    added = pipeline(
        told, "alerts", "add", "The minister", *MINISTER, "--webhook", receiver.url,
        "--email", ADDRESS,
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    secret = added.stdout.split()[3]
    assert secret.startswith("whsec_")
    run_once(told)
    expected = {hit["article_id"] for hit in pipeline_json(told, "statements", *MINISTER)}
    assert expected
    events = [json.loads(request.body)["data"] for request in receiver.requests]
    assert sorted(event["article_id"] for event in events) == sorted(expected)
    assert all(is_signed(request, secret) for request in receiver.requests)
    assert len(inbox.messages) == len(expected)

    run_once(told)
    assert len(receiver.requests) == len(inbox.messages) == len(expected)
    _check_commands(told, expected, secret)


def _check_commands(line: Settings, expected: set[str], secret: str) -> None:
    logged = pipeline_json(line, "alerts", "log")
    assert {each["alert"]["article_id"] for each in logged} == expected
    assert {d["status"] for each in logged for d in each["deliveries"]} == {"delivered"}
    for command in (("list",), ("log", "the-minister"), ("test", "the-minister")):
        shown = pipeline(line, "alerts", *command)
        assert shown.returncode == 0, shown.stderr
        assert shown.stdout
        assert secret not in shown.stdout
    (listed,) = pipeline_json(line, "alerts", "list")
    assert listed["webhooks"][0]["secret"] == "hidden"
    found = pipeline_json(line, "alerts", "test", "the-minister", "--limit", "1000")
    assert {hit["article_id"] for hit in found} == expected

    again = pipeline(line, "alerts", "add", "The minister", *MINISTER)
    assert again.returncode == 1
    assert "--replace" in again.stderr
    assert pipeline(line, "alerts", "remove", "the-minister").returncode == 0
    assert pipeline(line, "alerts", "remove", "the-minister").returncode == 1
    assert pipeline_json(line, "alerts", "list") == []


def test_what_cannot_be_saved_is_a_usage_error(line: Settings) -> None:
    for wrong in (
        (),
        ("dam", "--since", "soon"),
        ("dam", "--about", "articles", "--kind", "speech"),
        ("dam", "--webhook", "http://127.0.0.1/hook"),
        ("dam", "--webhook", "https://desk.example/", "--secret", "hunter2"),
        ("dam", "--email", "nobody"),
    ):
        done = pipeline(line, "alerts", "add", "Dams", *wrong)
        assert done.returncode == 2, (wrong, done.stderr)
    assert pipeline_json(line, "alerts", "list") == []
