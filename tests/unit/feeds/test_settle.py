from datetime import timedelta

import msgspec

from pipeline.feeds.decide import versions
from pipeline.feeds.entry_reader import InFeed, Material, PageRead, Postponed, PutOff, Refused
from pipeline.feeds.markup import html_to_text
from pipeline.feeds.parsed import Entry
from pipeline.feeds.poll_progress import told
from pipeline.feeds.settle import PAGE_TRIES, Settled, merge_latest, settle
from pipeline.records import Article, DeadLetter, FeedState, Reason, SeenEntry, SeenPage, Stage
from tests.fakes.feeds import FEED_URL, MORNING, a_page, a_subscription, an_entry

REFUSED = Refused(reason=Reason.NOT_AN_ARTICLE, detail="nothing there", payload=b"<html>")


def in_feed(number: int = 1) -> InFeed:
    """The text of that entry."""
    return InFeed(html_to_text(an_entry(number).content))


def settled(
    *pairs: tuple[Entry, Material],
    latest: dict[str, SeenEntry] | None = None,
    own: dict[str, SeenEntry] | None = None,
    tries: dict[str, int] | None = None,
) -> Settled:
    ordered = versions(tuple(entry for entry, _ in pairs))
    material = dict(pairs)
    batch = [(version, material[version.entry]) for version in ordered]
    return settle(
        a_subscription(),
        batch,
        latest={**(own or {}), **(latest or {})},
        told=told((own or {}).values()),
        tries=tries or {},
        at=MORNING,
        limit=10_000,
        ages=(timedelta(hours=2),),
    )


def read() -> PageRead:
    return PageRead(page=a_page())


def articles(result: Settled) -> list[Article]:
    return [record for record in result.records if isinstance(record, Article)]


def letters(result: Settled) -> list[DeadLetter]:
    return [record for record in result.records if isinstance(record, DeadLetter)]


def test_an_article_is_remembered_with_what_the_feed_said_and_what_it_held() -> None:
    result = settled((an_entry(1), in_feed()))
    (article,) = articles(result)
    seen = result.seen["tag:1"]
    assert seen.article_id == article.id
    assert seen.content_sha256 == article.content_sha256
    assert article.first_seen_at == article.fetched_at == MORNING
    assert article.revision == int(MORNING.timestamp() * 1000)


def test_versions_of_an_article_get_rising_revisions_in_one_poll() -> None:
    first = an_entry(1, updated=MORNING)
    later = an_entry(1, title="Corrected", updated=MORNING + timedelta(hours=1))
    one, two = articles(settled((later, in_feed()), (first, in_feed())))
    assert (one.title, two.title) == (first.title, "Corrected")
    assert one.id == two.id
    assert one.revision < two.revision


def test_an_article_published_just_so_is_not_published_again() -> None:
    once = settled((an_entry(1), read()))
    latest = {seen.article_id: seen for seen in once.seen.values()}
    again = settled((an_entry(1, summary="now with a summary"), read()), own=latest)
    assert again.records == []
    assert again.unchanged == 1
    assert again.seen["tag:1"].entry_sha256 != once.seen["tag:1"].entry_sha256


def test_an_article_that_another_feed_published_is_published_by_this_one_too() -> None:
    once = settled((an_entry(1), read()))
    latest = {seen.article_id: seen for seen in once.seen.values()}
    again = settled((an_entry(1), read()), latest=latest)
    assert [article.id for article in articles(again)] == list(latest)
    assert again.unchanged == 0


def test_two_entries_of_one_page_lead_to_one_article() -> None:
    page = read()
    result = settled((an_entry(1, title=""), page), (an_entry(2, title=""), page))
    assert len(articles(result)) == 1
    assert result.unchanged == 1


def test_a_later_version_keeps_the_first_sighting() -> None:
    once = settled((an_entry(1), in_feed()))
    first = MORNING - timedelta(days=40)
    seen = once.seen["tag:1"]
    before = SeenEntry(article_id=seen.article_id, entry_sha256="a" * 64, first_seen_at=first)
    (article,) = articles(settled((an_entry(1), in_feed()), latest={seen.article_id: before}))
    assert article.first_seen_at == first
    assert article.fetched_at == MORNING


def test_what_is_no_article_is_a_dead_letter_and_seen() -> None:
    result = settled((an_entry(1), REFUSED))
    (letter,) = letters(result)
    assert (letter.stage, letter.reason) == (Stage.FEEDS, Reason.NOT_AN_ARTICLE)
    assert letter.payload_bytes() == b"<html>"
    assert letter.url == an_entry(1).url
    assert result.seen["tag:1"].content_sha256 is None


def test_an_entry_whose_page_is_not_to_be_had_now_waits() -> None:
    result = settled((an_entry(1), Postponed("status 503")))
    assert (result.records, result.seen) == ([], {})
    assert result.tries == {"tag:1": 1}


def test_after_enough_polls_a_page_is_given_up() -> None:
    waits = settled((an_entry(1), Postponed("status 503")), tries={"tag:1": PAGE_TRIES - 2})
    assert waits.tries == {"tag:1": PAGE_TRIES - 1}
    given_up = settled((an_entry(1), Postponed("status 503")), tries={"tag:1": PAGE_TRIES - 1})
    (letter,) = letters(given_up)
    assert letter.reason is Reason.FETCH_FAILED
    assert "tag:1" in given_up.seen


def test_an_entry_without_any_text_is_a_dead_letter() -> None:
    (letter,) = letters(settled((an_entry(1, content=""), InFeed(""))))
    assert letter.reason is Reason.EMPTY_TEXT


def test_what_is_known_spans_all_feeds_and_keeps_the_earliest_sighting() -> None:
    def state(feed_id: str, hours: int, content: str) -> FeedState:
        entry = SeenEntry(
            article_id="b" * 32,
            entry_sha256="a" * 64,
            first_seen_at=MORNING + timedelta(hours=hours),
            content_sha256=content * 64,
        )
        return FeedState(feed_id=feed_id, url=FEED_URL, polled_at=MORNING, seen={"1": entry})

    known: dict[str, SeenEntry] = {}
    for each in (state("one", 0, "c"), state("two", 5, "d")):
        merge_latest(known, each.seen.values())
    (latest,) = known.values()
    assert latest.first_seen_at == MORNING
    assert latest.content_sha256 == "d" * 64


def test_a_page_is_remembered_for_later_visits_by_the_newest_version_alone() -> None:
    first = an_entry(1, updated=MORNING)
    later = an_entry(1, title="Corrected", updated=MORNING + timedelta(hours=1))
    result = settled((later, read()), (first, read()))
    pages = [seen.page for seen in result.seen.values()]
    assert pages[0] is None
    assert pages[1] is not None
    assert (pages[1].revisits, pages[1].chars) == (0, len(articles(result)[1].text))


def test_no_page_is_remembered_where_there_was_none_or_no_visit_is_left() -> None:
    assert settled((an_entry(1), in_feed())).seen["tag:1"].page is None
    assert settled((an_entry(1), REFUSED)).seen["tag:1"].page is None
    first = MORNING - timedelta(days=3)
    seen = settled((an_entry(1), read())).seen["tag:1"]
    before = {seen.article_id: msgspec.structs.replace(seen, first_seen_at=first)}
    again = settled((an_entry(1, title="Corrected"), read()), latest=before)
    assert again.seen["tag:1"].page == SeenPage(revisits=1)


def test_what_is_put_off_keeps_the_tries_it_had_and_is_no_dead_letter() -> None:
    result = settled(
        (an_entry(1), PutOff("no time")),
        (an_entry(2), PutOff("no time")),
        tries={"tag:1": PAGE_TRIES - 1},
    )
    assert (result.records, result.seen) == ([], {})
    assert result.tries == {"tag:1": PAGE_TRIES - 1}
    assert result.put_off == {"tag:1": "no time", "tag:2": "no time"}
