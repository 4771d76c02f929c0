"""The settings of a service, from its environment: `SOLIDARY_*` (docs/operating/settings.md)."""

from __future__ import annotations

import difflib
import json
import os
import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar
from uuid import UUID

from pydantic import (
    Field,
    FilePath,
    HttpUrl,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from solidary.files.command_line import CommandError
from solidary.language.country import InvalidPack, load_pack
from solidary.platform.messaging.kafka import KafkaSettings

PEERS = TypeAdapter(dict[str, HttpUrl])
AGENCY_NAMES = TypeAdapter(dict[str, tuple[UUID, str]])
ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]+)?")
SECRET_LENGTH = 32
"""The least length of a secret, in characters; 32 characters of base64 hold 192 random bits."""
SECONDS = {"second": 1, "minute": 60, "hour": 3600}
NEVER_WHILE_SERVING = ("SOLIDARY_DATABASE_MIGRATE", "SOLIDARY_DATABASE_BACKUP")
"""The URLs of roles that pass row-level security. A process that serves does not start where it finds one."""

READ_ELSEWHERE = frozenset(
    f"SOLIDARY_{name}"
    for name in (
        *("COUNTRIES", "DATABASE_BACKUP", "HEARTBEAT", "LOG_LEVEL", "QUESTIONS"),
        *(
            "BACKUP",
            "BACKUP_IDENTITY",
            "CACHE",
            "COMPOSE",
            "KEEP_STACK",
            "PICTURES",
            "SHARED",
            "STATE",
            "TEST_SERVERS",
        ),
    )
)
"""The variables that other parts read: commands on files, and the tools of operators and developers."""


class Rate(NamedTuple):
    """The number of requests that are allowed in a period of seconds."""

    requests: int
    seconds: int


class BrokerSettings(BaseSettings):
    """The country, and the broker with the service's account there."""

    model_config = SettingsConfigDict(env_prefix="SOLIDARY_", extra="ignore")

    country: str = Field(min_length=2, max_length=2, description="ISO 3166-1 alpha-2")
    kafka: str | None = Field(default=None, description="host:port of the broker")
    kafka_user: str | None = None
    kafka_password: SecretStr | None = None
    kafka_tls: bool = False
    kafka_ca: FilePath | None = Field(
        default=None, description="Certificates that may have signed the broker's"
    )
    notice_keys: SecretStr | None = None
    """Secrets of the instance, separated by commas, that encrypt notices; all services have the same."""

    @field_validator("notice_keys")
    @classmethod
    def _check_notice_keys(cls, value: SecretStr | None) -> SecretStr | None:
        return check_secret_length(value)

    @property
    def kafka_settings(self) -> KafkaSettings:
        """The broker and the service's account. Raises ValueError where no broker is set."""
        if self.kafka is None:
            raise ValueError("SOLIDARY_KAFKA is not set.")
        password = self.kafka_password.get_secret_value() if self.kafka_password else None
        keys = ring(self.notice_keys) if self.notice_keys else ()
        return KafkaSettings(self.kafka, self.kafka_user, password, self.kafka_tls, self.kafka_ca, keys)


class MigrationSettings(BrokerSettings):
    """The settings of `migrate` and `rebuild`, which serve nothing."""

    database_migrate: SecretStr | None = None


class RelaySettings(BrokerSettings):
    """The settings of a relay as a process of its own."""

    database_relay: SecretStr | None = None


class Settings(RelaySettings):
    """The settings of an API or a worker. A missing or wrong one stops the start and is named."""

    own_secrets: ClassVar[frozenset[str]] = frozenset({"person_keys", "search_keys", "webhook_keys"})
    """The secrets that only the service that declares them may hold (`Service.secrets`)."""
    worker_secrets: ClassVar[frozenset[str]] = frozenset({"webhook_keys"})
    """The part of them that the service's worker needs too; all others are for requests only."""

    database_app: SecretStr | None = None
    """The `postgresql://` URL of the role that owns no table, for the API, the reactions and the jobs."""
    issuer: str
    jwks_url: str
    token_url: str | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    secret: SecretStr | None = None
    """The key of the HMACs of requests that this service stores; only a process with an API has it."""
    person_keys: SecretStr | None = None
    """For intake only: secrets, separated by commas, that wrap the keys of people. The first wraps, all unwrap."""
    search_keys: SecretStr | None = None
    """For intake only: secrets, separated by commas, of the search tokens. The first indexes, all find."""
    webhook_keys: SecretStr | None = None
    """For subscriptions only: secrets, separated by commas, that encrypt the secrets of webhooks."""
    webhook_networks: str = ""
    """For subscriptions only: networks beside the public internet to which webhooks may lead (`10.20.0.0/16`)."""
    webhook_http: bool = False
    """For subscriptions only: whether webhooks may lead to http addresses."""
    webhook_ca: FilePath | None = None
    """For subscriptions only: a file of further certificates that may have signed those of receivers."""
    telemetry_dir: Path | None = None
    peers: Annotated[dict[str, str], NoDecode] = Field(default_factory=dict)
    """The other services of the instance, as JSON: name → base address, `{"intake": "http://127.0.0.1:8000"}`."""
    agencies: Annotated[frozenset[UUID], NoDecode] = frozenset()
    """The ids of the realm's organizations, separated by commas. Intake needs them: a consent names one of them."""
    agency_names: Annotated[dict[str, tuple[UUID, str]], NoDecode] = Field(default_factory=dict)
    """The agencies that are listed, as JSON: alias → id and name, `{"unhcr": ["0b7e…", "UNHCR"]}`."""
    trusted_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    """The addresses or networks of the front door, separated by commas: only its `X-Forwarded-…` headers count."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """The origins of pages elsewhere that may call this API from a browser, separated by commas: none by default."""
    pool_size: int = Field(default=10, ge=2, le=100)
    body_limit: int = Field(default=2 * 1024 * 1024, gt=0, description="Bytes of a request's body")
    memory_limit: int = Field(
        default=2048, ge=512, description="MiB of data of a process with a worker in it"
    )
    second_factor_minutes: int = Field(default=15, ge=1)
    """The largest age of a second factor, where a route needs one."""
    lock_minutes: int = Field(default=10, ge=2, le=120)
    """For the console only: the minutes without a request after which a page asks for the password again."""
    rate_limit: str = Field(default="600/minute", pattern=r"^[1-9]\d{0,8}/(second|minute|hour)$")
    """The rate of one caller's requests to one process."""
    form_limit: str = Field(default="60/hour", pattern=r"^[1-9]\d{0,8}/(second|minute|hour)$")
    """The rate of one address's forms without a login, such as complaints. A centre's visitors may share an address."""

    keep_inbox_days: int = Field(default=90, ge=30)
    """The ids of handled events: longer than an event can be sent again (decision 0016)."""
    keep_feed_days: int = Field(default=90, ge=1)
    keep_idempotency_days: int = Field(default=30, ge=1)
    keep_jobs_days: int = Field(default=30, ge=1)
    """Jobs that have ended, and the reports of imports, which stay for eight days at least."""

    @field_validator("agencies", "trusted_proxies", "cors_origins", mode="before")
    @classmethod
    def _read_list(cls, value: object) -> object:
        """Read ids or addresses from text or a collection."""
        return value.replace(",", " ").split() if isinstance(value, str) else value

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for origin in value:
            if not ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"«{origin}» is no origin. List each one by scheme, host and port, such as https://agency.example; "
                    "«*» would let every page on the internet call with its visitor's token."
                )
        return value

    @field_validator("secret", "person_keys", "search_keys", "webhook_keys")
    @classmethod
    def _check_length(cls, value: SecretStr | None) -> SecretStr | None:
        return check_secret_length(value)

    @field_validator("webhook_networks")
    @classmethod
    def _check_networks(cls, value: str) -> str:
        for network in filter(None, map(str.strip, value.split(","))):
            ip_network(network)
        return value

    @model_validator(mode="after")
    def _check_difference(self) -> Settings:
        purposes = (self.secret, self.person_keys, self.search_keys, self.webhook_keys, self.notice_keys)
        rings = [ring(value) for value in purposes if value]
        secrets = list(chain.from_iterable(rings))
        if len(set(secrets)) < len(secrets):
            raise ValueError(
                "One secret stands twice in SOLIDARY_SECRET, SOLIDARY_PERSON_KEYS, SOLIDARY_SEARCH_KEYS, "
                "SOLIDARY_WEBHOOK_KEYS and SOLIDARY_NOTICE_KEYS. Give each purpose a secret of its own."
            )
        return self

    @field_validator("agency_names", mode="before")
    @classmethod
    def _read_agency_names(cls, value: object) -> object:
        try:
            return AGENCY_NAMES.validate_python(json.loads(value) if isinstance(value, str) else value)
        except ValueError:
            raise ValueError(
                'It must be a JSON object of aliases, each with an id and a name: {"unhcr": ["0b7e…", "UNHCR"]}.'
            ) from None

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
    def request_secret(self) -> bytes:
        """The key of the HMACs of requests. Raises CommandError where it is not set."""
        if self.secret is None:
            raise CommandError("SOLIDARY_SECRET is not set. Set it to a random value of the service.")
        return self.secret.get_secret_value().encode()

    @property
    def retention(self) -> Mapping[str, timedelta]:
        """The age up to which each kind of rows is kept (`solidary.platform.jobs.retention`)."""
        return {
            "inbox": timedelta(days=self.keep_inbox_days),
            "feed": timedelta(days=self.keep_feed_days),
            "idempotency": timedelta(days=self.keep_idempotency_days),
            "imports": timedelta(days=self.keep_jobs_days),
            "jobs": timedelta(days=self.keep_jobs_days),
        }

    @property
    def rate(self) -> Rate:
        """The rate limit as numbers."""
        return _rate(self.rate_limit)

    @property
    def form_rate(self) -> Rate:
        """The rate of forms without a login as numbers."""
        return _rate(self.form_limit)


def _rate(text: str) -> Rate:
    requests, _, unit = text.partition("/")
    return Rate(int(requests), SECONDS[unit])


S = TypeVar("S", bound=BaseSettings)


def ring(value: SecretStr) -> tuple[str, ...]:
    """Return the secrets of a setting that holds several, the newest first."""
    return tuple(secret.strip() for secret in value.get_secret_value().split(","))


def check_secret_length(value: SecretStr | None) -> SecretStr | None:
    """Return a setting that holds secrets. Raises ValueError where one of them is too short."""
    if value is not None and any(len(secret) < SECRET_LENGTH for secret in ring(value)):
        raise ValueError(
            f"Each secret needs {SECRET_LENGTH} characters or more, without a comma. Make a random one."
        )
    return value


def from_environment(secrets: Collection[str] | None = None) -> Settings:
    """Return the environment's settings for a process that serves.

    `secrets`: those that the service declares. Raises CommandError with each setting that is missing or wrong, and for
    one that such a process must not hold.
    """
    refuse_unrestricted_roles()
    settings = read_settings(Settings)
    refuse_unknown_country(settings.country)
    foreign = [] if secrets is None else sorted(Settings.own_secrets - set(secrets))
    for name in foreign:
        if getattr(settings, name) is not None:
            raise CommandError(
                f"SOLIDARY_{name.upper()} is set, but this service does not use it. Remove the variable from its "
                "environment: only the service that declares a secret may hold it."
            )
    return settings


def refuse_request_secrets(settings: Settings) -> None:
    """Raise CommandError where a process without an API has secrets that only requests need."""
    for name in sorted({"secret", *Settings.own_secrets} - Settings.worker_secrets):
        if getattr(settings, name) is not None:
            raise CommandError(
                f"SOLIDARY_{name.upper()} is set, but this process answers no requests, so it does not need it. Remove "
                "the variable from its environment; the API has it."
            )


def refuse_unrestricted_roles() -> None:
    """Raise CommandError where the environment of a process that serves has the URL of a role past row security."""
    held = [name for name in NEVER_WHILE_SERVING if name in os.environ]
    if held:
        raise CommandError(
            f"{held[0]} is set, but this process serves: an attacker who takes it over would pass row-level security. "
            "Remove the variable from its environment; only «migrate», «rebuild» and backups need it."
        )


def read_settings(kind: type[S]) -> S:
    """Return the environment's settings of one kind. Raises CommandError with each one that is missing or wrong."""
    refuse_unknown_settings()
    try:
        return kind()
    except ValidationError as error:
        faults = [
            f"SOLIDARY_{str(fault['loc'][0]).upper()}: {fault['msg']}" if fault["loc"] else fault["msg"]
            for fault in error.errors()
        ]
        raise CommandError("; ".join(faults)) from None


def refuse_unknown_country(code: str) -> None:
    """Raise CommandError where there is no pack of a country, or one that is wrong."""
    try:
        load_pack(code.upper())
    except (KeyError, InvalidPack) as error:
        raise CommandError(f"SOLIDARY_COUNTRY={code}: {error.args[0]}") from error


def refuse_unknown_settings() -> None:
    """Raise CommandError where the environment has a variable `SOLIDARY_…` that nothing reads."""
    kinds = (Settings, MigrationSettings)
    known = {f"SOLIDARY_{name.upper()}" for kind in kinds for name in kind.model_fields} | READ_ELSEWHERE
    for name in sorted(os.environ):
        if name.startswith("SOLIDARY_") and name not in known:
            similar = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
            advice = f"Did you mean {similar[0]}?" if similar else "Remove it."
            raise CommandError(f"{name} is not a setting of Solidary (docs/operating/settings.md). {advice}")
