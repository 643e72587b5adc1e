"""Of a robots.txt, what is about us says the same as all of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from pipeline.feeds.robots_group import about
from pipeline.feeds.robots_rules import parse, verdict

AGENT = "news-pipeline"
NAMES = st.sampled_from(
    [
        "*",
        "news-pipeline",
        "News-Pipeline/1.0",
        "news",
        "new",
        "n*",
        "pipeline",
        "bot",
        "b*t",
        "",
        "-",
    ]
)
AGENT_LINES = st.builds(
    lambda field, name: f"{field}{name}",
    st.sampled_from(
        ["User-agent: ", "user agent ", "USERAGENT:", " User-Agent\t:", "user   agent "]
    ),
    NAMES,
)
RULES = st.sampled_from([
    "Disallow: /", "Disallow: /a", "Allow: /a/b", "Disalow /b*", "Allow:", "Disallow: /*.html$",
    "Crawl-delay: 3", "crawl delay 90", "Sitemap: https://site.example/s", "Host: x", "foo: bar",
    "foo:", "# User-agent: *", "nothing", "", "allow: /a # but", "Sitemap:",
])  # fmt: skip
TEXTS = st.lists(AGENT_LINES | RULES, max_size=14).map("\n".join)


@given(TEXTS, st.sampled_from(["/", "/a", "/a/b", "/b/c.html"]))
def test_what_is_about_us_says_the_same_as_all_of_it(text: str, path: str) -> None:
    url = f"https://site.example{path}"
    said = verdict(parse(text.encode(), AGENT), url, AGENT)
    assert said == verdict(Protego.parse(text), url, AGENT)


@given(st.text(max_size=100))
def test_any_text_is_read(text: str) -> None:
    assert about(about(text, AGENT), AGENT) == about(text, AGENT)


def test_rules_for_others_are_left_out() -> None:
    text = "User-agent: a\nDisallow: /\nUser-agent: b\nUser-agent: *\nDisallow: /x\nSitemap: y"
    assert about(text, AGENT) == "User-agent: *\nDisallow: /x"


@pytest.mark.parametrize(
    "name", ["robot{}", "news-pipeline", "news-pipeline/{}", "n{}*", "{}news-pipeline"]
)
def test_many_robots_over_many_rules_take_linear_time(name: str) -> None:
    def seconds(count: int) -> float:
        names = "".join(f"User-agent: {name.format(n)}\n" for n in range(count))
        text = names + "".join(f"Disallow: /{n}\n" for n in range(count))
        started = time.process_time()
        verdict(parse(text.encode(), AGENT), "https://site.example/x", AGENT)
        return time.process_time() - started

    short, long = max(seconds(1_000) for _ in range(3)), min(seconds(8_000) for _ in range(2))
    assert long < 24 * short  # eight times as much; 64 times before
