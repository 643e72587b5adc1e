"""What becomes of an article whose page was visited again."""

from datetime import timedelta

import pytest

from pipeline.feeds.decide import versions
from pipeline.feeds.entry_reader import Material, PageRead, Postponed, Refused
from pipeline.feeds.fetch import NotModified
from pipeline.feeds.parsed import Entry
from pipeline.feeds.revisited import Revisited, settle_revisits
from pipeline.feeds.revisits import Revisit
from pipeline.feeds.settle import settle
from pipeline.records import Article, Reason, SeenEntry
from tests.fakes.feeds import MORNING, PARAGRAPH, a_page, a_subscription, an_entry

AGES = (timedelta(hours=2), timedelta(hours=24))
LATER = MORNING + timedelta(hours=2)
TEASER = an_entry(content="")


def read(etag: str | None = None, last_modified: str | None = None, **page: object) -> PageRead:
    return PageRead(page=a_page(**page), etag=etag, last_modified=last_modified)  # type: ignore[arg-type]


def published(entry: Entry = TEASER, found: PageRead | None = None) -> tuple[Article, SeenEntry]:
    """The article of a first visit, and what is remembered of it."""
    settled = settle(
        a_subscription(),
        [(versions((entry,))[0], found or read())],
        latest={},
        told={},
        tries={},
        at=MORNING,
        limit=10_000,
        ages=AGES,
    )
    (article,) = settled.records
    assert isinstance(article, Article)
    return article, settled.seen[entry.id]


def again(
    seen: SeenEntry,
    found: Material | NotModified,
    entry: Entry = TEASER,
    latest: dict[str, SeenEntry] | None = None,
) -> Revisited:
    assert seen.page is not None
    revisit = Revisit(version=versions((entry,))[0], seen=seen, page=seen.page)
    return settle_revisits(
        a_subscription(),
        [(revisit, found)],
        latest=latest or {seen.article_id: seen},
        ages=AGES,
        at=LATER,
        limit=10_000,
    )


def test_a_changed_text_is_a_later_revision_of_the_same_article() -> None:
    first, seen = published()
    result = again(seen, read(text=f"{PARAGRAPH * 3}\nCorrected."))
    (second,) = result.articles
    assert second.id == first.id
    assert second.revision > first.revision
    assert (second.first_seen_at, second.fetched_at) == (MORNING, LATER)
    assert result.outcomes == {"tag:1": "changed"}
    assert result.seen["tag:1"].content_sha256 == second.content_sha256


def test_the_same_text_is_no_news_and_its_new_validators_are_kept() -> None:
    _, seen = published(found=read('"1"', "then"))
    result = again(seen, read('"2"'))
    assert result.articles == []
    assert result.outcomes == {"tag:1": "unchanged"}
    page = result.seen["tag:1"].page
    assert page is not None
    assert (page.revisits, page.etag, page.last_modified) == (1, '"2"', None)


def test_a_page_that_is_not_modified_keeps_its_validators() -> None:
    _, seen = published(found=read('"1"', "then"))
    result = again(seen, NotModified())
    assert result.outcomes == {"tag:1": "unchanged"}
    page = result.seen["tag:1"].page
    assert page is not None
    assert (page.revisits, page.etag, page.last_modified) == (1, '"1"', "then")


@pytest.mark.parametrize(
    "found",
    [
        Refused(reason=Reason.FETCH_FAILED, detail="status 410", payload=b""),
        Refused(reason=Reason.NOT_AN_ARTICLE, detail="a paywall", payload=b"<html>"),
        Postponed("not done in 30 s"),
        read(text=""),
        read(text=PARAGRAPH),  # a third of it: what is left before a paywall
        read(canonical_url="https://courier.example/moved"),
    ],
)
def test_a_page_that_has_its_article_no_more_takes_nothing_away(found: Material) -> None:
    _, seen = published()
    result = again(seen, found)
    assert result.articles == []
    assert result.outcomes == {"tag:1": "failed"}
    after = result.seen["tag:1"]
    assert after.content_sha256 == seen.content_sha256
    assert after.page is not None
    assert after.page.revisits == 1


def test_a_headline_that_changed_on_the_page_is_newer_than_the_feed_s() -> None:
    first, seen = published()
    assert first.title == TEASER.title
    changed = again(seen, read(title="Bridge to stay open"))
    (second,) = changed.articles
    assert second.title == "Bridge to stay open"
    assert again(changed.seen["tag:1"], read(title="Bridge to stay open")).articles == []
    (third,) = again(changed.seen["tag:1"], read()).articles
    assert third.title == first.title


def test_a_page_that_loses_its_title_keeps_the_feed_s() -> None:
    _, seen = published()
    assert again(seen, read(title="")).outcomes == {"tag:1": "unchanged"}


def test_what_another_feed_published_meanwhile_is_not_published_again() -> None:
    _, seen = published()
    corrected = read(text=f"{PARAGRAPH * 3}\nCorrected.")
    by_other = again(seen, corrected).seen["tag:1"]
    result = again(seen, corrected, latest={seen.article_id: by_other})
    assert result.outcomes == {"tag:1": "unchanged"}


def test_what_a_feed_says_of_a_page_differently_does_not_alternate_with_another_feed() -> None:
    _, seen = published()
    other, by_other = published(an_entry(content="", title="Another headline"))
    assert other.id == seen.article_id
    assert again(seen, read(), latest={seen.article_id: by_other}).articles == []


def test_validators_that_are_long_are_not_kept() -> None:
    _, seen = published(found=read("x" * 101, "x" * 101))
    assert seen.page is not None
    assert (seen.page.etag, seen.page.last_modified) == (None, None)
