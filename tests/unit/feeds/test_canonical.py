import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.feeds.canonical import canonical_url, host_of, parse_url, same_server

NORMAL = tomllib.loads((Path(__file__).parent / "data" / "normal_urls.toml").read_text("utf-8"))

pieces = "a é %7e %2e%2e .. . / // ? & = utm_source=x % %zz # + %20 : @ [ ] \\ %C3%A9 %2F ;"
fragments = st.sampled_from([*pieces.split(), " ", "\t"])
urls = st.builds(
    lambda scheme, host, port, rest: f"{scheme}://{host}{port}{rest}",
    st.sampled_from(["http", "HTTPS", "ftp"]),
    st.sampled_from(
        ["News.Example", "münchen.example", "127.0.0.1", "[::1]", "user:pw@a.example", "a..b", ""]
    ),
    st.sampled_from(["", ":80", ":443", ":8080", ":99999", ":x"]),
    st.lists(fragments, max_size=12).map("".join),
)


@given(st.one_of(urls, st.text(max_size=40)))
@example("http://News.Example%2e%2e")
@example("http://news.example../")
@example("http://news.example/a%2e%2e/b")
@example("http://news.example/%2e%2e%2e%2e/b")
@example("http://news.example%7eé%7e")
def test_the_canonical_form_of_a_canonical_url_is_itself(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical is None or canonical_url(canonical) == canonical


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://News.Example:80", "http://news.example/"),
        ("https://news.example:443/a/./b/../c#top", "https://news.example/a/c"),
        ("https://news.example/a../b/../c", "https://news.example/a../c"),
        ("https://news.example/%7eann/%c3%a9?q=a%20b", "https://news.example/~ann/%C3%A9?q=a%20b"),
        ("https://news.example/a?utm_source=x&id=7&fbclid=1", "https://news.example/a?id=7"),
        ("https://news.example/a?b=2&a=1", "https://news.example/a?a=1&b=2"),
        ("https://news.example/a?b=2&a=2&b=1", "https://news.example/a?a=2&b=2&b=1"),
        ("https://news.example/a?u=a%2fb/c%3A", "https://news.example/a?u=a%2Fb/c%3A"),
        ("https://reader:secret@news.example/a", "https://news.example/a"),
        ("https://münchen.example/a", "https://xn--mnchen-3ya.example/a"),
        (" https://news.example/a\n", "https://news.example/a"),
    ],
)
def test_an_article_has_one_address_however_it_was_linked(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "",
        "news",
        "/a",
        "javascript:alert(1)",
        "ftp://a.example/",
        "http://",
        "http://[::1",
        "http://a:99999/",
    ],
)
def test_what_is_no_web_address_has_no_canonical_form(url: str) -> None:
    assert canonical_url(url) is None


def test_an_endless_address_is_refused() -> None:
    assert canonical_url("https://news.example/" + "a" * 10_000) is None


def test_the_host_is_read_without_port_and_user() -> None:
    assert host_of("https://ann@News.Example:8443/a") == "news.example"
    assert host_of("no address") is None


@pytest.mark.parametrize(("url", "normal"), NORMAL["same"])
def test_the_normal_form_is_the_one_other_crawlers_use(url: str, normal: str) -> None:
    assert canonical_url(url) == normal


@pytest.mark.parametrize(
    "pair", [pair for different in NORMAL["different"] for pair in different["pairs"]]
)
def test_where_the_normal_form_differs_it_does_so_on_purpose(pair: dict[str, str]) -> None:
    assert canonical_url(pair["url"]) == (pair["ours"] or None)
    assert pair["ours"] != pair["theirs"]


@pytest.mark.parametrize(
    "url", ["http://[::%31]/", "http://[]/", "http://a%2Fb/", "http://a%zz/", "http://%2E/"]
)
def test_a_host_that_cannot_be_one_is_refused(url: str) -> None:
    assert canonical_url(url) is None


def test_a_host_in_disguise_is_seen_as_what_it_is() -> None:
    assert host_of("http://127%2E0%2E0%2E1/") == host_of("http://127.0.0.1./") == "127.0.0.1"


@pytest.mark.parametrize("escape", ["%2F", "%2f", "%3A", "%3F", "%2C", "%21"])
def test_an_article_has_one_address_whether_its_link_was_read_before_or_not(escape: str) -> None:
    url = f"https://n.example/a?to={escape}b&x=%C3%BC#top"
    parsed = parse_url(url)
    assert parsed is not None
    assert f"to={escape.upper()}b" in str(parsed)
    assert parse_url(str(parsed)) == parsed
    assert canonical_url(str(parsed)) == canonical_url(url)


@pytest.mark.parametrize("url", ["http://\u00fc%2e", "http://\u00fc%2ex/", "http://%2e.example/"])
def test_a_dot_in_disguise_makes_no_host_that_is_none(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical is None or canonical_url(canonical) == canonical


def test_a_user_in_percent_encoding_is_left_out_like_any_other() -> None:
    assert canonical_url("http://a%40b:c%3A@n.example/") == "http://n.example/"


@pytest.mark.parametrize("sign", [*"\0\x08\x1e\x7f <>^|\\"])
def test_a_host_with_a_control_or_a_sign_of_another_part_is_none(sign: str) -> None:
    parsed = parse_url(f"http://a{sign}b.example/")
    assert parsed is None or str(parsed) == "http://a/b.example/"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("http://a.example/x", "http://a.example:80/y", True),
        ("http://a.example/x", "https://a.example/x", False),
        ("http://127.0.0.1:8000/x", "http://127.0.0.1:9200/x", False),
        ("http://a.example/x", "no address", False),
        (None, None, False),
    ],
)
def test_a_server_is_a_host_and_a_port(one: str | None, other: str | None, same: bool) -> None:
    assert same_server(one, other) is same
