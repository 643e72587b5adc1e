"""Settings: resolved once, checked, frozen. Defaults and comments live in config/default.toml."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from pipeline import resources
from pipeline.errors import ConfigurationError

Port = Annotated[int, Field(ge=1, le=65535)]
Count = Annotated[int, Field(ge=1)]
BaseUrl = Annotated[str, Field(pattern=r"^https?://[^/]+(?:/.*[^/])?$")]
Seconds = Annotated[float, Field(gt=0)]

MAX_REVISITS = 10  # of one article: each costs its site a request
MAX_REVISIT_HOURS = 24 * 365


_Server = Annotated[
    str, Field(pattern=r"^([^:/@\[\]\s]+|\[[0-9a-fA-F:.]+\]):\d{1,5}$"), AfterValidator(str.lower)
]
"""A host and a port."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class KafkaSettings(_Section):
    bootstrap_servers: str
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    sasl_username: str | None = None
    sasl_password: SecretStr | None = None
    ssl_cafile: Path | None = None
    ssl_certfile: Path | None = None
    ssl_keyfile: Path | None = None
    ssl_keyfile_password: SecretStr | None = None
    group_prefix: str
    max_message_bytes: Count


class TopicSettings(_Section):
    articles: str
    backfill: str
    enriched: str
    dead_letters: str
    feeds: str
    ingests: str
    indexed: str
    searches: str
    alerts: str
    deliveries: str
    stations: str
    waiting: str
    partitions: Count
    replication_factor: Count
    retention_days: Count


class ElasticsearchSettings(_Section):
    hosts: Annotated[tuple[str, ...], Field(min_length=1)]
    api_key: SecretStr | None = None
    username: str | None = None
    password: SecretStr | None = None
    ca_certs: Path | None = None
    verify_certs: bool
    request_timeout_seconds: Seconds


class IndexSettings(_Section):
    articles: str
    statements: str
    revisions: str
    health: str
    homes: str
    shards: Count
    replicas: Annotated[int, Field(ge=0)]
    refresh_interval: str
    batch_size: Count
    batch_wait_seconds: Seconds
    bulk_max_bytes: Count
    retain_months: Annotated[int, Field(ge=0)]
    story_days: Count

    @property
    def aliases(self) -> tuple[str, str, str, str, str]:
        """The read aliases: of articles, of statements, of superseded revisions, of what tells how
        the line is, and of what tells where each article is."""
        return self.articles, self.statements, self.revisions, self.health, self.homes


def _with_models(models: dict[str, str]) -> dict[str, str]:
    present = {language: model for language, model in models.items() if model}
    if not present:
        raise ValueError("at least one language needs a model")
    return present


class EnrichSettings(_Section):
    models: Annotated[dict[str, str], AfterValidator(_with_models)]
    processes: Annotated[int, Field(ge=0)]
    batch_size: Count
    backfill_batch_size: Count
    batch_wait_seconds: Seconds
    max_text_chars: Count
    text_timeout_seconds: Seconds
    texts_per_process: Count

    @property
    def process_count(self) -> int:
        """How many processes annotate: as set, or one for each core."""
        return self.processes or os.cpu_count() or 1


class FeedSettings(_Section):
    file: Path = Field(default_factory=lambda: resources.root() / "config" / "feeds.toml")
    user_agent: str
    first_interval_seconds: Seconds
    shortest_interval_seconds: Seconds
    longest_interval_seconds: Seconds
    first_poll_max_age_days: Annotated[float, Field(ge=0, le=36_500)]
    first_poll_max_undated: Count
    concurrency: Count
    polls_per_host: Count
    pages_per_host: Count
    work_seconds_per_hour: Seconds
    pages_per_hour: Count
    sites_per_hour: Count
    articles_per_day: Count
    poll_timeout_seconds: Seconds
    revisit_hours: Annotated[
        tuple[Annotated[float, Field(gt=0, le=MAX_REVISIT_HOURS)], ...],
        Field(max_length=MAX_REVISITS),
    ]
    websub_callback_url: Annotated[str, Field(pattern=r"^https?://[^/]+(?:/.*[^/])?$")] | None = (
        None
    )
    websub_listen: Annotated[str, Field(pattern=r"^[^:]+:\d{1,5}$")]
    host_delay_seconds: Annotated[float, Field(ge=0)]
    timeout_seconds: Seconds
    max_feed_bytes: Count
    max_page_bytes: Count
    max_redirects: Annotated[int, Field(ge=0)]
    max_sitemaps: Count
    page_timeout_seconds: Seconds
    min_article_chars: Count
    private_hosts: tuple[_Server, ...] = ()


class Scope(StrEnum):
    """What an API key allows: to search, to export much at once, to save searches, and to see,
    send back and throw away what was refused."""

    SEARCH = "search"
    EXPORT = "export"
    SEARCHES = "searches"
    DEAD_LETTERS = "dead-letters"


def _an_address(value: str) -> str:
    return str(ip_address(value))


class ApiKey(_Section):
    name: str
    sha256: Annotated[str, Field(pattern=r"^[0-9a-fA-F]{64}$")]
    scopes: tuple[Scope, ...] = (Scope.SEARCH,)


class ApiSettings(_Section):
    listen: Annotated[str, Field(pattern=r"^[^:]+:\d{1,5}$")]
    hosts: Annotated[tuple[str, ...], Field(min_length=1)]
    keys: tuple[ApiKey, ...] = ()
    open: bool
    requests_per_minute: Annotated[int, Field(ge=0)]
    connections: Count
    connections_per_client: Count
    streams_per_client: Count
    proxies: tuple[Annotated[str, AfterValidator(_an_address)], ...] = ()
    export_limit: Count

    @property
    def host(self) -> str:
        """The address to listen at."""
        return self.listen.rpartition(":")[0]

    @property
    def port(self) -> int:
        """The port to listen at."""
        return int(self.listen.rpartition(":")[2])

    @model_validator(mode="after")
    def _guarded(self) -> ApiSettings:
        if self.host not in _LOOPBACK and not (self.keys or self.open):
            raise ValueError(
                "listens beyond this machine without keys; add [[api.keys]]"
                " (pipeline api-key makes one), or set open = true if anyone may read"
            )
        return self


_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


class AlertSettings(_Section):
    max_searches: Count
    batch_size: Annotated[int, Field(ge=1, le=1_000)]
    batch_wait_seconds: Seconds
    max_age_days: Count
    private_hosts: tuple[_Server, ...] = ()
    timeout_seconds: Seconds
    concurrency: Count
    first_retry_seconds: Seconds
    longest_retry_seconds: Seconds
    give_up_hours: Seconds
    user_agent: str
    webhook_key: Annotated[SecretStr, Field(min_length=32)] | None = None
    smtp_host: str | None = None
    smtp_port: Port
    smtp_tls: Literal["starttls", "tls", "none"]
    smtp_username: str | None = None
    smtp_password: SecretStr | None = None
    mail_from: Annotated[str, Field(pattern=r"^[^\s@<>]+@[^\s@<>]+$")]


class SampleSettings(_Section):
    enabled: bool
    port: Port


class WorkerSettings(_Section):
    stall_seconds: Seconds
    restart_backoff_seconds: Seconds
    session_timeout_seconds: Seconds


def _heap(value: str) -> str:
    if not value[:-1].isdigit() or value[-1] not in "mg":
        raise ValueError("a heap size is a number with m or g, such as 512m")
    return value


class KibanaSettings(_Section):
    url: BaseUrl
    space: Annotated[str, Field(pattern=r"^[a-z0-9_-]+$")] | None = None
    api_key: SecretStr | None = None
    username: str | None = None
    password: SecretStr | None = None
    ca_certs: Path | None = None
    verify_certs: bool
    timeout_seconds: Seconds


class HealthSettings(_Section):
    interval_seconds: Annotated[float, Field(ge=0)]


class MetricsSettings(_Section):
    listen: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=0, le=65_000)]


class LogSettings(_Section):
    format: Literal["text", "json"]
    articles: bool


class TracingSettings(_Section):
    endpoint: Literal[""] | BaseUrl
    sample_ratio: Annotated[float, Field(ge=0, le=1)]


class DeadLetterSettings(_Section):
    limit: Count
    window_seconds: Seconds
    unclear: Count
    patience_seconds: Seconds
    accept: tuple[str, ...]
    longest_retry_seconds: Seconds


class LocalSettings(_Section):
    kafka_port: Port
    kafka_controller_port: Port
    elasticsearch_port: Port
    kafka_heap: Annotated[str, AfterValidator(_heap)]
    elasticsearch_heap: Annotated[str, AfterValidator(_heap)]
    start_timeout_seconds: Seconds
    servers_dir: Path | None = None


class Settings(BaseSettings):
    """All settings of all processes. Made by :func:`load`."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix="PIPELINE_", env_nested_delimiter="__"
    )

    data_dir: Path = Field(default_factory=resources.default_data_dir)
    kafka: KafkaSettings
    topics: TopicSettings
    elasticsearch: ElasticsearchSettings
    index: IndexSettings
    enrich: EnrichSettings
    feeds: FeedSettings
    api: ApiSettings
    alerts: AlertSettings
    sample: SampleSettings
    workers: WorkerSettings
    dead_letters: DeadLetterSettings
    health: HealthSettings
    metrics: MetricsSettings
    logs: LogSettings
    tracing: TracingSettings
    kibana: KibanaSettings
    local: LocalSettings

    @model_validator(mode="before")
    @classmethod
    def _local_servers(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Addresses left empty are those of the local servers, wherever those listen."""
        local = given.get("local") or {}
        kafka, elasticsearch = given.get("kafka") or {}, given.get("elasticsearch") or {}
        if not kafka.get("bootstrap_servers"):
            kafka = kafka | {"bootstrap_servers": f"127.0.0.1:{local.get('kafka_port')}"}
        if not elasticsearch.get("hosts"):
            host = f"http://127.0.0.1:{local.get('elasticsearch_port')}"
            elasticsearch = elasticsearch | {"hosts": [host]}
        return given | {"kafka": kafka, "elasticsearch": elasticsearch}

    @property
    def servers_dir(self) -> Path:
        """Where the downloaded local servers lie."""
        return self.local.servers_dir or self.data_dir / "servers"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,  # noqa: ARG003 (the library's signature)
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        files = [path for path in (_user_file(), _default_file()) if path is not None]
        return env_settings, *(TomlConfigSettingsSource(settings_cls, path) for path in files)


def _default_file() -> Path:
    return resources.root() / "config" / "default.toml"


def _user_file() -> Path | None:
    named = os.environ.get(CONFIG_VARIABLE)
    return Path(named) if named else None


CONFIG_VARIABLE = "PIPELINE_CONFIG"


def load(config: Path | None = None) -> Settings:
    """The settings of this process: environment over ``config`` over config/default.toml.

    ``config`` is also put into the environment, so that child processes see the same settings.
    Raises ConfigurationError naming the first field that is wrong, or the variable or file.
    """
    if config is not None:
        os.environ[CONFIG_VARIABLE] = str(config.resolve())
    named = _user_file()
    if named is not None and not named.is_file():
        raise ConfigurationError(f"{named}: no such file; name an existing one with --config")
    _check_variables(os.environ)
    try:
        return Settings()  # type: ignore[call-arg]
    except ValidationError as error:
        raise ConfigurationError(_first_problem(error)) from error
    except SettingsError as error:
        raise ConfigurationError(f"{error}; lists are written as JSON, such as [2, 24]") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{named}: not valid TOML: {error}") from error
    except OSError as error:
        raise ConfigurationError(f"{named}: cannot be read: {error.strerror}") from error


def _check_variables(names: Iterable[str]) -> None:
    """A misspelt section would be passed over. One without the delimiter may be another's."""
    for name in names:
        section, delimiter, _ = name.upper().removeprefix("PIPELINE_").partition("__")
        ours = name.upper().startswith("PIPELINE_") and delimiter
        if ours and section.lower() not in Settings.model_fields:
            raise ConfigurationError(f"{name} names no setting; see config/default.toml")


def _first_problem(error: ValidationError) -> str:
    problem: Any = error.errors(include_input=False)[0]
    field = ".".join(str(part) for part in problem["loc"])
    more = error.error_count() - 1
    unknown = problem["type"] == "extra_forbidden"
    what = "there is none; see config/default.toml" if unknown else problem["msg"]
    return f"setting {field}: {what}" + (f" (and {more} more)" if more else "")
