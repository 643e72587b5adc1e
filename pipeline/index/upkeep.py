"""When templates, aliases and homes are looked after: each minute of work, and after each outage.

An Elasticsearch that was emptied is noticed by the next write, which is refused. One that was
restored from a copy takes writes, and may know less of homes than of articles, or the reverse.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from pipeline.index.provision import Provision

INTERVAL = timedelta(minutes=1)


class Upkeep:
    """For one process, which has set up its indices. What it raises is up to the caller to wait
    out, as :meth:`Provision.setup` says."""

    def __init__(self, provision: Provision, on_wait: Callable[[], None]) -> None:
        self._provision = provision
        self._on_wait = on_wait
        self._checked: datetime | None = None
        self._had_outage = False

    def waited(self) -> None:
        """Elasticsearch did not do what it was asked."""
        self._had_outage = True
        self._on_wait()

    async def before(self, now: datetime) -> None:
        """A batch begins."""
        last, self._checked = self._checked or now, self._checked or now
        if now - last >= INTERVAL:
            if not await self._provision.is_whole():
                await self._provision.setup()
            self._checked = now

    async def after(self) -> None:
        """A batch was written."""
        if self._had_outage:
            await self._provision.setup()
            self._had_outage = False
