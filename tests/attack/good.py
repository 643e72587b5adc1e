"""Feeds of good will: what each lists follows from the time alone: nothing is kept."""

from __future__ import annotations

from typing import NamedTuple

PERIOD_SECONDS = 240.0
"""Between two articles of one feed."""
LISTED = 20

_PARAGRAPH = (
    "The old bridge over the Mell will be closed for repairs until the autumn, the council said. "
    "Buses will take the northern road, which adds a quarter of an hour to the journey. "
)


class GoodFeed(NamedTuple):
    """Feed ``number`` at ``site`` (scheme, host and port): since the epoch one article in each
    period, at a second of its own. Every other one gives whole texts, the rest lead to pages."""

    number: int
    site: str

    @property
    def id(self) -> str:
        """As it is subscribed to."""
        return f"good-{self.number}"

    @property
    def _phase(self) -> float:
        return (self.number * 0.618) % 1 * PERIOD_SECONDS

    def due(self, edition: int) -> float:
        """When an article appears, in seconds since the epoch."""
        return self._phase + edition * PERIOD_SECONDS

    def edition(self, now: float) -> int:
        """The latest article there is."""
        return int((now - self._phase) // PERIOD_SECONDS)

    def url(self, edition: int) -> str:
        """The address of an article."""
        return f"{self.site}/news/{edition}"

    def editions(self, since: float, until: float) -> dict[str, float]:
        """The articles that appear in a span of time: by address, when."""
        numbers = range(self.edition(since) + 1, self.edition(until) + 1)
        return {self.url(number): self.due(number) for number in numbers}

    def document(self, now: float) -> bytes:
        """The feed as it is listed then."""
        latest = self.edition(now)
        items = "".join(map(self._item, range(latest, latest - LISTED, -1)))
        return (
            '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
            f"<title>{self.id}</title><link>{self.site}/</link>{items}</channel></rss>"
        ).encode()

    def page(self, edition: int) -> bytes:
        """An article's page."""
        return (
            f"<!doctype html><html lang=en><head><title>{self._title(edition)}</title></head><body>"
            f"<article><h1>{self._title(edition)}</h1>{self._body(edition)}</article></body></html>"
        ).encode()

    def _item(self, edition: int) -> str:
        whole = self.number % 2 == 0
        content = self._body(edition).replace("<", "&lt;") if whole else "Short."
        return (
            f"<item><guid>{self.url(edition)}</guid><link>{self.url(edition)}</link>"
            f"<title>{self._title(edition)}</title>"
            f"<{'content:encoded' if whole else 'description'}>{content}"
            f"</{'content:encoded' if whole else 'description'}></item>"
        )

    def _title(self, edition: int) -> str:
        return f"Bridge {self.number} closes for the {edition}th time"

    def _body(self, edition: int) -> str:
        said = f"Mayor Ada Park of district {self.number} said that stage {edition} goes on. "
        return "".join(f"<p>{_PARAGRAPH}{said}Part {part}.</p>" for part in range(3))
