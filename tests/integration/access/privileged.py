"""A line on a secured broker, each of its processes with a Kafka user of its own."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pipeline.kafka.grants import grant
from pipeline.kafka.rights import Process, Right, grants, principal
from pipeline.settings import Settings
from tests.integration.kafka.secure_server import SecureKafka, add_users


class PrivilegedLine:
    """``chosen`` on ``kafka``: users and their rights are there, all but those ``without``, and no
    topics yet."""

    def __init__(
        self, kafka: SecureKafka, chosen: Settings, without: Collection[Right] = ()
    ) -> None:
        self._kafka = kafka
        self._chosen = chosen
        self.all_powerful = kafka.settings(chosen, "SASL_PLAINTEXT")
        add_users(kafka.unsecured, *(self.user(each) for each in Process))
        every = grants(chosen.kafka, chosen.topics)
        grant(self.all_powerful.kafka, [each for each in every if each.right not in without])

    def user(self, process: Process) -> str:
        """The name that it logs in with."""
        return principal(self._chosen.kafka, process).removeprefix("User:")

    def settings(self, process: Process, **changes: Any) -> Settings:
        """The line as ``process`` sees it."""
        return self._kafka.settings(
            self._chosen, "SASL_PLAINTEXT", sasl_username=self.user(process), **changes
        )
