"""Pages for which a feed has no time left: they wait, and nothing of them is lost."""

import asyncio
from datetime import timedelta

import pytest

from pipeline.feeds.entry_reader import BATCH
from pipeline.feeds.fetch import Fetched, NotModified
from pipeline.feeds.page import extract_page
from pipeline.feeds.poll import Poller
from pipeline.feeds.settle import PAGE_TRIES
from pipeline.feeds.status import Health, health_of
from tests.fakes.feeds import (
    BODY,
    FEED_URL,
    FakeFetcher,
    atom,
    atom_entry,
    feed_settings,
    html_page,
)
from tests.unit.feeds.test_poll import Line, counted

COUNT = 3 * BATCH
QUICK = feed_settings(host_delay_seconds=0)


class LateWeb(FakeFetcher):
    """Answers ``after`` so many seconds for pages."""

    after = 0.0

    async def fetch(self, url: str, **options: object) -> Fetched | NotModified:  # type: ignore[override]
        if url != FEED_URL:
            await asyncio.sleep(self.after)
        return await super().fetch(url, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """The first page that is read takes seconds: what reads it is imported then."""
    extract_page(html_page(title="Bridge", body=BODY), url=None)


@pytest.fixture
def line() -> Line:
    line = Line()
    line.web = LateWeb()
    line.web.serve(FEED_URL, atom(*(atom_entry(number) for number in range(COUNT))), etag='"1"')
    for number in range(COUNT):
        page = html_page(title=f"Bridge {number}", body=f"{BODY}<p>{number}</p>")
        line.web.serve(f"https://courier.example/news/{number}", page)
    line.restart()
    return line


def with_time(line: Line, after: float, **settings: float) -> Poller:
    assert isinstance(line.web, LateWeb)
    line.web.after = after
    changed = QUICK.feeds.model_copy(update=settings)
    return line.new_poller(QUICK.model_copy(update={"feeds": changed}))


def over_budget(line: Line) -> Poller:
    return with_time(line, 0.02, work_seconds_per_hour=0.3)


def too_late(line: Line) -> Poller:
    return with_time(line, 0.05, poll_timeout_seconds=1.0)


@pytest.mark.parametrize(
    ("hurried", "setting"),
    [(over_budget, "work_seconds_per_hour"), (too_late, "poll_timeout_seconds")],
)
async def test_what_there_is_no_time_for_is_put_off_and_read_by_a_later_poll(
    line: Line, hurried: object, setting: str
) -> None:
    line.poller = hurried(line)  # type: ignore[operator]
    before = counted("news_entries", outcome="put-off")
    outcome = await line.poll()
    assert 0 < outcome.published < COUNT
    assert outcome.published + outcome.put_off == COUNT
    assert line.letters == []
    assert counted("news_entries", outcome="put-off") == before + outcome.put_off
    work = line.state.work
    assert work is not None
    assert work.put_off == outcome.put_off
    assert setting in (work.reason or "")
    assert (line.state.tries, line.state.etag, health_of(line.state)) == ({}, None, Health.WAITING)
    line.clock.now += timedelta(hours=2)
    line.poller = with_time(line, 0)
    assert (await line.poll()).published == outcome.put_off
    assert len({article.id for article in line.articles}) == len(line.articles) == COUNT
    assert line.state.work is not None
    assert line.state.work.put_off == 0
    assert health_of(line.state) is Health.FINE


async def test_a_feed_has_one_budget_for_all_polls_of_an_hour(line: Line) -> None:
    line.poller = over_budget(line)
    first = await line.poll()
    line.clock.now -= timedelta(minutes=10)
    second = await line.poll()
    assert second.published == 0 < first.published
    line.clock.now += timedelta(hours=1)
    assert (await line.poll()).published > 0


async def test_putting_off_is_no_try_however_often(line: Line) -> None:
    line.poller = with_time(line, 0, work_seconds_per_hour=1e-9)
    for _ in range(PAGE_TRIES + 1):
        await line.poll()
    assert line.letters == []
    line.poller = with_time(line, 0)
    assert (await line.poll()).published == COUNT


async def test_whole_texts_in_a_feed_need_no_time_of_it(line: Line) -> None:
    line.web.serve(FEED_URL, atom(atom_entry(1), atom_entry(2, content=BODY)))
    line.poller = with_time(line, 0, work_seconds_per_hour=1e-9)
    outcome = await line.poll()
    assert (outcome.published, outcome.put_off) == (1, 1)


async def test_nothing_is_saved_between_batches_that_brought_nothing(line: Line) -> None:
    line.poller = with_time(line, 0, work_seconds_per_hour=1e-9)
    line.states.fail_at(2)
    await line.poll()
    assert line.state.work is not None
    assert line.state.work.put_off == COUNT


async def test_a_feed_that_comes_too_late_itself_fails_its_poll(line: Line) -> None:
    class Late(LateWeb):
        async def fetch(self, url: str, **options: object) -> Fetched | NotModified:  # type: ignore[override]
            await asyncio.sleep(60)
            raise AssertionError

    line.web = Late()
    line.poller = too_late(line)
    outcome = await line.poll()
    assert outcome.outcome == "failed"
    assert "poll_timeout_seconds" in (outcome.state.error or "")


async def test_visits_for_corrections_that_are_put_off_stay_due(line: Line) -> None:
    line.poller = with_time(line, 0)
    await line.poll()
    line.clock.now += timedelta(hours=3)
    asked = len(line.web.asked)
    line.poller = with_time(line, 0, work_seconds_per_hour=1e-9)
    await line.poll()
    assert [url for url, _, _ in line.web.asked[asked:]] == [FEED_URL]
    assert line.state.next_revisit_at is not None
    assert line.state.next_revisit_at <= line.clock.now
    line.poller = with_time(line, 0)
    asked = len(line.web.asked)
    await line.poll()
    assert len(line.web.asked) > asked + 1
