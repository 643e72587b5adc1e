"""Elasticsearch as one process: the core server, started by deploy/local's launcher."""

from __future__ import annotations

import http.client
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from string import Template

from pipeline.stack import distribution as distributions
from pipeline.stack.server import Launch

_ANSWER_SECONDS = 2.0


@dataclass(frozen=True)
class ElasticsearchServer:
    """A single node on http://127.0.0.1:``port``."""

    data_dir: Path
    port: int
    heap: str
    name: str = "elasticsearch"

    @property
    def version(self) -> str:
        """As the pom names it."""
        return distributions.version("elasticsearch")

    @property
    def ports(self) -> tuple[int, ...]:
        """HTTP; the transport takes any free port."""
        return (self.port,)

    @property
    def _config_dir(self) -> Path:
        return self.data_dir / "config"

    def configuration(self, log: Path) -> str:
        """The text of elasticsearch.yml. A JSON string is a YAML string: paths are quoted so."""
        template = Template(
            (distributions.sources() / "elasticsearch/elasticsearch.yml").read_text()
        )
        return template.substitute(
            data=json.dumps(str(self.data_dir / "data")),
            logs=json.dumps(str(log.parent)),
            port=self.port,
        )

    def prepare(self, launch: Launch) -> None:
        """Write elasticsearch.yml and log4j2.properties."""
        self._config_dir.mkdir(exist_ok=True)
        (self._config_dir / "elasticsearch.yml").write_text(self.configuration(launch.log))
        shutil.copy(distributions.sources() / "log4j2.properties", self._config_dir)

    def command(self, launch: Launch) -> list[str]:
        """The node's command line."""
        home = launch.distribution.elasticsearch
        return [
            launch.jdk.tool("java"),
            f"-Xmx{self.heap}",
            *launch.options,
            f"-Des.nativelibs.path={home / 'native'}",
            "--add-modules=jdk.net,jdk.management,ALL-MODULE-PATH",
            "--enable-native-access=org.elasticsearch.nativeaccess,org.apache.lucene.core",
            "-p",
            str(home / "lib"),
            "-cp",
            str(home / "launcher.jar"),
            "launcher.Launcher",
            str(home),
            str(self._config_dir),
        ]

    def answers(self) -> bool:
        """Whether its HTTP port answers as Elasticsearch does."""
        return _get(self.port, "/") == 200

    def ready(self) -> bool:
        """Whether every primary shard is started (an empty node is ready at once)."""
        return _get(self.port, "/_cluster/health?wait_for_status=yellow&timeout=1s") == 200


def _get(port: int, path: str) -> int:
    """The status of a GET, 0 without an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
