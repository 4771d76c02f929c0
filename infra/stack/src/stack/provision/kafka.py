"""Kafka's accounts, topics and access lists: a service writes its own topic and reads those it subscribes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Future

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from stack.services import Service, services_with_events, subscriptions, topic

PARTITIONS = 12
# Kafka's minimum. The passwords are 192 random bits, so more iterations would protect nothing.
SCRAM_ITERATIONS = 4096
TIMEOUT_SECONDS = 30.0


def provision_kafka(
    admin: AdminClient, country: str, passwords: Mapping[Service, str], *, replicas: int = 1
) -> int:
    """Bring accounts, topics and access lists to the wanted state; return the number of changes.

    Passwords are set each time, because Kafka does not show them, and do not count as changes.
    """
    _set_passwords(admin, passwords)
    return _create_missing_topics(admin, country, replicas) + _ensure_access_lists(admin, country)


def access_lists(country: str) -> set[AclBinding]:
    """Return all access lists that the services' accounts should have."""
    wanted: set[AclBinding] = set()
    for service in services_with_events():
        own = topic(country, service)
        wanted |= {_allow(service, ResourceType.TOPIC, own, AclOperation.WRITE)}
        # Its own topic too: a service rebuilds its projections by replay.
        wanted |= {
            _allow(service, ResourceType.TOPIC, topic(country, publisher), AclOperation.READ)
            for publisher in (service, *subscriptions(service))
        }
        wanted |= {_allow(service, ResourceType.GROUP, f"{own}.", AclOperation.READ, prefix=True)}
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


def _create_missing_topics(admin: AdminClient, country: str, replicas: int) -> int:
    existing = admin.list_topics(timeout=TIMEOUT_SECONDS).topics
    missing = [
        name for service in services_with_events() if (name := topic(country, service)) not in existing
    ]
    if missing:
        # Events are kept for good, because a projection is rebuilt by replaying its topic from the start.
        config = {"retention.ms": "-1", "cleanup.policy": "delete"}
        topics = [NewTopic(name, PARTITIONS, replicas, config=config) for name in missing]
        _wait_for_all(admin.create_topics(topics).values())
    return len(missing)


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
