"""The settings of a service, from its environment: `SOLIDARY_*` (docs/operating/settings.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import Field, FilePath, HttpUrl, SecretStr, TypeAdapter, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from solidary.files.command_line import CommandError
from solidary.platform.messaging.kafka import KafkaSettings

PEERS = TypeAdapter(dict[str, HttpUrl])
SECONDS = {"second": 1, "minute": 60, "hour": 3600}


class Rate(NamedTuple):
    """The number of requests that are allowed in a period of seconds."""

    requests: int
    seconds: int


class Settings(BaseSettings):
    """One service's settings. A missing or wrong one stops the start and is named."""

    model_config = SettingsConfigDict(env_prefix="SOLIDARY_", extra="ignore")

    country: str = Field(min_length=2, max_length=2, description="ISO 3166-1 alpha-2")
    database_app: SecretStr | None = None
    """The `postgresql://` URL of the role that owns no table, for the API, the reactions and the jobs."""
    database_relay: SecretStr | None = None
    database_migrate: SecretStr | None = None
    kafka: str | None = Field(default=None, description="host:port of the broker")
    kafka_user: str | None = None
    kafka_password: SecretStr | None = None
    kafka_tls: bool = False
    kafka_ca: FilePath | None = Field(
        default=None, description="Certificates that may have signed the broker's"
    )
    issuer: str
    audience: str = "solidary"
    jwks_url: str
    token_url: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    secret: SecretStr
    """The key of the HMACs of requests that this service stores."""
    person_key: SecretStr | None = None
    """For intake only: it encrypts each person's own key. Without it nobody can read what identifies people."""
    telemetry_dir: Path | None = None
    peers: Annotated[dict[str, str], NoDecode] = Field(default_factory=dict)
    """The other services of the instance, as JSON: name → base address, `{"intake": "http://127.0.0.1:8000"}`."""
    pool_size: int = Field(default=10, ge=2, le=100)
    body_limit: int = Field(default=2 * 1024 * 1024, gt=0, description="Bytes of a request's body")
    rate_limit: str = Field(default="600/minute", pattern=r"^[1-9]\d{0,8}/(second|minute|hour)$")
    """The rate of one caller's requests to one process."""

    keep_inbox_days: int = Field(default=90, ge=30)
    """The ids of handled events: longer than an event can be sent again (decision 0016)."""
    keep_feed_days: int = Field(default=90, ge=1)
    keep_idempotency_days: int = Field(default=30, ge=1)
    keep_jobs_days: int = Field(default=30, ge=1)

    @field_validator("peers", mode="before")
    @classmethod
    def _read_peers(cls, value: object) -> dict[str, str]:
        """Read the addresses from JSON text or a mapping; only http and https addresses are valid."""
        try:
            addresses: Any = json.loads(value) if isinstance(value, str) else value
            PEERS.validate_python(addresses)
        except ValueError:
            raise ValueError(
                'It must be a JSON object of service names and http addresses: {"intake": "http://…"}.'
            ) from None
        return dict(addresses)

    @property
    def app_database_url(self) -> str:
        """The URL of the role that owns no table. Raises CommandError where it is not set."""
        if self.database_app is None:
            raise CommandError(
                "SOLIDARY_DATABASE_APP is not set. Set it to the URL of the service's role `app`."
            )
        return self.database_app.get_secret_value()

    @property
    def retention(self) -> Mapping[str, timedelta]:
        """The age up to which each kind of rows is kept (`solidary.platform.jobs.retention`)."""
        return {
            "inbox": timedelta(days=self.keep_inbox_days),
            "feed": timedelta(days=self.keep_feed_days),
            "idempotency": timedelta(days=self.keep_idempotency_days),
            "jobs": timedelta(days=self.keep_jobs_days),
        }

    @property
    def rate(self) -> Rate:
        """The rate limit as numbers."""
        requests, _, unit = self.rate_limit.partition("/")
        return Rate(int(requests), SECONDS[unit])

    @property
    def kafka_settings(self) -> KafkaSettings:
        """The broker and the service's account. Raises ValueError where no broker is set."""
        if self.kafka is None:
            raise ValueError("SOLIDARY_KAFKA is not set.")
        password = self.kafka_password.get_secret_value() if self.kafka_password else None
        return KafkaSettings(self.kafka, self.kafka_user, password, self.kafka_tls, self.kafka_ca)


def from_environment() -> Settings:
    """Return the environment's settings. Raises CommandError with each one that is missing or wrong."""
    try:
        return Settings()
    except ValidationError as error:
        faults = [f"SOLIDARY_{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
        raise CommandError("; ".join(faults)) from None
