import pytest

from pipeline.errors import Rejected
from pipeline.feeds.articles import entry_article_id, full_text, to_article
from pipeline.feeds.markup import html_to_text
from pipeline.feeds.parsed import Entry, Page
from pipeline.records import Article, Reason, Source
from tests.fakes.feeds import BODY, MORNING, PARAGRAPH, a_page, a_subscription, an_entry


def article(entry: Entry, page: Page | None = None, limit: int = 10_000) -> Article:
    return to_article(
        a_subscription(),
        entry,
        page,
        text_in_feed=html_to_text(entry.content),
        first_seen_at=MORNING,
        fetched_at=MORNING,
        revision=7,
        limit=limit,
    )


def test_an_article_of_a_page_says_where_it_is_from() -> None:
    made = article(an_entry(1, authors=("Ada Lind",), summary="<p>A <b>bridge</b>.</p>"), a_page())
    assert made.source == Source(name="The Courier", domain="courier.example", country="GB")
    assert (made.feed_id, made.guid, made.revision) == ("courier", "tag:1", 7)
    assert made.canonical_url == "https://courier.example/news/1"
    assert made.summary == "A bridge."
    assert made.authors == ("Ada Lind",)
    assert made.text == PARAGRAPH * 3


def test_the_same_article_has_one_id_whether_read_in_the_feed_or_on_its_page() -> None:
    assert article(an_entry(1)).id == article(an_entry(1), a_page()).id
    assert article(an_entry(1)).id == entry_article_id(a_subscription(), an_entry(1))


def test_an_entry_without_link_is_identified_by_feed_and_id() -> None:
    assert article(an_entry(1, url=None)).id != article(an_entry(2, url=None)).id


@pytest.mark.parametrize(
    ("entry", "whole"),
    [
        (an_entry(), True),
        (an_entry(content="<p>Short.</p>"), False),
        (an_entry(content=BODY + "<p>Read more at the Courier</p>"), False),
        (an_entry(content=BODY + "<p>and so […]</p>"), False),
        (an_entry(summary=BODY, content=BODY), False),
        (an_entry(url="https://elsewhere.example/a"), False),
        (an_entry(url=None), True),
    ],
)
def test_a_feed_has_the_whole_text_only_when_it_clearly_does(entry: Entry, whole: bool) -> None:
    assert (full_text(a_subscription(), entry, 250) is not None) == whole


def test_another_sites_article_keeps_the_title_that_site_gives_it() -> None:
    page = a_page("https://elsewhere.example/a", title="Their title")
    assert article(an_entry(1, url="https://elsewhere.example/a", title="Ours"), page).title == (
        "Their title"
    )
    assert article(an_entry(1, title="Ours"), a_page(title="Ours - The Courier")).title == "Ours"


def test_without_any_title_the_first_sentence_stands_in() -> None:
    assert article(an_entry(1, title="")).title.endswith("the council said on Monday.")


def test_a_long_text_is_cut_and_says_so() -> None:
    made = article(an_entry(1), limit=300)
    assert made.truncated
    assert len(made.text) <= 300


def test_nothing_to_read_is_rejected() -> None:
    with pytest.raises(Rejected) as raised:
        article(an_entry(1, content="<p> </p>"))
    assert raised.value.reason is Reason.EMPTY_TEXT


def test_a_redirector_says_nothing_of_the_article_it_leads_to() -> None:
    """Its entry links to its own page, which was redirected to another site's article."""
    victim = "https://victim.example/news/1"
    told = an_entry(1, title="Forged", summary="Forged.", authors=("Mallory",))
    made = article(told, a_page(victim, title="The victim's headline"))
    assert made.origin == "page"
    assert (made.title, made.canonical_url) == ("The victim's headline", victim)
    assert made.source == Source(name="victim.example", domain="victim.example")
    assert (made.summary, made.authors) == (None, ())
    assert made.published_at == a_page().published
    assert (made.feed_id, made.id) == ("courier", article(told, a_page(victim, title="")).id)


def test_a_page_without_title_is_not_named_by_somebody_elses_feed() -> None:
    made = article(an_entry(1, title="Forged"), a_page("https://victim.example/1", title=""))
    assert made.title.startswith(PARAGRAPH[:20])


def test_a_neighbour_on_a_shared_host_brings_no_text() -> None:
    mallory = a_subscription(url="https://mallory.substack.com/feed")
    entry = an_entry(1, url="https://alice.substack.com/p/story")
    assert full_text(mallory, entry, 100) is None
    assert full_text(a_subscription(url="https://alice.substack.com/feed"), entry, 100)
