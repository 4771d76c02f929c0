"""The deployment in containers, as far as it can be tested without an engine.

`prepare` and `provision` run for real, against servers that they did not start. The compose file is read by the real
parser where one is installed, and by these tests in any case.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from stack import Run, Stack
from stack.artifacts import locked_artifacts
from stack.containers import CONTAINERS, Deployment, prepare
from stack.run_file import NEEDS
from stack.servers.postgres import INITDB_OPTIONS
from stack.services import SERVICES, Service, called_services, services_with_events

ROOT = Path(__file__).resolve().parents[3]
COMPOSE = ROOT / "docker-compose.yml"


def containers_of(service: Service) -> list[str]:
    """Return the kinds of containers that a service has: one without events has no relay."""
    return [kind for kind in CONTAINERS if kind != "relay" or service in services_with_events()]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return parsed


def properties(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def variables(file: Path) -> dict[str, str]:
    return dict(shlex.split(line)[0].split("=", 1) for line in file.read_text().splitlines())


def run_command(settings: Path, *arguments: str, **places: str) -> subprocess.CompletedProcess[str]:
    environment = {f"SOLIDARY_{name.upper()}": value for name, value in places.items()}
    return subprocess.run(
        [sys.executable, "-m", "stack", *arguments],
        env=os.environ | environment | {"SOLIDARY_SETTINGS": str(settings), "SOLIDARY_DEMONSTRATION": "true"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_provision_brings_servers_that_somebody_else_started_to_the_wanted_state(
    stack: Stack, run: Run, tmp_path: Path
) -> None:
    shutil.copy(stack.folder / "secrets.json", tmp_path)
    done = run_command(
        tmp_path,
        "provision",
        postgres=f"{run.postgres.host}:{run.postgres.port}",
        kafka=run.kafka.bootstrap,
        keycloak=run.keycloak.url,
        public=run.address,
        trusted_proxies="127.0.0.1",
    )
    assert done.returncode == 0, done.stderr
    for service, process in product(SERVICES, CONTAINERS):
        file = tmp_path / service / process / "environment"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        native, deployed = run.environment(service, process), variables(file)
        different = {name for name in native if deployed.get(name) != native[name]}
        assert different - {"SOLIDARY_PEERS"} == {"SOLIDARY_TELEMETRY_DIR"}
        if process in ("api", "worker") and called_services(service):
            peers = {name: f"http://{name}-api:8000" for name in called_services(service)}
            assert json.loads(deployed["SOLIDARY_PEERS"]) == peers


def test_unknown_part_is_refused(tmp_path: Path) -> None:
    done = run_command(tmp_path, "provision", "databses")
    assert done.returncode == 2
    assert "databases, kafka, realm" in done.stderr


def test_servers_in_containers_have_the_settings_of_the_native_ones(
    stack: Stack, run: Run, tmp_path: Path
) -> None:
    """Passwords, addresses and folders differ, and nothing else."""
    prepare(Deployment(settings=tmp_path))
    expected = {
        "server.properties": {"listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs"},
        "keycloak.conf": {
            "hostname",
            "hostname-admin",
            "proxy-trusted-addresses",
            "http-host",
            "http-port",
            "http-management-port",
            "db-url",
        },
        "postgresql.conf": {"listen_addresses "},
    }
    native = {
        "server.properties": stack.kafka.home / "server.properties",
        "keycloak.conf": stack.keycloak.home / "keycloak.conf",
        "postgresql.conf": stack.postgres.home / "postgresql.conf",
    }
    for server, name in zip(("kafka", "keycloak", "postgres"), expected, strict=True):
        deployed, wanted = properties(tmp_path / server / name), properties(native[name])
        different = {key for key in deployed.keys() | wanted.keys() if deployed.get(key) != wanted.get(key)}
        secret = {key for key in different if "password" in key or key.endswith(("secret", "jaas.config"))}
        assert different - secret == expected[name]


def test_preparing_again_changes_no_password_and_no_cluster_id(tmp_path: Path) -> None:
    def files() -> dict[str, str]:
        return {str(file): file.read_text() for file in tmp_path.rglob("*") if file.is_file()}

    prepare(Deployment(settings=tmp_path))
    first = files()
    prepare(Deployment(settings=tmp_path))
    assert files() == first


def test_images_have_the_versions_of_the_lock_file(compose: dict[str, Any]) -> None:
    kafka = next(artifact.version for artifact in locked_artifacts("kafka") if artifact.name == "kafka_2.13")
    (keycloak,) = locked_artifacts("keycloak")
    assert compose["services"]["kafka"]["image"] == f"apache/kafka:{kafka}"
    assert compose["services"]["keycloak"]["image"] == f"keycloak/keycloak:{keycloak.version}"
    assert compose["services"]["postgres"]["image"] == "postgres:18"
    assert compose["services"]["postgres"]["environment"]["POSTGRES_INITDB_ARGS"] == " ".join(INITDB_OPTIONS)


@pytest.mark.parametrize("service", SERVICES)
def test_each_container_of_a_service_has_the_settings_that_it_needs_and_no_others(
    compose: dict[str, Any], service: Service
) -> None:
    for process in containers_of(service):
        container = compose["services"][f"{service}-{process}"]
        assert container["command"][:3] == ["python", "-m", service]
        assert container["volumes"] == [f"{service}-{process}-settings:/settings:ro"]
        before = "provision" if process == "migrate" else f"{service}-migrate"
        assert container["depends_on"] == {before: {"condition": "service_completed_successfully"}}
    parts = {"worker": ["--only", "consumers", "--only", "jobs"], "relay": ["--only", "relay"]}
    for process in parts.keys() & set(containers_of(service)):
        assert compose["services"][f"{service}-{process}"]["command"][4:] == parts[process]


def test_only_a_migration_gets_a_role_past_row_level_security(run: Run) -> None:
    held = {
        process: {name for name in run.environment("intake", process) if name.startswith("SOLIDARY_DATABASE")}
        for process in NEEDS
    }
    assert held == {
        "all": {"SOLIDARY_DATABASE_APP", "SOLIDARY_DATABASE_RELAY"},
        "api": {"SOLIDARY_DATABASE_APP"},
        "worker": {"SOLIDARY_DATABASE_APP"},
        "relay": {"SOLIDARY_DATABASE_RELAY"},
        "migrate": {"SOLIDARY_DATABASE_MIGRATE"},
    }


def test_only_a_process_that_answers_requests_holds_what_opens_people(run: Run) -> None:
    secrets = {
        process: {
            name for name in run.environment("intake", process) if "SECRET" in name or name.endswith("_KEYS")
        }
        for process in NEEDS
    }
    of_requests = {"SOLIDARY_SECRET", "SOLIDARY_PERSON_KEYS", "SOLIDARY_SEARCH_KEYS"}
    assert secrets == {
        "all": of_requests | {"SOLIDARY_NOTICE_KEYS"},
        "api": of_requests,
        "worker": set(),
        "relay": {"SOLIDARY_NOTICE_KEYS"},
        "migrate": set(),
    }
    held = {name for name in run.environment("cash", "worker") if "SECRET" in name}
    assert held == {"SOLIDARY_CLIENT_SECRET"}, "its jobs call intake"
    delivers = {name for name in run.environment("subscriptions", "worker") if name.endswith("_KEYS")}
    assert delivers == {"SOLIDARY_NOTICE_KEYS", "SOLIDARY_WEBHOOK_KEYS"}


@pytest.mark.parametrize("service", SERVICES)
def test_containers_of_services_are_sealed(compose: dict[str, Any], service: Service) -> None:
    for process in containers_of(service):
        container = compose["services"][f"{service}-{process}"]
        assert container["read_only"]
        assert container["cap_drop"] == ["ALL"]
        assert container["security_opt"] == ["no-new-privileges:true"]
        assert container["mem_limit"]
        assert "user" not in container  # that of the image, which is not root


def test_ports_are_published_on_the_loopback_address_and_only_once(compose: dict[str, Any]) -> None:
    published = [port for container in compose["services"].values() for port in container.get("ports", ())]
    assert len(published) == 3, "the front door, Keycloak for its administrators, and telemetry"
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in published)
    assert len({port.split(":")[1] for port in published}) == len(published)


def test_compose_file_contains_no_password(compose: dict[str, Any]) -> None:
    for container in compose["services"].values():
        for name in container.get("environment", {}):
            assert name.endswith("_FILE") or not re.search("PASSWORD|SECRET|KEY$", name)


def test_docker_compose_accepts_the_compose_file(
    compose: dict[str, Any], compose_config: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    done = compose_config(COMPOSE.name)
    assert done.returncode == 0, done.stderr
    read = yaml.safe_load(done.stdout)
    assert read["services"].keys() == compose["services"].keys()
    # The parser has merged the anchors.
    assert read["services"]["cash-api"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"]


@pytest.mark.parametrize("script", ["infra/containers/entrypoint"])
def test_entrypoint_passes_a_service_its_variables(script: str, tmp_path: Path) -> None:
    text = (ROOT / script).read_text().replace("/settings/", f"{tmp_path}/")
    (tmp_path / "environment").write_text("SOLIDARY_SECRET='a b'\"'\"'c'\n")
    done = subprocess.run(
        ["sh", "-c", text, "entrypoint", "sh", "-c", 'printf %s "$SOLIDARY_SECRET"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "a b'c"
    assert os.access(ROOT / script, os.X_OK)
