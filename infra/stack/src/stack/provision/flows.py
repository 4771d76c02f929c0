"""The authentication flows of the realm: a password first, and a one-time code for the routes that need it.

A flow is made whole. One that somebody changed by hand is replaced, because a missing step would be a missing factor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from stack.provision.admin_api import AdminApi, Representation

Requirement = Literal["REQUIRED", "ALTERNATIVE", "CONDITIONAL"]
PASSWORD_SECONDS, CODE_SECONDS = 36000, 900
"""The time for which a password and a code need not be given again in a session of the browser."""


@dataclass(frozen=True)
class Step:
    """One step of a flow: an authenticator of Keycloak, or a flow within the flow."""

    requirement: Requirement
    authenticator: str = ""
    config: tuple[tuple[str, str], ...] = ()
    flow: Flow | None = None


@dataclass(frozen=True)
class Flow:
    """A flow by its name, with its steps in order."""

    alias: str
    steps: tuple[Step, ...]


Summary: TypeAlias = tuple[int, str, str, tuple[tuple[str, str], ...]]
"""One step: its depth, its authenticator or flow, its requirement and its settings."""


def _level(number: int, seconds: int) -> Step:
    settings = (("loa-condition-level", str(number)), ("loa-max-age", str(seconds)))
    return Step("REQUIRED", "conditional-level-of-authentication", settings)


BROWSER = Flow(
    "solidary browser",
    (
        Step("ALTERNATIVE", "auth-cookie"),
        Step("ALTERNATIVE", "identity-provider-redirector"),
        # Without it a second single sign-on with the scope `organization` fails.
        Step(
            "ALTERNATIVE",
            flow=Flow(
                "solidary organization",
                (
                    Step(
                        "CONDITIONAL",
                        flow=Flow(
                            "solidary conditional organization",
                            (
                                Step("REQUIRED", "conditional-user-configured"),
                                Step("ALTERNATIVE", "organization"),
                            ),
                        ),
                    ),
                ),
            ),
        ),
        Step(
            "ALTERNATIVE",
            flow=Flow(
                "solidary forms",
                (
                    Step(
                        "CONDITIONAL",
                        flow=Flow(
                            "solidary password",
                            (_level(1, PASSWORD_SECONDS), Step("REQUIRED", "auth-username-password-form")),
                        ),
                    ),
                    Step(
                        "CONDITIONAL",
                        flow=Flow(
                            "solidary code", (_level(2, CODE_SECONDS), Step("REQUIRED", "auth-otp-form"))
                        ),
                    ),
                ),
            ),
        ),
    ),
)
DEMONSTRATION_GRANT = Flow(
    "demonstration grant",
    (
        Step("REQUIRED", "direct-grant-validate-username"),
        Step("REQUIRED", "direct-grant-validate-password"),
        Step(
            "CONDITIONAL",
            flow=Flow(
                "demonstration code", (_level(2, CODE_SECONDS), Step("REQUIRED", "direct-grant-validate-otp"))
            ),
        ),
    ),
)
"""The flow of a demonstration's logins by password: a password and a code at once."""


def ensure_flow(api: AdminApi, wanted: Flow, current: Representation | None) -> str:
    """Create a top-level flow where it is missing and return its id; replace one that differs.

    `current` is the flow of that alias as the realm has it.
    """
    if current is not None:
        if list(_found(api, wanted.alias)) == list(_summaries(wanted)):
            return str(current["id"])
        _unbind(api, wanted.alias)
        api.delete(f"/authentication/flows/{current['id']}")
    return _create(api, wanted, top=True)


def _unbind(api: AdminApi, alias: str) -> None:
    """Let the realm use Keycloak's own flow while the wanted one is made again: it gives no second factor."""
    realm = api.find()
    if realm is not None and realm.get("browserFlow") == alias:
        api.replace("", {**realm, "browserFlow": "browser"})


def _create(api: AdminApi, flow: Flow, *, top: bool) -> str:
    body = {"alias": flow.alias, "providerId": "basic-flow", "topLevel": top, "builtIn": False}
    id_ = api.create("/authentication/flows", body)
    for step in flow.steps:
        execution: dict[str, Any] = {"parentFlow": id_, "requirement": step.requirement}
        if step.flow is not None:
            execution |= {"authenticatorFlow": True, "flowId": _create(api, step.flow, top=False)}
        else:
            execution |= {"authenticatorFlow": False, "authenticator": step.authenticator}
        created = api.create("/authentication/executions", execution)
        if step.config:
            config = {"alias": flow.alias, "config": dict(step.config)}
            api.create(f"/authentication/executions/{created}/config", config)
    return id_


def _summaries(flow: Flow, depth: int = 0) -> Iterator[Summary]:
    for step in flow.steps:
        name = step.authenticator if step.flow is None else step.flow.alias
        yield depth, name, step.requirement, step.config
        if step.flow is not None:
            yield from _summaries(step.flow, depth + 1)


def _found(api: AdminApi, alias: str) -> Iterator[Summary]:
    for entry in api.list(f"/authentication/flows/{alias}/executions"):
        config: Mapping[str, str] = {}
        if entry.get("authenticationConfig"):
            found = api.find(f"/authentication/config/{entry['authenticationConfig']}")
            config = found.get("config", {}) if found is not None else {}
        name = entry["displayName"] if entry.get("authenticationFlow") else entry["providerId"]
        yield entry["level"], name, entry["requirement"], tuple(sorted(config.items()))
