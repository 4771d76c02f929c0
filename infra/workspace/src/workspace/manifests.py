"""The rules that every manifest of the chart obeys: no root, no more rights, no password, no single copy."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

Manifest: TypeAlias = Mapping[str, Any]

WORKLOADS = ("Deployment", "Job")
SECRET_NAMES = re.compile(r"PASSWORD|SECRET|_KEYS?$|DATABASE")
ADDED_CAPABILITIES = frozenset({"NET_BIND_SERVICE"})


def faults(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Yield a sentence for each rule that a manifest breaks."""
    for manifest in manifests:
        name = f"{manifest['kind']} {manifest['metadata']['name']}"
        if manifest["kind"] in WORKLOADS:
            for fault in _pod_faults(manifest):
                yield f"{name}: {fault}"
        if manifest["kind"] == "Deployment":
            for fault in _deployment_faults(manifest, manifests):
                yield f"{name}: {fault}"
        if (
            manifest["kind"] == "Job"
            and "pre-upgrade" not in manifest["metadata"]["annotations"]["helm.sh/hook"]
        ):
            yield f"{name}: It does not run before the new processes."
        if manifest["kind"] in ("Service", "PodDisruptionBudget", "NetworkPolicy") and not _selected(
            manifest, manifests
        ):
            yield f"{name}: It selects no pod."


def _pod_faults(manifest: Manifest) -> Iterator[str]:
    pod = manifest["spec"]["template"]["spec"]
    context = pod.get("securityContext", {})
    if pod.get("automountServiceAccountToken") is not False:
        yield "The pod has a token of the cluster."
    if context.get("runAsNonRoot") is not True or not context.get("runAsUser"):
        yield "The pod may run as root."
    if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "The pod has no seccomp profile."
    if pod.get("hostNetwork") or any("hostPath" in volume for volume in pod.get("volumes", ())):
        yield "The pod reaches into its host."
    own = manifest["metadata"]["name"]
    secrets = [volume["secret"]["secretName"] for volume in pod.get("volumes", ()) if "secret" in volume]
    if own != "door" and [secret.endswith(f"-{own}") for secret in secrets] != [True]:
        yield f"The pod has the Secrets {secrets}, and not its own one only."
    for container in (*pod.get("initContainers", ()), *pod["containers"]):
        for fault in _container_faults(container):
            yield f"The container {container['name']} {fault}"


def _container_faults(container: Manifest) -> Iterator[str]:
    context = container.get("securityContext", {})
    capabilities = context.get("capabilities", {})
    if context.get("allowPrivilegeEscalation") is not False:
        yield "may get further rights."
    if context.get("readOnlyRootFilesystem") is not True:
        yield "may write into its image."
    if capabilities.get("drop") != ["ALL"] or not ADDED_CAPABILITIES.issuperset(capabilities.get("add", ())):
        yield "keeps capabilities."
    resources = container.get("resources", {})
    if "memory" not in resources.get("limits", {}) or "cpu" not in resources.get("requests", {}):
        yield "has no limit of memory, or asks for no processor."
    for variable in container.get("env", ()):
        if SECRET_NAMES.search(variable["name"]) and "value" in variable:
            yield f"has {variable['name']} in its manifest."


def _deployment_faults(manifest: Manifest, manifests: Sequence[Manifest]) -> Iterator[str]:
    name, spec = manifest["metadata"]["name"], manifest["spec"]
    scalers = [
        other["spec"]
        for other in manifests
        if other["kind"] in ("HorizontalPodAutoscaler", "ScaledObject")
        and other["spec"]["scaleTargetRef"]["name"] == name
    ]
    fewest = [scaler.get("minReplicas", scaler.get("minReplicaCount", 0)) for scaler in scalers]
    if len(scalers) > 1 or (scalers and "replicas" in spec):
        yield "Two parties set the number of its pods."
    if min([*fewest, spec.get("replicas", 2)]) < 2:
        yield "There may be a single pod."
    for container in spec["template"]["spec"]["containers"]:
        if "livenessProbe" not in container:
            yield f"The container {container['name']} has no liveness probe."
        if container.get("ports") and "readinessProbe" not in container:
            yield f"The container {container['name']} has no readiness probe."
    labels = spec["template"]["metadata"]["labels"]
    for kind in ("PodDisruptionBudget", "NetworkPolicy"):
        if not any(
            other["kind"] == kind and _selector(other).items() <= labels.items() for other in manifests
        ):
            yield f"No {kind} covers its pods."


def _selector(manifest: Manifest) -> Mapping[str, str]:
    spec = manifest["spec"]
    chosen = spec.get("podSelector") or spec["selector"]
    labels: Mapping[str, str] = chosen.get("matchLabels", chosen)
    return labels


def _selected(manifest: Manifest, manifests: Sequence[Manifest]) -> bool:
    return any(
        _selector(manifest).items() <= other["spec"]["template"]["metadata"]["labels"].items()
        for other in manifests
        if other["kind"] in WORKLOADS
    )
