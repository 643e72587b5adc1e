"""Feed consumers: restarts, many feeds, slow hosts."""

from __future__ import annotations

import time
from collections import Counter

from pipeline.records import Article, decode
from tests.chaos.scenarios.registry import scenario
from tests.chaos.scenarios.stage import Evidence, Stage
from tests.chaos.world.site import INTERVAL_SECONDS
from tests.reading import read_topic

_MANY = 120
_ENTRIES = 8
_CONSUMERS = ("feeds-1", "feeds-2")
_WATCHED_SECONDS = 40.0


def _published(stage: Stage) -> Counter[tuple[str, str]]:
    """How often each content of each article was published."""
    line = stage.world.own
    made = (decode(value, Article) for value in read_topic(line, line.topics.articles))
    return Counter((each.id, each.content_sha256) for each in made)


def _restarted(stage: Stage, *, kill: bool) -> Evidence:
    """All entries are read; then the consumers end and start anew. Nothing of it is published
    again, and no request is without the validators that are known.

    What appears while the two share out the feeds may be published twice, and falls away by its id.
    """
    site, wrong = stage.world.site, []
    site.new = lambda: _ENTRIES if site.polls < _MANY else 0
    with stage.running(*_CONSUMERS):
        if stage.until(lambda: site.polls >= _MANY and not site.unsettled(), 150) is None:
            wrong.append(f"{len(site.unsettled())} feeds were not read at first")
        before, asked = _published(stage), sum(each.unconditional for each in site.feeds)
        if kill:
            for name in _CONSUMERS:
                stage.processes.kill(name)
            time.sleep(4)  # in the middle of loading
            for name in _CONSUMERS:
                stage.processes.kill(name)
        else:
            stage.processes.hold(*_CONSUMERS)
            stage.processes.release(*_CONSUMERS)
        started = time.monotonic()
        site.new = lambda: 1 if time.monotonic() - started < 20 else 0
        quiet = stage.until(
            lambda: (
                None not in site.silence(started).values()
                and time.monotonic() - started > 25
                and not site.unsettled()
            ),
            90,
        )
        if quiet is None:
            wrong.append(f"{len(site.unsettled())} feeds were not read again")
        again = [each for each, times in _published(stage).items() if times > before[each] > 0]
        bare = sum(each.unconditional for each in site.feeds) - asked
    if again:
        wrong.append(f"{len(again)} articles were published again")
    if bare:
        wrong.append(f"{bare} requests without validators")
    happened = f"{len(before)} entries of {_MANY} feeds before, {bare} bare requests after"
    with stage.running("enrich", "index-1", "index-2"):
        return stage.judged(happened, (), wrong)


@scenario("restart-120-feeds", "two feed consumers of 120 feeds end and start anew", feeds=_MANY)
def restart_many(stage: Stage) -> Evidence:
    return _restarted(stage, kill=False)


@scenario(
    "kill-120-feeds", "two feed consumers of 120 feeds are killed while they load", feeds=_MANY
)
def kill_many(stage: Stage) -> Evidence:
    return _restarted(stage, kill=True)


@scenario("slow-host", "17 feeds of a host whose pages drip, and 20 good ones", feeds=20, slow=17)
def slow_host(stage: Stage) -> Evidence:
    """One consumer; each good feed is asked as often as if it were alone, but for a tenth."""
    site, wrong = stage.world.site, []
    site.new = lambda: 1
    with stage.running("feeds-1", "enrich", "index-1"):
        stage.at_work()
        polls, began = site.polls, time.monotonic()
        time.sleep(_WATCHED_SECONDS)
        rate = (site.polls - polls) / (time.monotonic() - began)
        site.new = lambda: 0
        wanted = len(site.feeds) / INTERVAL_SECONDS
        if rate < 0.9 * wanted:
            wrong.append(f"{rate:.1f} polls of good feeds a second for {wanted:.1f}")
        return stage.judged(f"{rate:.1f} polls of good feeds a second", (), wrong)
