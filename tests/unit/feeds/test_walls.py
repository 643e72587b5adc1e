import pytest

from pipeline.errors import Rejected
from pipeline.feeds.page import extract_page
from pipeline.feeds.walls import Signs, why_no_article
from pipeline.records import Reason
from tests.fakes.feeds import BODY

TEASER = "The council met on Monday to talk about the old bridge, and it did not agree. " * 4
LONG = "\n".join([TEASER] * 6)


@pytest.mark.parametrize(
    ("title", "text", "what"),
    [
        ("Just a moment...", "Please wait.", "a bot check"),
        ("The Courier", "Please enable JavaScript and reload the page.", "a bot check"),
        ("The Courier", "Verify you are human by completing the action below.", "a bot check"),
        ("The Courier", "We and our partners use cookies. Accept all cookies", "a consent wall"),
        ("Die Zeitung", "Mit Werbung weiterlesen oder ein Abo wählen", "a consent wall"),
        ("The Courier", "Log in to continue reading.", "a login wall"),
        ("The Courier", TEASER + "Subscribe to continue reading.", "a paywall"),
        ("Le Courrier", TEASER + "Article réservé aux abonnés", "a paywall"),
        ("404 - Not found", TEASER, "an error page"),
        ("Error 404", TEASER, "an error page"),
        ("The Courier", "The page you were looking for could not be found.", "an error page"),
    ],
)
def test_a_wall_is_no_article(title: str, text: str, what: str) -> None:
    assert why_no_article(title, text, Signs()) == what


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Bridge to close", TEASER),
        ("How to read on: subscribe to continue reading, they say", LONG),
        ("Why sites ask us to verify we are human", LONG + "Verify you are human, it said."),
        ("404 days in prison: the story of a reporter who would not be silent", LONG),
        ("500 years of printing", TEASER),
    ],
)
def test_an_article_about_walls_is_an_article(title: str, text: str) -> None:
    assert why_no_article(title, text, Signs(article_type="NewsArticle")) is None


def test_a_teaser_of_what_is_not_free_is_a_paywall_and_a_long_text_is_not() -> None:
    signs = Signs(article_type="NewsArticle", free=False)
    assert "paywall" in (why_no_article("Bridge to close", TEASER, signs) or "")
    assert why_no_article("Bridge to close", LONG, signs) is None


def test_what_lists_articles_is_none() -> None:
    lines = "\n".join(f"Headline {number}, and a word on it" for number in range(40))
    assert why_no_article("News", lines, Signs(types=frozenset(["ItemList"]))) == "a section front"
    assert why_no_article("Pictures", lines, Signs(types=frozenset(["ImageGallery"]))) == (
        "a gallery"
    )
    assert why_no_article("The Courier", LONG, Signs(home=True)) == "a home page"
    assert why_no_article("Live", LONG, Signs(article_type="LiveBlogPosting")) == "a live ticker"


def test_a_list_beside_an_article_takes_nothing_from_it() -> None:
    signs = Signs(types=frozenset(["ItemList", "NewsArticle"]), article_type="NewsArticle")
    assert why_no_article("Bridge to close", TEASER, signs) is None


def test_a_page_behind_a_bot_check_says_so() -> None:
    html = b"<html><head><title>News</title></head><body><div>Checking your browser</div></body>"
    with pytest.raises(Rejected, match="a bot check") as raised:
        extract_page(html, url="https://courier.example/1")
    assert raised.value.reason is Reason.NOT_AN_ARTICLE


def test_a_live_ticker_is_known_by_its_type() -> None:
    ld = '<script type="application/ld+json">{"@type": "LiveBlogPosting", "headline": "A"}</script>'
    with pytest.raises(Rejected, match="live ticker"):
        extract_page(f"<html><head>{ld}</head><body>{BODY}</body></html>".encode(), url=None)
