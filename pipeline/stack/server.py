"""What the control needs to know of a server to start, recognise and stop it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.stack.distribution import Distribution
from pipeline.stack.jdk import Jdk

# Small, mostly idle servers that should be there soon: the first compiler tier alone and the serial
# collector start Kafka in 2.5 s instead of 3.6 s and Elasticsearch in 4.2 s instead of 6.2 s (two
# cores). A server out of memory ends, so that its state is plain to see.
_OPTIONS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")


@dataclass(frozen=True)
class Launch:
    """What one start of a server is made from."""

    distribution: Distribution
    jdk: Jdk
    log: Path
    class_data: tuple[str, ...] = ()

    @property
    def options(self) -> tuple[str, ...]:
        """Options of the virtual machine that both servers take."""
        return (*_OPTIONS, *self.class_data, f"-Dlog.file={self.log}")


class Server(Protocol):
    """One server of the local stack. Nothing here waits: the control does."""

    @property
    def name(self) -> str:
        """Lower case, as in folder names."""

    @property
    def version(self) -> str:
        """The version that would be started."""

    @property
    def ports(self) -> tuple[int, ...]:
        """Ports it listens on, the one for clients first."""

    @property
    def data_dir(self) -> Path:
        """Everything it keeps."""

    def prepare(self, launch: Launch) -> None:
        """Write its configuration; make its data folder ready the first time."""

    def command(self, launch: Launch) -> list[str]:
        """The program and its arguments."""

    def answers(self) -> bool:
        """Whether it answers on its port within a moment."""

    def ready(self) -> bool:
        """Whether it can serve what it held before: partitions led, shards started."""
