"""The Helm chart: what can be checked without helm. `make chart` checks the rest and records it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from solidary.platform.service import VERSION
from solidary.platform.telemetry.metrics import CONSUMER_LAG, JOBS_WAITING
from workspace.chart_check import CHART, PROGRAMS, RECORD, SCHEMAS, digest
from workspace.checkout import ROOT
from workspace.manifests import faults

TEMPLATES = sorted((CHART / "templates").iterdir())
TEXT = "\n".join(file.read_text() for file in TEMPLATES)
VALUES = yaml.safe_load((CHART / "values.yaml").read_text())


def test_chart_was_checked_since_it_was_changed():
    record = json.loads(RECORD.read_text())
    assert record["chart"] == digest(), (
        "Run `make chart`: templates or values were changed after the last check."
    )
    assert (record["programs"], record["schemas"]) == (PROGRAMS, SCHEMAS)
    assert record["manifests"]["scaled"]["ScaledObject"] >= 6


def test_chart_has_the_version_of_the_platform():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert chart["version"] == chart["appVersion"] == VERSION


@pytest.mark.parametrize("path", sorted(set(re.findall(r"(?:\$root|\.root|\$)?\.Values((?:\.\w+)+)", TEXT))))
def test_value_of_a_template_exists(path: str):
    found: Any = VALUES
    for name in path.strip(".").split("."):
        assert name in found
        found = found[name]


def test_every_template_that_is_included_is_defined_and_every_other_is_not():
    assert set(re.findall(r'include "([\w.]+)"', TEXT)) == set(re.findall(r'define "([\w.]+)"', TEXT))


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_blocks_of_a_template_are_closed(file: Path):
    text = file.read_text()
    opened = re.findall(r"\{\{-? (?:if|range|with|define) ", text)
    assert len(opened) == len(re.findall(r"\{\{-? end \}\}", text))


def test_processes_are_started_as_in_the_compose_file():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    commands = re.findall(r"args: (\[python, -m, \{\{ \$name \}\}.*\])", TEXT)
    written = {tuple(yaml.safe_load(command.replace("{{ $name }}", "intake"))) for command in commands}
    assert written == {
        tuple(services[f"intake-{kind}"]["command"]) for kind in ("api", "worker", "relay", "migrate")
    }


def test_pod_of_the_front_door_writes_its_settings_without_a_password(tmp_path: Path):
    text = (CHART / "templates" / "door.yaml").read_text()
    (command,) = re.findall(r"args: \[python, -m, stack, (.*)\]", text)
    environment = {
        **os.environ,
        "SOLIDARY_SETTINGS": str(tmp_path),
        "SOLIDARY_PUBLIC": "https://solidary.example",
        "SOLIDARY_DOOR_PORT": "8443",
        "SOLIDARY_CERTIFICATES": "/certificates",
    }
    subprocess.run([sys.executable, "-m", "stack", command], env=environment, check=True)
    assert {file.name for file in tmp_path.iterdir()} == {"caddy"}
    settings = (tmp_path / "caddy" / "Caddyfile").read_text()
    assert "https://solidary.example:8443" in settings
    assert "/certificates/" in settings


def test_workers_are_scaled_by_metrics_that_exist():
    named = set(re.findall(r"\bsolidary_\w+", (CHART / "templates" / "worker.yaml").read_text()))
    assert named == {CONSUMER_LAG.prometheus_name, JOBS_WAITING.prometheus_name}


def deployment(**changes: Any) -> dict[str, Any]:
    labels = {"component": "intake-api"}
    container = {
        "name": "api",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"limits": {"memory": "1Gi"}, "requests": {"cpu": "1"}},
        "livenessProbe": {},
        "readinessProbe": {},
        "ports": [{"containerPort": 8000}],
        "env": [],
    }
    pod = {
        "automountServiceAccountToken": False,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": 1000,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumes": [{"name": "settings", "secret": {"secretName": "solidary-intake-api"}}],
    }
    own = {name: value for name, value in changes.items() if name in container}
    pod |= {name: value for name, value in changes.items() if name in ("volumes", "hostNetwork")}
    return {
        "kind": "Deployment",
        "metadata": {"name": "intake-api"},
        "spec": {
            "replicas": changes.get("replicas", 2),
            "template": {"metadata": {"labels": labels}, "spec": pod | {"containers": [container | own]}},
        },
    }


COVER = [
    {
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "b"},
        "spec": {"selector": {"matchLabels": {"component": "intake-api"}}},
    },
    {
        "kind": "NetworkPolicy",
        "metadata": {"name": "n"},
        "spec": {"podSelector": {"matchLabels": {"component": "intake-api"}}},
    },
]


def test_well_made_manifest_breaks_no_rule():
    assert list(faults([deployment(), *COVER])) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"replicas": 1}, "There may be a single pod."),
        ({"hostNetwork": True}, "The pod reaches into its host."),
        ({"volumes": [{"secret": {"secretName": "solidary-intake-worker"}}]}, "not its own one only"),
        ({"securityContext": {}}, "may get further rights."),
        ({"securityContext": {"allowPrivilegeEscalation": False}}, "may write into its image."),
        ({"resources": {}}, "has no limit of memory"),
        (
            {"env": [{"name": "SOLIDARY_KAFKA_PASSWORD", "value": "x"}]},
            "has SOLIDARY_KAFKA_PASSWORD in its manifest.",
        ),
    ],
)
def test_rule_that_is_broken_is_named(changes: dict[str, Any], fault: str):
    assert any(fault in found for found in faults([deployment(**changes), *COVER]))


def test_missing_budget_and_a_selector_of_nothing_are_found():
    stray = {"kind": "Service", "metadata": {"name": "s"}, "spec": {"selector": {"component": "other"}}}
    found = list(faults([deployment(), COVER[1], stray]))
    assert found == [
        "Deployment intake-api: No PodDisruptionBudget covers its pods.",
        "Service s: It selects no pod.",
    ]
