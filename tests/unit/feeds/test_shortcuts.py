"""What is not done to plain texts and addresses would have changed nothing."""

import nh3
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.canonical import is_normal, parse_url
from pipeline.feeds.dates import first_time, parse_time
from pipeline.feeds.markup import html_to_text, letters, sanitise
from pipeline.feeds.text import clean_line, clean_text, shorten

BASE = "https://courier.example/a/b"
PIECES = (
    *"abc  \t\n\r\0\x1f\x0c\x85\xa0\ufeff\u200b\u2028é\u0301“<>&;\"'=",
    "&amp;", "&nbsp", "&#39;", "<p>", "</p>", "<b", "<br/>", "<!-- x -->", "<script>", "<?x?>",
    "<a href='/x'>", '<a href="https://n.example/x">', "<img src=y>", "<q cite=//z.example/>",
    '<img SRC = "x">', "<a href>", "source", "<pre> \n</pre>", "<a hre\nf='x'>",
)  # fmt: skip
markup = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
texts = st.one_of(st.text(max_size=60), markup)


def cleaned(text: str) -> str:
    return nh3.clean(
        text,
        link_rel=None,
        url_schemes={"http", "https", "mailto"},
        url_relative=("rewrite_with_base", BASE),
    ).strip()


@given(texts)
def test_the_sanitiser_is_only_spared_what_it_would_not_change(text: str) -> None:
    assert sanitise(text, BASE) == cleaned(text)


@given(texts)
def test_a_line_is_cleaned_as_a_text_is(text: str) -> None:
    assert clean_line(text, 40) == shorten(clean_text(text[:320]).replace("\n", " "), 40)


@given(texts)
def test_letters_are_those_of_the_text(text: str) -> None:
    assert letters(text) == "".join(html_to_text(text).split())


@given(markup, st.integers(1, 20))
def test_the_first_letters_are_those_of_the_whole(text: str, limit: int) -> None:
    text = text * 20
    whole = "".join(html_to_text(text).split())
    found = letters(text, limit)
    assert whole.startswith(found[:limit])
    assert len(found) >= min(limit, len(whole))


parts = st.sampled_from(
    [*"az09AZ~-._/?&=%+#@:;,!", "www.", "n.example", "xn--", "..", "//", "/.", ":80", "1.2", "é"]
)


@given(st.sampled_from(["http://", "https://n.example/", "https://"]), st.lists(parts, max_size=12))
def test_an_address_called_normal_is_left_as_it_is(start: str, rest: list[str]) -> None:
    url = start + "".join(rest)
    if is_normal(url):
        assert str(parse_url(url)) == url


@given(st.one_of(st.datetimes().map(str), st.text("0123456789-:T. +Z", max_size=30)))
def test_a_time_in_utc_is_read_as_any_other(written: str) -> None:
    value = f"{written}+00:00"
    assert parse_time(value) == first_time([value])
