"""The wanted settings of the realm, its client scopes and its clients."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from solidary.platform.identity import (
    API_PAGES_CLIENT,
    SECOND_FACTOR,
    Duty,
    audience_scope,
    service_client_id,
)

from stack.agencies import AGENCIES, AGENCY_CLIENTS, agency_client_id
from stack.door import api_address
from stack.provision.flows import DEMONSTRATION_GRANT
from stack.run_file import CONSOLE_CLIENT, DEMONSTRATION_CLIENT, REALM
from stack.secret_file import Secrets
from stack.services import SERVICES, Service, called_services

Settings = dict[str, Any]
SERVICE_TOKEN_SECONDS = 60
SOFTWARE_TOKEN_SECONDS = 60
"""The life of a token of an agency's software: when the client is disabled, its last token ends this soon."""
IDLE_SECONDS, SESSION_SECONDS = 1800, 36000
EVENT_DAYS, ADMIN_EVENT_DAYS = 180, 3650
"""The days for which logins are kept, and for which changes are, such as who gave a duty to whom."""
FREQUENT_EVENTS = ("CODE_TO_TOKEN", "REFRESH_TOKEN", "CLIENT_LOGIN", "TOKEN_EXCHANGE")
"""These happen every few minutes and say nothing new: only those that fail are kept."""
KEPT_EVENTS = (
    *("LOGIN", "LOGIN_ERROR", "LOGOUT", "LOGOUT_ERROR", "USER_DISABLED_BY_TEMPORARY_LOCKOUT"),
    *("UPDATE_CREDENTIAL", "UPDATE_CREDENTIAL_ERROR", "REMOVE_CREDENTIAL", "REMOVE_CREDENTIAL_ERROR"),
    *("RESET_PASSWORD", "RESET_PASSWORD_ERROR", "UPDATE_PASSWORD", "UPDATE_PASSWORD_ERROR"),
    *("UPDATE_TOTP", "UPDATE_TOTP_ERROR", "REMOVE_TOTP", "REMOVE_TOTP_ERROR"),
    *("UPDATE_EMAIL", "UPDATE_PROFILE", "EXECUTE_ACTIONS", "IMPERSONATE", "IMPERSONATE_ERROR"),
    *(f"{kind}_ERROR" for kind in FREQUENT_EVENTS),
)
AGENCY = "solidary.agency"
"""The attribute of an agency's software with the alias of its agency."""
SOFTWARE = "software"
"""The attribute of the account of an agency's software with its client id, and the claim that has it."""
MARK = "demonstration"
"""The attribute of the accounts and clients of a demonstration, which go with it."""
ADMIN_CLI = "admin-cli"
NO_PASSWORD_GRANT = {"clientId": ADMIN_CLI, "directAccessGrantsEnabled": False}
# Loopback addresses match on any port (RFC 8252, 7.3).
LOOPBACK = ("http://127.0.0.1/*", "http://localhost/*")


def common_settings() -> Settings:
    """Return the settings of every realm, the one of Keycloak's administrators too."""
    return {
        "enabled": True,
        "registrationAllowed": False,
        # After ten wrong passwords an account waits a minute, then longer, up to a quarter of an hour.
        "bruteForceProtected": True,
        "permanentLockout": False,
        "failureFactor": 10,
        "waitIncrementSeconds": 60,
        "maxFailureWaitSeconds": 900,
        # A refresh token is used once; its second use ends the session's newer token too.
        "revokeRefreshToken": True,
        "refreshTokenMaxReuse": 0,
        "ssoSessionIdleTimeout": IDLE_SECONDS,
        "ssoSessionMaxLifespan": SESSION_SECONDS,
        "rememberMe": False,
        "eventsEnabled": True,
        "eventsExpiration": EVENT_DAYS * 86400,
        "enabledEventTypes": list(KEPT_EVENTS),
        "adminEventsEnabled": True,
        # The details repeat whole accounts, with names; who changed what stands in the event itself.
        "adminEventsDetailsEnabled": False,
        "attributes": {"adminEventsExpiration": str(ADMIN_EVENT_DAYS * 86400)},
    }


def realm_settings(country: str, *, demonstration: bool) -> Settings:
    """Return the settings of the realm itself."""
    common = common_settings()
    return {
        **common,
        "realm": REALM,
        "displayName": f"Solidary {country}",
        "organizationsEnabled": True,
        # Seconds: short for real agencies; long enough that nobody is logged out while they show the platform.
        "accessTokenLifespan": 900 if demonstration else 300,
        "resetPasswordAllowed": not demonstration,
        "passwordPolicy": "length(12)",
        # One-time codes as every authenticator app makes them. Keycloak takes these settings together only.
        "otpPolicyType": "totp",
        "otpPolicyAlgorithm": "HmacSHA1",
        "otpPolicyDigits": 6,
        "otpPolicyInitialCounter": 0,
        "otpPolicyLookAheadWindow": 1,
        "otpPolicyPeriod": 30,
        # In a demonstration many log in as one person in the same half minute.
        "otpPolicyCodeReusable": demonstration,
        # A Keycloak without this theme shows its own.
        "loginTheme": "solidary",
        "internationalizationEnabled": True,
        "supportedLocales": ["es", "en"],
        "defaultLocale": "es",
        "attributes": {
            **common["attributes"],
            "acr.loa.map": json.dumps({"pwd": 1, SECOND_FACTOR: 2}, separators=(",", ":")),
        },
    }


def _mapper(name: str, kind: str, **config: str) -> Settings:
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": kind,
        "config": {"access.token.claim": "true", "introspection.token.claim": "true", **config},
    }


FACTORS_SCOPE = "factors"
AUDIENCE_SCOPES = tuple(audience_scope(service) for service in SERVICES)
SCOPES: Mapping[str, list[Settings]] = {
    # `organization:*` gives {"unhcr": {"id": "…", "country": ["PA"], "groups": ["/cash_maker"]}}.
    "organization": [
        _mapper(
            "organization",
            "oidc-organization-membership-mapper",
            **{
                "claim.name": "organization",
                "jsonType.label": "JSON",
                "multivalued": "true",
                "addOrganizationId": "true",
                "addOrganizationAttributes": "true",
                "id.token.claim": "true",
            },
        ),
        _mapper("duties", "oidc-organization-group-membership-mapper", **{"id.token.claim": "true"}),
        # The client of an agency's software. Unlike `client_id`, an exchanged token keeps it.
        _mapper(
            SOFTWARE,
            "oidc-usermodel-attribute-mapper",
            **{"user.attribute": SOFTWARE, "claim.name": SOFTWARE, "jsonType.label": "String"},
        ),
    ],
    # {"1": …, "2": …}: when each factor was last given in this session, in Unix seconds.
    FACTORS_SCOPE: [
        _mapper(
            "factors",
            "oidc-usersessionmodel-note-mapper",
            **{"user.session.note": "loa-map", "claim.name": "factors", "jsonType.label": "JSON"},
        )
    ],
    **{
        audience_scope(service): [
            _mapper(
                "audience",
                "oidc-audience-mapper",
                **{"included.client.audience": service_client_id(service)},
            )
        ]
        for service in SERVICES
    },
}


@dataclass(frozen=True)
class ClientSpecification:
    """The wanted state of a client. Its tokens stay small: no roles, and a profile only by an optional scope."""

    client_id: str
    settings: Settings
    agency: str | None = None
    duties: tuple[Duty, ...] = ()
    flow: str | None = None


def client_specifications(
    secrets: Secrets, *, console: str | None, demonstration: bool, public: str | None = None
) -> list[ClientSpecification]:
    """Return the clients: the console, one per service, and in a demonstration those of logins and agencies' software.

    Keycloak's own `admin-cli` keeps no password grant.
    """
    specifications = [
        _console(console, public, demonstration=demonstration),
        ClientSpecification(ADMIN_CLI, dict(NO_PASSWORD_GRANT)),
    ]
    if public is not None:
        specifications.append(_api_pages(public))
    if demonstration:
        specifications.append(_demonstration_client())
    for service in SERVICES:
        name = service_client_id(service)
        specifications.append(ClientSpecification(name, _service(service, secrets.clients[name])))
    for agency in AGENCIES if demonstration else ():
        for kind, duties in AGENCY_CLIENTS.items():
            name = agency_client_id(agency, kind)
            settings = {
                **agency_software(name),
                "secret": secrets.clients[name],
                "attributes": {MARK: "true", AGENCY: agency.alias},
            }
            specifications.append(ClientSpecification(name, settings, agency=agency.alias, duties=duties))
    return specifications


def _demonstration_client() -> ClientSpecification:
    """Return the only client that takes a password, for the scenario and for tests; with it goes a code."""
    settings = {
        **_client(
            DEMONSTRATION_CLIENT, default=["acr", FACTORS_SCOPE], optional=["organization", *AUDIENCE_SCOPES]
        ),
        "publicClient": True,
        "standardFlowEnabled": False,
        "directAccessGrantsEnabled": True,
        "attributes": {MARK: "true"},
    }
    return ClientSpecification(DEMONSTRATION_CLIENT, settings, flow=DEMONSTRATION_GRANT.alias)


def _console(url: str | None, public: str | None, *, demonstration: bool) -> ClientSpecification:
    """Return the client of the pages: a login leads back to one path of theirs, in a demonstration to loopback too."""
    own = url or public
    origins = [f"{own}/login/callback"] if own else []
    origins += LOOPBACK if demonstration and url is None else ()
    optional = ["organization", "profile", "email", *AUDIENCE_SCOPES]
    settings = {
        **_client(CONSOLE_CLIENT, default=["acr", FACTORS_SCOPE], optional=optional),
        "publicClient": True,
        "standardFlowEnabled": True,
        "directAccessGrantsEnabled": False,
        "redirectUris": origins,
        "webOrigins": ["+"],
        "attributes": {"pkce.code.challenge.method": "S256", "post.logout.redirect.uris": "+"},
    }
    return ClientSpecification(CONSOLE_CLIENT, settings)


def _api_pages(public: str) -> ClientSpecification:
    """Return the client of the pages of the APIs, which lead back to one path of each and nowhere else."""
    settings = {
        **_client(
            API_PAGES_CLIENT, default=["acr", FACTORS_SCOPE], optional=["organization", *AUDIENCE_SCOPES]
        ),
        "publicClient": True,
        "standardFlowEnabled": True,
        "directAccessGrantsEnabled": False,
        "redirectUris": [f"{api_address(public, service)}/oauth2-redirect.html" for service in SERVICES],
        "webOrigins": [public],
        "attributes": {"pkce.code.challenge.method": "S256"},
    }
    return ClientSpecification(API_PAGES_CLIENT, settings)


def _service(service: Service, secret: str) -> Settings:
    """Return the client of a service. It gets tokens for the services that it may call, and for no other.

    It exchanges a human's token for one of the called service, which may outlive the human's own by its short life.
    """
    called = [audience_scope(name) for name in called_services(service)]
    return {
        **_machine(service_client_id(service), optional=["organization", *called] if called else []),
        "secret": secret,
        "attributes": {
            "standard.token.exchange.enabled": str(bool(called)).lower(),
            "access.token.lifespan": str(SERVICE_TOKEN_SECONDS),
        },
    }


def agency_software(client_id: str) -> Settings:
    """Return the settings of an agency's software, without the proof by which it logs in."""
    return {
        **_machine(client_id, optional=["organization", *AUDIENCE_SCOPES]),
        "attributes": {"access.token.lifespan": str(SOFTWARE_TOKEN_SECONDS)},
    }


def _machine(client_id: str, *, optional: list[str]) -> Settings:
    return {
        # Keycloak gives this scope to every machine client in any case.
        **_client(client_id, default=["service_account"], optional=optional),
        "publicClient": False,
        "serviceAccountsEnabled": True,
        "standardFlowEnabled": False,
        "directAccessGrantsEnabled": False,
    }


def _client(client_id: str, *, optional: list[str], default: Sequence[str] = ()) -> Settings:
    return {
        "clientId": client_id,
        "protocol": "openid-connect",
        "enabled": True,
        "fullScopeAllowed": False,
        "defaultClientScopes": ["basic", *default],
        "optionalClientScopes": optional,
    }
