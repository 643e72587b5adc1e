"""What one robots.txt says of one page. Source: RFC 9309; the rules are read by protego. Pure."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from protego import Protego

from pipeline.feeds.robots_group import about

LONGEST_DELAY = timedelta(seconds=60)  # of a Crawl-delay; what asks for more means no robots at all
_DAY_SECONDS = 86_400


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """``allowed`` is None where nobody could tell: ask again later. ``delay`` is the time the site
    wants between two requests."""

    allowed: bool | None
    delay: timedelta = timedelta(0)


def parse(body: bytes, agent: str) -> Protego:
    """The rules of a robots.txt for the robot of that name; none at all where nobody can read
    them."""
    try:
        return Protego.parse(about(body.decode("utf-8", "replace").lstrip("\ufeff"), agent))
    except Exception:  # a parser on hostile bytes: rules nobody can read are none
        return Protego.parse("")


def verdict(rules: Protego, url: str, agent: str) -> Verdict:
    """What rules say of a page to the robot of that name."""
    delay = timedelta(seconds=min(rules.crawl_delay(agent) or 0, _DAY_SECONDS))
    allowed = rules.can_fetch(url, agent) and delay <= LONGEST_DELAY
    return Verdict(allowed=allowed, delay=min(delay, LONGEST_DELAY))


def judge(*, body: bytes, url: str, agent: str) -> Verdict:
    """The same from the bytes of a robots.txt: about a microsecond of one core for each."""
    return verdict(parse(body, agent), url, agent)
