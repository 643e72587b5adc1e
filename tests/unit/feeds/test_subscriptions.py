from pathlib import Path

import pytest

from pipeline import resources
from pipeline.errors import ConfigurationError
from pipeline.feeds.subscriptions import load_subscriptions, sample_subscription
from tests.fakes.feeds import feed_settings

COURIER = '[[feeds]]\nid = "courier"\nurl = "https://courier.example/rss"\nname = "The Courier"\n'


def load(tmp_path: Path, text: str) -> tuple[object, ...]:
    file = tmp_path / "feeds.toml"
    file.write_text(text)
    return load_subscriptions(file)


def test_the_bundled_list_follows_no_feed_of_others() -> None:
    assert load_subscriptions(resources.root() / "config" / "feeds.toml") == ()


def test_the_example_in_the_bundled_list_is_a_valid_feed(tmp_path: Path) -> None:
    text = (resources.root() / "config" / "feeds.toml").read_text()
    example = "\n".join(line.removeprefix("# ") for line in text.splitlines()[2:])
    (subscription,) = load(tmp_path, example)
    assert subscription.id == "courier"  # type: ignore[attr-defined]


def test_enabled_feeds_are_loaded_in_order(tmp_path: Path) -> None:
    other = COURIER.replace("courier", "herald")
    off = COURIER.replace("courier", "gone") + "enabled = false\n"
    assert [s.id for s in load(tmp_path, COURIER + off + other)] == ["courier", "herald"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (COURIER.replace("https:", "ftp:"), "feed 'courier': url is no http or https address"),
        (COURIER + 'country = "gb"\n', "feed 'courier': .*country"),
        (COURIER + "intervall = 5\n", "feed 'courier': .*intervall"),
        (COURIER + "poll_interval_seconds = 0\n", "feed 'courier': .*poll_interval_seconds"),
        (COURIER + "revisit_hours = [2, 0]\n", "feed 'courier': .*revisit_hours"),
        (COURIER + "first_poll_max_age_days = -1\n", "feed 'courier': .*first_poll_max_age_days"),
        (COURIER + COURIER, "two feeds have the id 'courier'"),
        (COURIER.replace('"courier"', '"sample"'), "feed 'sample': this id is the project's own"),
        ('[[feeds]]\nname = "x"\n', "feed number 1: .*missing"),
        ("feeds = 1\n", "tables and nothing else"),
        ("[other]\n", "tables and nothing else"),
        ("[[feeds", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_with_the_feed_it_is_in(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        load(tmp_path, text)


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        load_subscriptions(tmp_path / "nowhere.toml")


def test_the_sample_feed_is_on_loopback_at_its_configured_port() -> None:
    settings = feed_settings()
    subscription = sample_subscription(settings)
    assert subscription.url == f"http://127.0.0.1:{settings.sample.port}/feed.xml"
    assert subscription.allow_private_addresses
