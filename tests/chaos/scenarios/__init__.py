"""One function for each fault: what is done to the line, and what must hold of it then."""

from tests.chaos.scenarios import deaths, feeds, indices, messages, outages
from tests.chaos.scenarios.registry import SCENARIOS, Scenario

__all__ = ["SCENARIOS", "Scenario", "deaths", "feeds", "indices", "messages", "outages"]
