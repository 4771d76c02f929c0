"""The containers' way, as far as it can go without an engine.

`prepare` and `provision` run for real, against servers that they did not start; the compose file is read by the
real parser where one is installed, and by these tests in any case. No container was ever run here.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from stack import Run, Stack
from stack.artifacts import locked
from stack.containers import Places, prepare
from stack.servers.postgres import INITDB
from stack.services import SERVICES

ROOT = Path(__file__).resolve().parents[3]
COMPOSE = ROOT / "docker-compose.yml"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return parsed


def properties(file: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in file.read_text().splitlines())


def variables(file: Path) -> dict[str, str]:
    return dict(shlex.split(line)[0].split("=", 1) for line in file.read_text().splitlines())


def command(settings: Path, *arguments: str, **places: str) -> subprocess.CompletedProcess[str]:
    environment = {f"SOLIDARY_{name.upper()}": value for name, value in places.items()}
    return subprocess.run(
        [sys.executable, "-m", "stack", *arguments],
        env=os.environ | environment | {"SOLIDARY_SETTINGS": str(settings)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_servers_that_somebody_else_started_are_brought_to_the_wanted_state(
    stack: Stack, run: Run, tmp_path: Path
) -> None:
    shutil.copy(stack.folder / "secrets.json", tmp_path)
    done = command(
        tmp_path,
        "provision",
        postgres=f"{run.postgres.host}:{run.postgres.port}",
        kafka=run.kafka.bootstrap,
        keycloak=run.keycloak.url,
        keycloak_public=run.keycloak.url,
    )
    assert done.returncode == 0, done.stderr
    for service in SERVICES:
        file = tmp_path / service / "environment"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        ours, theirs = run.environment(service), variables(file)
        different = {name for name in ours if theirs.get(name) != ours[name]}
        assert different == {
            "SOLIDARY_TELEMETRY_DIR",
            *(name for name in ours if name.startswith("SOLIDARY_URL_")),
        }
        assert theirs["SOLIDARY_URL_INTAKE"] == "http://intake-api:8000"


def test_a_part_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    done = command(tmp_path, "provision", "databses")
    assert done.returncode == 2
    assert "databases, kafka, realm" in done.stderr


def test_the_containers_servers_are_set_like_the_laptops(stack: Stack, run: Run, tmp_path: Path) -> None:
    """Same settings, but for passwords, addresses and folders."""
    prepare(Places(settings=tmp_path))
    own = {
        "server.properties": {"listeners", "advertised.listeners", "controller.quorum.voters", "log.dirs"},
        "keycloak.conf": {"hostname", "http-host", "http-port", "http-management-port", "db-url"},
        "postgresql.conf": {"listen_addresses "},
    }
    laptops = {
        "server.properties": stack.kafka.home / "server.properties",
        "keycloak.conf": stack.keycloak.home / "keycloak.conf",
        "postgresql.conf": stack.postgres.home / "postgresql.conf",
    }
    for server, name in zip(("kafka", "keycloak", "postgres"), own, strict=True):
        theirs, ours = properties(tmp_path / server / name), properties(laptops[name])
        different = {key for key in theirs.keys() | ours.keys() if theirs.get(key) != ours.get(key)}
        secret = {key for key in different if "password" in key or key.endswith("jaas.config")}
        assert different - secret == own[name]


def test_preparing_again_changes_no_password_and_no_cluster(tmp_path: Path) -> None:
    def files() -> dict[str, str]:
        return {str(file): file.read_text() for file in tmp_path.rglob("*") if file.is_file()}

    prepare(Places(settings=tmp_path))
    first = files()
    prepare(Places(settings=tmp_path))
    assert files() == first


def test_the_images_are_of_the_versions_that_the_lock_file_names(compose: dict[str, Any]) -> None:
    kafka = next(artifact.version for artifact in locked("kafka") if artifact.name == "kafka_2.13")
    (keycloak,) = locked("keycloak")
    assert compose["services"]["kafka"]["image"] == f"apache/kafka:{kafka}"
    assert compose["services"]["keycloak"]["image"] == f"keycloak/keycloak:{keycloak.version}"
    assert compose["services"]["postgres"]["image"] == "postgres:18"
    assert compose["services"]["postgres"]["environment"]["POSTGRES_INITDB_ARGS"] == " ".join(INITDB)


def test_every_service_migrates_then_serves_and_works_with_its_own_settings_only(
    compose: dict[str, Any],
) -> None:
    for service in SERVICES:
        for role in ("migrate", "api", "worker"):
            container = compose["services"][f"{service}-{role}"]
            assert container["command"][:4] == ["python", "-m", service, role]
            assert container["volumes"] == [f"{service}-settings:/settings:ro"]
            before = "provision" if role == "migrate" else f"{service}-migrate"
            assert container["depends_on"] == {before: {"condition": "service_completed_successfully"}}


def test_nothing_is_published_beyond_this_machine_and_no_port_twice(compose: dict[str, Any]) -> None:
    published = [port for container in compose["services"].values() for port in container.get("ports", ())]
    assert len(published) == 7
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port) for port in published)
    assert len({port.split(":")[1] for port in published}) == len(published)


def test_no_password_stands_in_the_compose_file(compose: dict[str, Any]) -> None:
    for container in compose["services"].values():
        for name in container.get("environment", {}):
            assert name.endswith("_FILE") or not re.search("PASSWORD|SECRET|KEY$", name)


def compose_parser() -> list[str] | None:
    """`docker compose` or `docker-compose`, or the program that SOLIDARY_COMPOSE names; none needs an engine."""
    for candidate in (os.environ.get("SOLIDARY_COMPOSE"), "docker-compose"):
        if candidate and shutil.which(candidate):
            return [candidate]
    plugin = ["docker", "compose"]
    if (
        shutil.which("docker")
        and not subprocess.run([*plugin, "version"], capture_output=True, check=False).returncode
    ):
        return plugin
    return None


def test_the_real_parser_accepts_the_compose_file(compose: dict[str, Any]) -> None:
    parser = compose_parser()
    if parser is None:
        pytest.skip("no docker compose here; docs/operating/stack.md says how to build its parser")
    done = subprocess.run(
        [*parser, "-f", str(COMPOSE), "config"], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    read = yaml.safe_load(done.stdout)
    assert read["services"].keys() == compose["services"].keys()
    # What anchors merge and `$$` escapes is what a container gets.
    assert 'test "$$' not in done.stdout
    assert read["services"]["cash-api"]["environment"]["OTEL_EXPORTER_OTLP_ENDPOINT"]


@pytest.mark.parametrize("script", ["infra/containers/entrypoint"])
def test_the_entrypoint_gives_a_service_its_variables(script: str, tmp_path: Path) -> None:
    text = (ROOT / script).read_text().replace("/settings/", f"{tmp_path}/")
    (tmp_path / "environment").write_text("SOLIDARY_SECRET='a b'\"'\"'c'\n")
    shown = subprocess.run(
        ["sh", "-c", text, "entrypoint", "sh", "-c", 'printf %s "$SOLIDARY_SECRET"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout == "a b'c"
    assert os.access(ROOT / script, os.X_OK)
