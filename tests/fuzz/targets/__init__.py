"""The table of what is fuzzed: a module for each trade."""

from tests.fuzz.targets import (
    addresses,
    alerts,
    archives,
    configuration,
    enrichment,
    feeds,
    headers,
    markup,
    messages,
    pages,
    searches,
    times,
)

TARGETS = (
    *addresses.TARGETS,
    *times.TARGETS,
    *headers.TARGETS,
    *markup.TARGETS,
    *feeds.TARGETS,
    *pages.TARGETS,
    *archives.TARGETS,
    *messages.TARGETS,
    *searches.TARGETS,
    *alerts.TARGETS,
    *configuration.TARGETS,
    *enrichment.TARGETS,
)
