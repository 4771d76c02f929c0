"""Kafka's accounts, topics and access lists.

A service writes its own topics, one for each audience, and reads those that have an event which it handles. Events are
deleted when the time of the country's pack is over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from solidary.language.country import load_pack

from stack.services import Service, all_topics, read_topics, services_with_events, written_topics

PARTITIONS = 12
# Kafka's minimum. The passwords are 192 random bits, so more iterations would protect nothing.
SCRAM_ITERATIONS = 4096
TIMEOUT_SECONDS = 30.0
DAY_MS = 24 * 60 * 60 * 1000


def provision_kafka(
    admin: AdminClient, country: str, passwords: Mapping[Service, str], *, replicas: int = 1
) -> int:
    """Bring accounts, topics and access lists to the wanted state; return the number of changes.

    Passwords are set each time, because Kafka does not show them, and do not count as changes.
    """
    _set_passwords(admin, passwords)
    wanted = set(all_topics(country))
    existing = wanted & set(admin.list_topics(timeout=TIMEOUT_SECONDS).topics)
    return (
        _create_topics(admin, country, wanted - existing, replicas)
        + _ensure_retention(admin, country, existing)
        + _ensure_access_lists(admin, country)
    )


def access_lists(country: str) -> set[AclBinding]:
    """Return all access lists that the services' accounts should have."""
    wanted: set[AclBinding] = set()
    for service in services_with_events():
        wanted |= {
            _allow(service, ResourceType.TOPIC, name, AclOperation.WRITE)
            for name in written_topics(country, service)
        }
        wanted |= {
            _allow(service, ResourceType.TOPIC, name, AclOperation.READ)
            for name in read_topics(country, service)
        }
        groups = f"{country.lower()}.{service}."
        wanted |= {_allow(service, ResourceType.GROUP, groups, AclOperation.READ, prefix=True)}
    return wanted


def _allow(
    service: Service, kind: ResourceType, name: str, operation: AclOperation, *, prefix: bool = False
) -> AclBinding:
    pattern = ResourcePatternType.PREFIXED if prefix else ResourcePatternType.LITERAL
    return AclBinding(kind, name, pattern, f"User:{service}", "*", operation, AclPermissionType.ALLOW)


def _set_passwords(admin: AdminClient, passwords: Mapping[Service, str]) -> None:
    mechanism = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, SCRAM_ITERATIONS)
    _wait_for_all(
        admin.alter_user_scram_credentials(
            [
                UserScramCredentialUpsertion(service, mechanism, password.encode())
                for service, password in passwords.items()
            ]
        ).values()
    )


def _create_topics(admin: AdminClient, country: str, names: Collection[str], replicas: int) -> int:
    if names:
        config = {"cleanup.policy": "delete", **retention(country)}
        topics = [NewTopic(name, PARTITIONS, replicas, config=config) for name in names]
        _wait_for_all(admin.create_topics(topics).values())
    return len(names)


def retention(country: str) -> dict[str, str]:
    """Return the settings of topics that delete events in time. Kafka deletes whole segments, so they end daily."""
    days = load_pack(country.upper()).event_retention_days
    return {"retention.ms": str(days * DAY_MS), "segment.ms": str(DAY_MS)}


def _ensure_retention(admin: AdminClient, country: str, existing: Collection[str]) -> int:
    """Set the retention of existing topics that have another one; return their number.

    Topics that were just created have the right one, and a broker may not know them yet: the controller answers
    before the brokers have read its log.
    """
    if not existing:
        return 0
    wanted = retention(country)
    resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in existing]
    current = {
        resource.name: future.result(TIMEOUT_SECONDS)
        for resource, future in admin.describe_configs(resources).items()
    }
    changes = [
        ConfigResource(
            ConfigResource.Type.TOPIC,
            name,
            incremental_configs=[
                ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET)
                for key, value in wanted.items()
            ],
        )
        for name, config in current.items()
        if any(config[key].value != value for key, value in wanted.items())
    ]
    if changes:
        _wait_for_all(admin.incremental_alter_configs(changes).values())
    return len(changes)


def _ensure_access_lists(admin: AdminClient, country: str) -> int:
    ours = AclBindingFilter(
        ResourceType.ANY,
        None,  # type: ignore[arg-type]  # None means any, which the stubs lack
        ResourcePatternType.ANY,
        None,  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    accounts = {f"User:{service}" for service in services_with_events()}
    current = {
        binding
        for binding in admin.describe_acls(ours).result(TIMEOUT_SECONDS)
        if binding.principal in accounts
    }
    wanted = access_lists(country)
    missing, extra = wanted - current, current - wanted
    if missing:
        _wait_for_all(admin.create_acls(list(missing)).values())
    if extra:
        _wait_for_all(admin.delete_acls([_filter_for(binding) for binding in extra]).values())
    return len(missing) + len(extra)


def _filter_for(binding: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        binding.restype,
        binding.name,
        binding.resource_pattern_type,
        binding.principal,
        binding.host,
        binding.operation,
        binding.permission_type,
    )


def _wait_for_all(futures: Iterable[Future[object]]) -> None:
    for future in futures:
        future.result(TIMEOUT_SECONDS)
