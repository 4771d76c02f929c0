"""The machine clients of agencies: an agency's own software, which logs in by itself with duties given one by one.

Each is a Keycloak client whose service account is a member of exactly one organization. It proves itself with a private
key of the agency (RFC 7523), or with a secret that is shown once and ends.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from solidary.platform.identity import SOFTWARE_DUTIES, Duty, incompatible_duties, service_client_id

from stack.errors import StackError
from stack.provision.admin_api import AdminApi, Representation
from stack.provision.realm import mark_as_software
from stack.provision.realm_settings import AGENCY, agency_software

SECRET_ENDS = "secret_ends"
"""The claim with the end of a client's secret, in Unix seconds: services refuse a token after it.

Keycloak itself ends secrets by a feature that is a preview only.
"""
MAPPERS = "protocol-mappers/models"
SECRET_DAYS, LONGEST_SECRET_DAYS = 180, 400
NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
SMALLEST_RSA_KEY = 2048


@dataclass(frozen=True)
class MachineClient:
    """An agency's software. `subject` is its account, which stands as `recorded_by` in what it wrote."""

    client_id: str
    agency: str
    subject: str
    duties: tuple[Duty, ...]
    enabled: bool
    has_key: bool
    """True where it proves itself with its private key, and not with a secret."""
    secret_ends: datetime | None
    """None for a client with a key, and for one of a demonstration."""

    def __str__(self) -> str:
        end = f" until {self.secret_ends:%Y-%m-%d}" if self.secret_ends else ""
        proof = "private key" if self.has_key else f"secret{end}"
        state = "enabled" if self.enabled else "disabled"
        duties = ", ".join(self.duties) or "no duties"
        return f"{self.agency}  {self.client_id}  {state}  {proof}  {duties}  {self.subject}"


def list_machine_clients(api: AdminApi, agency: str | None = None) -> list[MachineClient]:
    """Return the machine clients of an agency, or of all, by agency and client id."""
    clients = [
        entry
        for entry in api.list("/clients")
        if AGENCY in entry["attributes"] and agency in (None, entry["attributes"][AGENCY])
    ]
    organizations = {entry["alias"]: entry["id"] for entry in api.list("/organizations")}
    found = [_describe(api, entry, organizations[entry["attributes"][AGENCY]]) for entry in clients]
    return sorted(found, key=lambda client: (client.agency, client.client_id))


def find_machine_client(api: AdminApi, client_id: str) -> MachineClient:
    """Return a machine client. Raises StackError where there is none of that id."""
    entry = _find(api, client_id)
    return _describe(api, entry, _organization(api, entry["attributes"][AGENCY]))


def add_machine_client(
    api: AdminApi,
    agency: str,
    name: str,
    duties: Collection[Duty],
    *,
    public_key: str | None = None,
    secret_days: int = SECRET_DAYS,
) -> str | None:
    """Create the client `<agency>-<name>`, and return its secret: it is shown this once, and ends after so many days.

    With `public_key` (PEM or JWK) there is none: the software signs its requests for tokens with the private key.
    Raises StackError, also where there is such a client.
    """
    require_software_duties(duties)
    if not NAME.fullmatch(name) or len(name) > 40:
        raise StackError("Name the client in small letters, digits and hyphens, at most 40 of them.")
    client_id, organization = f"{agency}-{name}", _organization(api, agency)
    if client_id.startswith(service_client_id("")):
        raise StackError("A client id that begins with svc- is one of a service. Choose another name.")
    if api.list("/clients", clientId=client_id):
        raise StackError(f"There is a client {client_id} already. Choose another name.")
    proof, secret = _proof(public_key, secret_days)
    settings = agency_software(client_id)
    attributes = {**settings["attributes"], **proof.pop("attributes"), AGENCY: agency}
    ends = proof.pop(SECRET_ENDS)
    client = api.create("/clients", {**settings, **proof, "attributes": attributes})
    _set_end(api, client, ends)
    account = _account(api, client)
    user = api.find(f"/users/{account}")
    assert user is not None
    mark_as_software(api, user, client_id)
    api.create(f"/organizations/{organization}/members", account)
    for duty in sorted(duties):
        api.add_member(f"{_holders(api, organization, duty)}/{account}")
    return secret


def renew_proof(
    api: AdminApi, client_id: str, *, public_key: str | None = None, secret_days: int = SECRET_DAYS
) -> str | None:
    """Give a client a new secret, which is returned this once, or a new public key. The old one ends at once."""
    entry = _find(api, client_id)
    proof, secret = _proof(public_key, secret_days)
    attributes = {**entry["attributes"], **proof.pop("attributes")}
    ends = proof.pop(SECRET_ENDS)
    api.replace(f"/clients/{entry['id']}", {**entry, **proof, "attributes": attributes})
    _set_end(api, entry["id"], ends)
    return secret


def enable_machine_client(api: AdminApi, client_id: str, *, enabled: bool) -> None:
    """Let a client get tokens, or no longer. Tokens that it has end within a minute, and no service exchanges them."""
    entry = _find(api, client_id)
    account = _account(api, entry["id"])
    user = api.find(f"/users/{account}")
    assert user is not None
    api.replace(f"/users/{account}", {**user, "enabled": enabled})
    api.replace(f"/clients/{entry['id']}", {**entry, "enabled": enabled})


def give_duty(api: AdminApi, client_id: str, duty: Duty) -> None:
    """Give a client one more duty. Raises StackError for one that no software may have, or not beside its others."""
    client = find_machine_client(api, client_id)
    require_software_duties({*client.duties, duty})
    api.add_member(f"{_holders(api, _organization(api, client.agency), duty)}/{client.subject}")


def take_duty(api: AdminApi, client_id: str, duty: Duty) -> None:
    """Take a duty from a client; tokens that it has keep the duty for a minute at most."""
    client = find_machine_client(api, client_id)
    if duty in client.duties:
        api.delete(f"{_holders(api, _organization(api, client.agency), duty)}/{client.subject}")


def require_software_duties(duties: Collection[Duty]) -> None:
    """Raise StackError for duties that software may not have, or not together."""
    if forbidden := set(duties) - SOFTWARE_DUTIES:
        raise StackError(
            f"Software cannot have the duty {' or '.join(sorted(forbidden))}. "
            f"Its duties are: {', '.join(sorted(SOFTWARE_DUTIES))}."
        )
    if conflicting := incompatible_duties(duties):
        raise StackError(
            f"One client cannot have the duties {' and '.join(sorted(conflicting))} together. "
            "Create another client for one of them."
        )


def _describe(api: AdminApi, entry: Representation, organization: str) -> MachineClient:
    account = _account(api, entry["id"])
    groups = api.list(f"/organizations/{organization}/members/{account}/groups")
    has_key = entry["clientAuthenticatorType"] == "client-jwt"
    mappers = {mapper["name"]: mapper for mapper in entry.get("protocolMappers", [])}
    ends = int(mappers[SECRET_ENDS]["config"]["claim.value"]) if SECRET_ENDS in mappers else 0
    return MachineClient(
        entry["clientId"],
        entry["attributes"][AGENCY],
        account,
        tuple(sorted(Duty(group["name"]) for group in groups if group["name"] in set(Duty))),
        entry["enabled"],
        has_key,
        datetime.fromtimestamp(ends, UTC) if ends else None,
    )


def _proof(public_key: str | None, secret_days: int) -> tuple[dict[str, Any], str | None]:
    """Return the settings by which a client proves itself, and its secret where it has one."""
    if public_key is not None:
        keys = json.dumps({"keys": [_public_jwk(public_key)]})
        attributes = {"use.jwks.string": "true", "jwks.string": keys}
        return {"clientAuthenticatorType": "client-jwt", "attributes": attributes, SECRET_ENDS: 0}, None
    if not 1 <= secret_days <= LONGEST_SECRET_DAYS:
        raise StackError(f"A secret lasts from 1 to {LONGEST_SECRET_DAYS} days.")
    secret = token_urlsafe(32)
    settings = {
        "clientAuthenticatorType": "client-secret",
        "secret": secret,
        "attributes": {"use.jwks.string": "false"},
        SECRET_ENDS: int(time.time()) + secret_days * 86400,
    }
    return settings, secret


def _set_end(api: AdminApi, client: str, ends: int) -> None:
    """Write the end of a client's secret into its tokens; 0 for a client without one."""
    wanted = {
        "name": SECRET_ENDS,
        "protocol": "openid-connect",
        "protocolMapper": "oidc-hardcoded-claim-mapper",
        "config": {
            "claim.name": SECRET_ENDS,
            "claim.value": str(ends),
            "jsonType.label": "long",
            "access.token.claim": "true",
        },
    }
    mappers = f"/clients/{client}/{MAPPERS}"
    current = next((mapper for mapper in api.list(mappers) if mapper["name"] == SECRET_ENDS), None)
    api.ensure(mappers, current, wanted)


def _public_jwk(text: str) -> Mapping[str, Any]:
    """Return a public key as a JWK for signatures. Raises StackError, also for a private key: it stays at home."""
    key = _read_key(text)
    if key is None:
        raise StackError(
            "The public key cannot be read. Give it as PEM or as one JWK, of RSA or of an elliptic curve."
        )
    if key.is_private:
        raise StackError("This is a private key. Keep it, and give its public half.")
    if isinstance(key, RSAKey) and key.raw_value.key_size < SMALLEST_RSA_KEY:
        raise StackError(f"An RSA key needs at least {SMALLEST_RSA_KEY} bits.")
    key.ensure_kid()
    algorithm = "RS256" if isinstance(key, RSAKey) else "ES256"
    return {**key.as_dict(private=False), "use": "sig", "alg": algorithm}


def _read_key(text: str) -> RSAKey | ECKey | None:
    """Return the key in a text; None where it is none of these kinds."""
    for kind in (RSAKey, ECKey):
        try:
            return kind.import_key(json.loads(text) if text.lstrip().startswith("{") else text)
        except (JoseError, ValueError, KeyError, TypeError):
            continue
    return None


def _find(api: AdminApi, client_id: str) -> Representation:
    found = [entry for entry in api.list("/clients", clientId=client_id) if AGENCY in entry["attributes"]]
    if not found:
        raise StackError(f"There is no machine client {client_id}.")
    return found[0]


def _account(api: AdminApi, client: str) -> str:
    account = api.find(f"/clients/{client}/service-account-user")
    assert account is not None
    return str(account["id"])


def _organization(api: AdminApi, agency: str) -> str:
    for entry in api.list("/organizations"):
        if entry["alias"] == agency:
            return str(entry["id"])
    raise StackError(f"There is no agency {agency}.")


def _holders(api: AdminApi, organization: str, duty: Duty) -> str:
    groups = f"/organizations/{organization}/groups"
    for group in api.list(groups):
        if group["name"] == duty:
            return f"{groups}/{group['id']}/members"
    raise StackError(f"The agency has no group for the duty {duty}. Provision the realm, which makes it.")
