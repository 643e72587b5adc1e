"""One poll from feed to Kafka, with the web, Kafka and the clock in memory."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from pipeline.errors import ServiceUnavailable
from pipeline.feeds.after_poll import FULL_FETCH_EVERY
from pipeline.feeds.consumer import whole
from pipeline.feeds.entry_reader import BATCH, EntryReader, Parses
from pipeline.feeds.fetch import FetchFailed
from pipeline.feeds.hold import Hold
from pipeline.feeds.holdings import Holdings
from pipeline.feeds.poll import Poller, PollOutcome
from pipeline.feeds.schedule import GONE_WAIT
from pipeline.feeds.settle import PAGE_TRIES
from pipeline.feeds.subscriptions import Subscription
from pipeline.records import Article, DeadLetter, FeedState, Reason, SeenEntry, decode
from pipeline.settings import Settings
from tests.fakes.feeds import (
    BODY,
    FEED_URL,
    Clock,
    DirectParsers,
    FakeFetcher,
    FakeRobots,
    a_subscription,
    atom,
    atom_entry,
    feed_settings,
    html_page,
)
from tests.fakes.kafka import FakeFeedStates, FakePublisher

PAGE_URL = "https://courier.example/news/1"
SETTINGS = feed_settings(host_delay_seconds=0)


class Line:
    """The station with fakes all around it."""

    def __init__(self) -> None:
        self.web = FakeFetcher()
        self.kafka = FakePublisher()
        self.states = FakeFeedStates()
        self.clock = Clock()
        self.robots = FakeRobots()
        self.restart()

    async def poll(self, subscription: Subscription | None = None) -> PollOutcome:
        self.clock.now += timedelta(minutes=15)
        hold = await self.hold(subscription or a_subscription())
        return await self.poller.poll(hold, self.clock.now)

    async def hold(self, subscription: Subscription) -> Hold:
        """The feed as one takes it over that read all that is stored."""
        holdings = Holdings({}, {})
        await holdings.take(whole(self.states.states, self.states))
        hold = holdings.hold(subscription)
        assert hold is not None
        return hold

    def restart(self) -> None:
        """Forget everything but what is in Kafka."""
        self.latest: dict[str, SeenEntry] = {}
        self.poller = self.new_poller()

    def new_poller(self, settings: Settings = SETTINGS, parsers: Parses | None = None) -> Poller:
        """A poller that knows nothing yet."""
        return Poller(
            EntryReader(
                self.web, parsers or DirectParsers(), self.robots, settings.feeds, self.clock
            ),
            self.kafka,
            settings,
            self.clock,
            self.latest,
            chance=lambda: 0.5,
        )

    @property
    def articles(self) -> list[Article]:
        sent = self.kafka.of(SETTINGS.topics.articles)
        return [decode(message.value, Article) for message in sent]

    @property
    def letters(self) -> list[DeadLetter]:
        sent = self.kafka.of(SETTINGS.topics.dead_letters)
        return [decode(message.value, DeadLetter) for message in sent]

    @property
    def state(self) -> FeedState:
        state = self.states.states["courier"]
        assert isinstance(state, FeedState)
        return state


@pytest.fixture
def line() -> Line:
    return Line()


async def test_full_texts_are_published_without_a_visit_to_their_page(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)))
    outcome = await line.poll()
    assert outcome.published == 1
    assert [url for url, _, _ in line.web.asked] == [FEED_URL]
    (article,) = line.articles
    assert article.title == "Bridge 1"
    assert article.text.count("\n") == 3


async def test_a_message_carries_its_key_and_the_headers_of_its_event(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)))
    await line.poll()
    (message,) = line.kafka.sent
    headers = dict(message.headers)
    assert message.key.decode() == line.articles[0].id
    assert headers["ce_type"] == SETTINGS.topics.articles.encode()
    assert headers["ce_id"].decode() == f"{line.articles[0].id}-{line.articles[0].revision}"


async def test_a_teaser_leads_to_its_page(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1)))
    line.web.serve(PAGE_URL, html_page())
    await line.poll()
    (article,) = line.articles
    assert article.url == PAGE_URL
    assert "closed for repairs" in article.text


async def test_an_unchanged_feed_is_asked_with_its_validators_and_publishes_nothing(
    line: Line,
) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)), etag='"1"', last_modified="then")
    await line.poll()
    line.web.not_modified(FEED_URL)
    outcome = await line.poll()
    assert outcome.outcome == "unchanged"
    assert line.web.asked[-1] == (FEED_URL, '"1"', "then")
    assert len(line.articles) == 1
    assert outcome.state == line.state


async def test_an_unchanged_feed_that_had_failed_is_well_again(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)))
    await line.poll()
    line.web.fail(FEED_URL, FetchFailed("status 503", permanent=False))
    await line.poll()
    line.web.not_modified(FEED_URL)
    assert (await line.poll()).outcome == "unchanged"
    assert (line.state.failures, line.state.error) == (0, None)


async def test_the_same_bytes_again_are_unchanged_too(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)))
    await line.poll()
    assert (await line.poll()).outcome == "unchanged"


async def test_only_what_is_new_is_published_next_time(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)))
    await line.poll()
    line.web.serve(FEED_URL, atom(atom_entry(2, content=BODY + "2"), atom_entry(1, content=BODY)))
    outcome = await line.poll()
    assert (outcome.published, outcome.known) == (1, 1)
    assert [article.title for article in line.articles] == ["Bridge 1", "Bridge 2"]


async def test_a_correction_is_a_later_revision_of_the_same_article(line: Line) -> None:
    original = atom_entry(1, content=BODY)
    corrected = atom_entry(1, content=BODY + "<p>Corrected.</p>", updated="2026-02-28T10:00:00Z")
    line.web.serve(FEED_URL, atom(corrected, original))
    await line.poll()
    first, second = line.articles
    assert first.id == second.id
    assert first.revision < second.revision
    assert second.text.endswith("Corrected.")
    assert first.first_seen_at == second.first_seen_at
    line.web.serve(FEED_URL, atom(original, corrected))
    assert (await line.poll()).published == 0


async def test_nothing_is_remembered_that_was_not_delivered(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)), etag='"1"')
    line.kafka.raise_on_publish(ServiceUnavailable("gone"))
    with pytest.raises(ServiceUnavailable):
        await line.poll()
    assert line.states.states == {}
    line.kafka = FakePublisher()
    line.restart()
    assert (await line.poll()).published == 1


async def test_a_page_that_fails_for_now_is_tried_again_with_the_whole_feed(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1), atom_entry(2, content=BODY)), etag='"1"')
    line.web.fail(PAGE_URL, FetchFailed("status 503", permanent=False))
    outcome = await line.poll()
    assert (outcome.published, outcome.postponed) == (1, 1)
    assert line.state.etag is None
    line.web.serve(PAGE_URL, html_page())
    line.restart()
    outcome = await line.poll()
    assert (outcome.published, outcome.known, outcome.postponed) == (1, 1, 0)
    assert line.state.etag == '"1"'
    assert line.state.tries == {}


async def test_a_page_that_keeps_failing_becomes_a_dead_letter_once(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1)))
    line.web.fail(PAGE_URL, FetchFailed("status 503", permanent=False))
    for _ in range(PAGE_TRIES + 2):
        await line.poll()
        line.restart()
    (letter,) = line.letters
    assert letter.reason is Reason.FETCH_FAILED
    assert letter.url == PAGE_URL


async def test_a_page_that_is_gone_is_a_dead_letter_at_once(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1)))
    outcome = await line.poll()
    assert outcome.rejected == 1
    assert line.letters[0].reason is Reason.FETCH_FAILED


async def test_a_page_that_is_no_article_is_kept_whole(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1)))
    wall = b"<html><body><p>Accept our cookies.</p></body></html>"
    line.web.serve(PAGE_URL, wall)
    await line.poll()
    (letter,) = line.letters
    assert letter.payload_bytes() == wall
    assert (await line.poll()).outcome == "unchanged"
    assert len(line.letters) == 1


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"{name}_total", labels) or 0.0


async def test_everything_is_counted_once_by_what_became_of_it(line: Line) -> None:
    def counts() -> list[float]:
        return [
            counted("news_feeds_polled", outcome="new"),
            counted("news_entries", outcome="published"),
            counted("news_entries", outcome="rejected"),
            counted("news_entries", outcome="failed"),
            counted("news_articles", status="dead-lettered"),
            counted("news_dead_letters", stage="feeds", reason="fetch-failed"),
        ]

    line.web.serve(FEED_URL, atom(atom_entry(1), atom_entry(2), atom_entry(3, content=BODY)))
    line.web.fail(PAGE_URL, FetchFailed("status 503", permanent=False))
    before = counts()
    await line.poll()
    assert [after - b for after, b in zip(counts(), before, strict=True)] == [1, 1, 1, 1, 1, 1]


async def test_a_feed_that_cannot_be_read_is_reported_once_and_polled_on(line: Line) -> None:
    line.web.serve(FEED_URL, b"<html>maintenance</html>")
    outcomes = [await line.poll() for _ in range(3)]
    assert [outcome.outcome for outcome in outcomes] == ["failed"] * 3
    assert line.state.failures == 3
    (letter,) = line.letters
    assert letter.reason is Reason.UNPARSABLE_FEED
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)))
    assert (await line.poll()).published == 1
    assert (line.state.failures, line.state.error) == (0, None)


async def test_a_feed_that_fails_keeps_its_memory_and_the_servers_wish(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)), etag='"1"')
    await line.poll()
    line.web.fail(FEED_URL, FetchFailed("status 503", permanent=False, retry_after="72000"))
    outcome = await line.poll()
    assert line.state.next_poll_at == outcome.state.polled_at + timedelta(hours=20)
    assert (line.state.failures, line.state.error) == (1, "status 503")
    assert line.state.etag == '"1"'
    assert len(line.state.seen) == 1


async def test_a_feed_that_moved_keeps_what_was_seen_but_no_validators(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)), etag='"1"')
    await line.poll()
    moved = a_subscription(url="https://courier.example/new.xml")
    line.web.serve(moved.url, atom(atom_entry(1, content=BODY)))
    outcome = await line.poll(moved)
    assert line.web.asked[-1] == (moved.url, None, None)
    assert (outcome.published, outcome.known) == (0, 1)


async def test_what_another_feed_brought_is_published_for_this_one_too(line: Line) -> None:
    other = a_subscription(id="other", url="https://courier.example/other.xml")
    for url in (FEED_URL, other.url):
        line.web.serve(url, atom(atom_entry(1, content=BODY)))
    await line.poll()
    outcome = await line.poll(other)
    assert (outcome.published, outcome.known) == (1, 0)


async def test_a_long_feed_is_remembered_batch_by_batch(line: Line) -> None:
    entries = [atom_entry(number) for number in range(BATCH + 5)]
    line.web.serve(FEED_URL, atom(*entries), etag='"1"')
    for number in range(BATCH + 5):
        line.web.serve(f"https://courier.example/news/{number}", html_page(f"Bridge {number}"))
    saved: list[FeedState] = []
    save = line.states.save

    async def watched(state: FeedState) -> None:
        saved.append(state)
        await save(state)

    line.states.save = watched  # type: ignore[method-assign]
    await line.poll()
    assert [len(state.seen) for state in saved] == [BATCH, BATCH + 5, BATCH + 5]
    assert [state.etag for state in saved] == [None, None, '"1"']
    revisions = [article.revision for article in line.articles]
    assert len(set(revisions)) == len(revisions)


async def test_pages_within_the_own_network_are_for_its_own_host_only(line: Line) -> None:
    within = a_subscription(allow_private_addresses=True)
    elsewhere = atom_entry(2).replace("/news/2", "https://inner.example/2")
    line.web.serve(FEED_URL, atom(atom_entry(1), elsewhere))
    await line.poll(within)
    assert line.web.private == {FEED_URL, PAGE_URL}


async def test_an_article_no_message_can_carry_is_a_dead_letter(line: Line) -> None:
    small = SETTINGS.model_copy(
        update={"kafka": SETTINGS.kafka.model_copy(update={"max_message_bytes": 4_500})}
    )
    line.poller = line.new_poller(small)
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)))
    await line.poll()
    assert line.articles == []
    assert line.letters[0].reason is Reason.TOO_LARGE


async def test_a_page_that_robots_txt_forbids_is_not_fetched(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1)))
    line.web.serve(PAGE_URL, html_page())
    line.robots.forbidden.add(PAGE_URL)
    await line.poll()
    assert [url for url, _, _ in line.web.asked] == [FEED_URL]
    assert line.letters[0].reason is Reason.ROBOTS


async def test_a_page_whose_site_cannot_be_asked_is_tried_again(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1)))
    line.web.serve(PAGE_URL, html_page())
    line.robots.unknown.add(PAGE_URL)
    assert (await line.poll()).postponed == 1
    line.robots.unknown.clear()
    assert (await line.poll()).published == 1


async def test_who_has_an_agreement_need_not_ask(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1)))
    line.web.serve(PAGE_URL, html_page())
    line.robots.forbidden.add(PAGE_URL)
    assert (await line.poll(a_subscription(obey_robots=False))).published == 1


async def test_a_feed_that_is_gone_is_remembered_so_until_it_is_back(line: Line) -> None:
    line.web.fail(FEED_URL, FetchFailed("status 410", permanent=True, status=410))
    await line.poll()
    assert (line.state.gone, line.state.error) == (True, "status 410")
    assert line.state.next_poll_at == line.state.polled_at + GONE_WAIT
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)))
    await line.poll()
    assert (line.state.gone, line.state.error) == (False, None)


async def test_the_servers_wish_for_rest_is_kept_with_the_state(line: Line) -> None:
    hour = timedelta(hours=1)
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)), fresh_for=hour)
    await line.poll()
    assert line.state.fresh_seconds == hour.total_seconds()
    assert line.state.next_poll_at is not None
    assert line.state.next_poll_at - line.state.polled_at >= hour


async def test_the_hours_a_feed_skips_are_kept_with_the_state(line: Line) -> None:
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(20))
    rss = f"<rss version='2.0'><channel><skipHours>{hours}</skipHours></channel></rss>"
    line.web.serve(FEED_URL, rss.encode(), etag='"1"')
    await line.poll()
    line.web.not_modified(FEED_URL)
    await line.poll()
    assert line.state.next_poll_at is not None
    assert line.state.next_poll_at.hour == 20


async def test_now_and_then_the_whole_feed_is_asked_for(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1, content=BODY)), etag='"1"')
    await line.poll()
    line.clock.now += FULL_FETCH_EVERY
    await line.poll()
    assert line.web.asked[-1] == (FEED_URL, None, None)
    await line.poll()
    assert line.web.asked[-1] == (FEED_URL, '"1"', None)
