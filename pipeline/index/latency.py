"""How long an article took until it could be found: pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.index.documents import credible_time
from pipeline.records import Article

LIVE = timedelta(days=30)
"""What is older comes from an archive, or from the past that a feed lists: topics keep messages for
as long by default, so that even the longest outage that loses nothing is within it."""


def latencies(article: Article, indexed_at: datetime) -> dict[str, float]:
    """Seconds until ``indexed_at``, since it was ``published`` and since it was ``seen``.

    Of first versions only: a correction comes hours after its article was published. Where the
    source's date cannot be right, and of archives, there is none. Never negative: clocks differ.
    """
    if article.fetched_at != article.first_seen_at:
        return {}
    starts = {"published": credible_time(article), "seen": article.first_seen_at}
    return {
        name: max(0.0, (indexed_at - start).total_seconds())
        for name, start in starts.items()
        if start is not None and indexed_at - start <= LIVE
    }
