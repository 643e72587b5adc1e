"""Feed consumers: restarts, many feeds, slow hosts."""

from __future__ import annotations

import time

from pipeline.kafka.cluster import Cluster
from tests.chaos.scenarios.registry import scenario
from tests.chaos.scenarios.stage import Evidence, Stage
from tests.chaos.world.site import INTERVAL_SECONDS

_MANY = 120
_ENTRIES = 8
_CONSUMERS = ("feeds-1", "feeds-2")
_WATCHED_SECONDS = 60.0


def _published(stage: Stage) -> int:
    with Cluster(stage.world.own.kafka) as cluster:
        return cluster.end_offset(stage.world.own.topics.articles)


def _restarted(stage: Stage, *, kill: bool) -> Evidence:
    """All entries are read; then the consumers end and start anew. Nothing is published again, and
    no request is without the validators that are known."""
    site, wrong = stage.world.site, []
    site.new = lambda: _ENTRIES if site.polls < _MANY else 0
    with stage.running(*_CONSUMERS):
        if stage.until(lambda: site.polls >= _MANY and not site.unsettled(), 150) is None:
            wrong.append(f"{len(site.unsettled())} feeds were not read at first")
        before, asked = _published(stage), sum(each.unconditional for each in site.feeds)
        made = stage.world.record.count()
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
        again = _published(stage) - before - (stage.world.record.count() - made)
        corrected = sum(stage.world.record.counts().values()) - stage.world.record.count()
        bare = sum(each.unconditional for each in site.feeds) - asked
    if again > corrected:
        wrong.append(f"{again - corrected} articles were published again")
    if bare:
        wrong.append(f"{bare} requests without validators")
    happened = f"{made} entries of {_MANY} feeds before, {bare} bare requests after"
    with stage.running("enrich", "index-1", "index-2"):
        return stage.judged(happened, (), wrong, patience=240)


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
