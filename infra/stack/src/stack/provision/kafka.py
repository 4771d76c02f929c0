"""Kafka's accounts, topics and access lists: a service writes its own topic and reads those it hears."""

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

from stack.services import HEARS, SERVICES, Service, topic

PARTITIONS = 12
# Kafka's own minimum; the passwords are 192 random bits, more rounds would protect nothing.
ROUNDS = 4096
WAIT = 30.0


def provision_kafka(
    admin: AdminClient, country: str, passwords: Mapping[Service, str], *, replicas: int = 1
) -> int:
    """Accounts, topics and access lists for every service; returns how many things had to be made or dropped.

    Passwords are set each time (Kafka does not tell them), and do not count.
    """
    _set_passwords(admin, passwords)
    return _make_topics(admin, country, replicas) + _bring_access_lists(admin, country)


def access_lists(country: str) -> set[AclBinding]:
    """Every access list that the services' accounts should have, and no other."""
    wanted: set[AclBinding] = set()
    for service in SERVICES:
        own = topic(country, service)
        wanted |= {_allow(service, ResourceType.TOPIC, own, AclOperation.WRITE)}
        # Its own topic too: a service rebuilds what it shows of itself by replay.
        wanted |= {
            _allow(service, ResourceType.TOPIC, topic(country, speaker), AclOperation.READ)
            for speaker in (service, *HEARS[service])
        }
        wanted |= {_allow(service, ResourceType.GROUP, own, AclOperation.READ, prefix=True)}
    return wanted


def _allow(
    service: Service, kind: ResourceType, name: str, operation: AclOperation, *, prefix: bool = False
) -> AclBinding:
    pattern = ResourcePatternType.PREFIXED if prefix else ResourcePatternType.LITERAL
    return AclBinding(kind, name, pattern, f"User:{service}", "*", operation, AclPermissionType.ALLOW)


def _set_passwords(admin: AdminClient, passwords: Mapping[Service, str]) -> None:
    mechanism = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_256, ROUNDS)
    _settle(
        admin.alter_user_scram_credentials(
            [
                UserScramCredentialUpsertion(service, mechanism, password.encode())
                for service, password in passwords.items()
            ]
        ).values()
    )


def _make_topics(admin: AdminClient, country: str, replicas: int) -> int:
    there = admin.list_topics(timeout=WAIT).topics
    missing = [name for service in SERVICES if (name := topic(country, service)) not in there]
    if missing:
        # Facts are kept: a read model is rebuilt by replaying its topic from the start.
        config = {"retention.ms": "-1", "cleanup.policy": "delete"}
        topics = [NewTopic(name, PARTITIONS, replicas, config=config) for name in missing]
        _settle(admin.create_topics(topics).values())
    return len(missing)


def _bring_access_lists(admin: AdminClient, country: str) -> int:
    ours = AclBindingFilter(
        ResourceType.ANY,
        None,  # type: ignore[arg-type]  # None is "any", which the stubs do not say
        ResourcePatternType.ANY,
        None,  # type: ignore[arg-type]
        None,  # type: ignore[arg-type]
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    accounts = {f"User:{service}" for service in SERVICES}
    there = {binding for binding in admin.describe_acls(ours).result(WAIT) if binding.principal in accounts}
    wanted = access_lists(country)
    missing, extra = wanted - there, there - wanted
    if missing:
        _settle(admin.create_acls(list(missing)).values())
    if extra:
        _settle(admin.delete_acls([_exactly(binding) for binding in extra]).values())
    return len(missing) + len(extra)


def _exactly(binding: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        binding.restype,
        binding.name,
        binding.resource_pattern_type,
        binding.principal,
        binding.host,
        binding.operation,
        binding.permission_type,
    )


def _settle(futures: Iterable[Future[object]]) -> None:
    for future in futures:
        future.result(WAIT)
