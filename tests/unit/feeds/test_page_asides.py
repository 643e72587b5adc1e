from lxml.html import HtmlElement, fromstring

from pipeline.feeds.page_asides import asides
from pipeline.feeds.paragraphs import line_key


def tree(body: str) -> HtmlElement:
    return fromstring(f"<html><body>{body}</body></html>")


def test_a_link_as_long_as_a_headline_leads_elsewhere() -> None:
    headline = "The ferry will be free of charge until the spring"
    found = asides(tree(f"<p><a href=/1><b>{headline}</b></a></p><a href=/2>the bridge</a>"), ())
    assert found == {line_key(headline)}


def test_what_describes_a_picture_is_its_caption() -> None:
    found = asides(tree("<img alt='The old bridge in May'><img alt='Bridge'><img>"), ())
    assert found == {line_key("The old bridge in May")}


def test_the_authors_are_named_beside_the_text() -> None:
    assert asides(tree(""), ("Ada Lind", "")) == {"ada lind"}
