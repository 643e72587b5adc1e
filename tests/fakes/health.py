"""A line that is doing as a test says."""

from __future__ import annotations

from pipeline.errors import ServiceUnavailable
from pipeline.feeds.status import FeedStatus
from pipeline.feeds.status import Health as FeedHealth
from pipeline.records import HeldStation, Stage
from pipeline.web.health import Letter, LineHealth, Station
from tests.fakes.records import NOW


class FakeHealth:
    """One feed that fails, one dead letter; ``gone`` as if Kafka did not answer."""

    def __init__(self) -> None:
        self.gone = False

    async def feeds(self) -> list[FeedStatus]:
        """See Health."""
        self._check()
        return [
            FeedStatus(
                id="courier",
                name="The <b>Courier</b>",
                url="https://courier.example/rss",
                health=FeedHealth.FAILING,
                last_answer=NOW,
                next_poll=NOW,
                new_per_day=3.5,
                reason="status 503 <script>",
            )
        ]

    async def line(self) -> LineHealth:
        """See Health."""
        self._check()
        letter = Letter(
            stage="feeds", reason="unparsable-feed", detail="an HTML page <i>", failed_at=NOW
        )
        held = HeldStation(
            stage=Stage.INDEX,
            place="news.enriched.v1/2",
            cause="mapping",
            detail="no field <b>",
            remedy="put the templates in place",
            messages=7,
            since=NOW,
            updated_at=NOW,
        )
        stations = (Station("news.articles.v1", 7), Station("news.enriched.v1", 0))
        return LineHealth(stations=stations, dead_letters=1, letters=(letter,), held=(held,))

    def _check(self) -> None:
        if self.gone:
            raise ServiceUnavailable("Kafka at 127.0.0.1:1 does not answer; start it: pipeline up")
