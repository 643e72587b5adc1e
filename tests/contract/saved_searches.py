"""What every SavedSearches does; a fake and the real one pass the same tests.

A test class inherits from :class:`SavedSearchesContract` and gives the fixture ``searches``.
"""

from __future__ import annotations

from pipeline.kafka.ports import SavedSearches
from tests.fakes.alerts import a_search
from tests.fakes.records import NOW


class SavedSearchesContract:
    """The suite."""

    async def test_a_search_comes_back_whole_and_the_latest_of_an_id_holds(
        self, searches: SavedSearches
    ) -> None:
        latest = a_search(name="Ü", emails=("ada@courier.example",), active=False, owner="desk")
        for each in (a_search(), a_search(id="other"), latest):
            await searches.save(each)
        assert await searches.load() == {"lind": latest, "other": a_search(id="other")}

    async def test_what_is_removed_is_gone_and_may_be_saved_again(
        self, searches: SavedSearches
    ) -> None:
        await searches.save(a_search())
        await searches.remove("lind", NOW)
        await searches.remove("never-there", NOW)
        assert await searches.load() == {}
        await searches.save(a_search())
        assert await searches.load() == {"lind": a_search()}
