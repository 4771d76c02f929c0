"""Kafka's accounts, topics and access lists.

A service writes its own topics, one for each audience, and reads those that have an event which it handles. Events are
deleted when the time of the country's pack is over.

The controller answers a change when its log has it, and the broker applies that log later. So each change here waits
until the broker knows it: what asks the broker next finds the new state.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping
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
from solidary.language.events import Audience

from stack.errors import StackError
from stack.services import Service, all_topics, read_topics, services_with_events, written_topics

PARTITIONS = 12
# Kafka's minimum. The passwords are 192 random bits, so more iterations would protect nothing.
SCRAM_ITERATIONS = 4096
TIMEOUT_SECONDS = 30.0
PAUSE_SECONDS = 0.02
NOTICE_DAYS = 14
"""The days for which notices are kept: so long may the service stop that reads them."""
DAY_MS = 24 * 60 * 60 * 1000


def provision_kafka(
    admin: AdminClient, country: str, passwords: Mapping[Service, str], *, replicas: int = 1
) -> int:
    """Bring accounts, topics and access lists to the wanted state; return the number of changes.

    Passwords are set each time, because Kafka does not show them, and do not count as changes. A new account has new
    access lists, which the broker applies after it.
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
    configs = {name: {"cleanup.policy": "delete", **retention(country, name)} for name in names}
    create_topics(
        admin, [NewTopic(name, PARTITIONS, replicas, config=config) for name, config in configs.items()]
    )
    return len(names)


def create_topics(admin: AdminClient, topics: Collection[NewTopic]) -> None:
    """Create topics, and wait until the broker leads each of their partitions."""
    if topics:
        _wait_for_all(admin.create_topics(list(topics)).values())
        _wait_until(lambda: all(_is_led(admin, topic) for topic in topics), "new topics")


def _is_led(admin: AdminClient, topic: NewTopic) -> bool:
    found = admin.list_topics(topic.topic, timeout=TIMEOUT_SECONDS).topics[topic.topic]
    partitions = found.partitions.values()
    return len(partitions) == topic.num_partitions and all(partition.leader >= 0 for partition in partitions)


def delete_topics(admin: AdminClient, names: Collection[str]) -> None:
    """Delete topics, and wait until the broker does not list them any more."""
    if names:
        _wait_for_all(admin.delete_topics(list(names)).values())
        _wait_until(
            lambda: not set(names) & set(admin.list_topics(timeout=TIMEOUT_SECONDS).topics), "deleted topics"
        )


def retention(country: str, topic: str = "") -> dict[str, str]:
    """Return the settings of a topic that deletes events in time. Kafka deletes whole segments, so they end daily."""
    days = load_pack(country.upper()).event_retention_days
    if topic.endswith(f".{Audience.PARTIES}"):
        days = min(days, NOTICE_DAYS)
    return {"retention.ms": str(days * DAY_MS), "segment.ms": str(DAY_MS)}


def _ensure_retention(admin: AdminClient, country: str, existing: Collection[str]) -> int:
    """Set the retention of topics that existed before and have another one; return their number."""
    changed = 0
    for setting in {tuple(retention(country, name).items()) for name in existing}:
        wanted = dict(setting)
        names = [name for name in existing if retention(country, name) == wanted]
        other = _with_other_settings(admin, names, wanted)
        change_settings(admin, other, wanted)
        changed += len(other)
    return changed


def change_settings(admin: AdminClient, names: Collection[str], wanted: Mapping[str, str]) -> None:
    """Change settings of topics, and wait until the broker knows them."""
    entries = [
        ConfigEntry(key, value, incremental_operation=AlterConfigOpType.SET) for key, value in wanted.items()
    ]
    changes = [ConfigResource(ConfigResource.Type.TOPIC, name, incremental_configs=entries) for name in names]
    if changes:
        _wait_for_all(admin.incremental_alter_configs(changes).values())
        _wait_until(lambda: not _with_other_settings(admin, names, wanted), "settings of topics")


def _with_other_settings(admin: AdminClient, names: Collection[str], wanted: Mapping[str, str]) -> list[str]:
    """Return the topics that have other settings."""
    if not names:
        return []
    resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in names]
    current = {
        resource.name: future.result(TIMEOUT_SECONDS)
        for resource, future in admin.describe_configs(resources).items()
    }
    return [
        name
        for name, config in current.items()
        if any(config[key].value != value for key, value in wanted.items())
    ]


def _ensure_access_lists(admin: AdminClient, country: str) -> int:
    current, wanted = _current_access_lists(admin), access_lists(country)
    missing, extra = wanted - current, current - wanted
    if missing:
        _wait_for_all(admin.create_acls(list(missing)).values())
    if extra:
        _wait_for_all(admin.delete_acls([_filter_for(binding) for binding in extra]).values())
    if missing or extra:
        _wait_until(lambda: _current_access_lists(admin) == wanted, "access lists")
    return len(missing) + len(extra)


def _current_access_lists(admin: AdminClient) -> set[AclBinding]:
    """Return the access lists of the services' accounts."""
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
    return {
        binding
        for binding in admin.describe_acls(ours).result(TIMEOUT_SECONDS)
        if binding.principal in accounts
    }


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


def _wait_until(is_known: Callable[[], bool], what: str) -> None:
    """Wait until the broker knows what the controller has accepted. Raises StackError."""
    end = time.monotonic() + TIMEOUT_SECONDS
    while not is_known():
        if time.monotonic() > end:
            raise StackError(
                f"Kafka's controller accepted {what}, but the broker does not know them after "
                f"{TIMEOUT_SECONDS:g} seconds. See Kafka's log."
            )
        time.sleep(PAUSE_SECONDS)
