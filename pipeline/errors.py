"""Every error the pipeline raises on purpose.

::

    PipelineError
    ├── ConfigurationError   the settings cannot be used as they are
    ├── MissingPrerequisite  the machine lacks something (a JDK, a free port, disk space)
    ├── ServiceUnavailable   Kafka or Elasticsearch does not answer: an outage, to be waited out
    ├── FeedLost             a feed went to another consumer: nothing of it is written here
    └── Rejected             one input is bad: it becomes a dead letter and the line goes on

A message is one line, names its subject and says what to do about it. It never quotes a payload.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.records import Reason


class PipelineError(Exception):
    """The root: the command line prints its message and exits with ``exit_code``."""

    exit_code = 1


class ConfigurationError(PipelineError):
    """The settings cannot be used; the message names the field."""

    exit_code = 2


class MissingPrerequisite(PipelineError):
    """The machine lacks something; the message is the lack and its remedy."""

    exit_code = 3


class ServiceUnavailable(PipelineError):
    """A server does not answer. Whoever catches it waits and tries again, or tells the user."""

    exit_code = 4


class FeedLost(PipelineError):
    """The feed went to another consumer, which knows more of it; whoever polls it here stops."""


class Rejected(PipelineError):
    """One input is bad. ``reason`` is from the closed list, ``detail`` is for people."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type[Rejected], tuple[Reason, str]]:
        # Exceptions are pickled by their args, here the message; this one crosses processes.
        return type(self), (self.reason, self.detail)
