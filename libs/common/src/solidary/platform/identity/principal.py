"""Verified claims, and the principal who acts in one agency with duties."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from solidary.platform.identity.duties import (
    MONEY_DUTIES,
    PEOPLE_DUTIES,
    SOFTWARE_DUTIES,
    Duty,
    incompatible_duties,
)
from solidary.platform.identity.errors import (
    AgencyNotChosen,
    CauseInvalid,
    DutiesIncompatible,
    DutyMissing,
    NotAMember,
    SecondFactorRequired,
)

AGENCY_HEADER = "Solidary-Agency"
"""The request header with the agency that the caller acts for: its alias or its id."""
CAUSE_HEADER = "Solidary-Cause"
"""The request header with the cause for which a service acts without a human: `referral:<uuid>`."""
ON_BEHALF_OF_HEADER = "Solidary-On-Behalf-Of"
"""The request header in which such a service names the human whose request led to the call, where there is one."""

CAUSE = re.compile(r"[a-z][a-z_]{0,39}:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CLIENT_PREFIX = "svc-"


def service_client_id(service: str) -> str:
    """Return a service's client id, which is also the audience of the tokens for it: `svc-intake`."""
    return _CLIENT_PREFIX + service


API_PAGES_CLIENT = "api-pages"
"""The public client with which a person logs in on the page of an API."""


def audience_scope(service: str) -> str:
    """Return the client scope with which a token is for a service: `to-intake`."""
    return f"to-{service}"


def service_of_client(client_id: str) -> str | None:
    """Return the service that a client id belongs to, or None where it is not one of a service."""
    return client_id.removeprefix(_CLIENT_PREFIX) if client_id.startswith(_CLIENT_PREFIX) else None


@dataclass(frozen=True, slots=True)
class Membership:
    """The caller's membership in one agency. `country` is ISO 3166-1 alpha-2, from the realm."""

    agency: UUID
    alias: str
    duties: frozenset[Duty]
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a verified token. `expires` is in Unix seconds; `memberships` has the aliases as keys.

    `service` is set in a service's own token, which no human stands behind. `caller` is the service to which the token
    was issued: in its own token and in one that it exchanged for a human's. `software` is the client of an agency's
    software that logged in, also where a service carries it.
    """

    subject: UUID
    memberships: Mapping[str, Membership]
    service: str | None
    expires: int
    caller: str | None = None
    second_factor_at: int | None = None
    """The time of the second factor, in Unix seconds; None where the login had none."""
    software: str | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """A person, an agency's software or a service, acting in one agency.

    `service` names a service of the platform that acts without a human: it acts for the agency that it names and has no
    duty. Its token does not contain the agency's alias, so `agency_alias` is then the id as text. `cause` is the reason
    (`referral:<uuid>`), and `on_behalf_of` is the human whose request led to it, where there is one.

    `caller` names the service that made the call: also where it carries a human, who is then the `subject`.

    `software` is the client id of an agency's software, which then is the `subject`: it has the duties of
    SOFTWARE_DUTIES only, and a person has none of those that are for software only.
    """

    subject: UUID
    agency: UUID
    agency_alias: str
    duties: frozenset[Duty]
    service: str | None = None
    caller: str | None = None
    cause: str | None = None
    on_behalf_of: UUID | None = None
    second_factor_at: int | None = None
    software: str | None = None

    def require_separate_duties(self, used: Collection[Duty]) -> None:
        """Raise DutiesIncompatible where a duty for money is used beside others that exclude it."""
        if not MONEY_DUTIES.isdisjoint(self.duties & frozenset(used)) and (
            conflicting := incompatible_duties(self.duties)
        ):
            raise DutiesIncompatible(conflicting)

    def require(self, *any_of: Duty) -> None:
        """Raise DutyMissing unless the principal has one of these duties in its agency."""
        if self.duties.isdisjoint(any_of):
            raise DutyMissing(any_of)

    def require_second_factor(self, *, since: float) -> None:
        """Raise SecondFactorRequired unless the principal gave a second factor at this time (Unix seconds) or later."""
        if self.second_factor_at is None or self.second_factor_at < since:
            raise SecondFactorRequired


def principal_of(
    claims: Claims, agency: str | None, *, cause: str | None = None, on_behalf_of: str | None = None
) -> Principal:
    """Return the principal of a request, from its token and its headers (None where absent).

    A member of exactly one agency need not name it; an agency's software belongs to one only. A service that acts
    without a human always names it, by id, and its cause; of everybody else, `cause` and `on_behalf_of` are ignored.
    Raises AgencyNotChosen, NotAMember and CauseInvalid.
    """
    if claims.service is not None:
        return _service(claims, claims.service, agency, cause, on_behalf_of)
    if claims.software is not None and len(claims.memberships) > 1:
        raise NotAMember("The software of an agency belongs to that agency only, but this one to several.")
    membership = _chosen(claims.memberships, agency)
    return Principal(
        claims.subject,
        membership.agency,
        membership.alias,
        membership.duties & (PEOPLE_DUTIES if claims.software is None else SOFTWARE_DUTIES),
        caller=claims.caller,
        second_factor_at=claims.second_factor_at,
        software=claims.software,
    )


def _chosen(memberships: Mapping[str, Membership], agency: str | None) -> Membership:
    if not memberships:
        raise NotAMember("This account belongs to no agency.")
    if agency is None:
        if len(memberships) > 1:
            raise AgencyNotChosen(f"Set {AGENCY_HEADER} to one of: {', '.join(sorted(memberships))}.")
        return next(iter(memberships.values()))
    wanted = _identifier(agency)
    for membership in memberships.values():
        if membership.alias == agency or membership.agency == wanted:
            return membership
    raise NotAMember(f"{AGENCY_HEADER} must be one of: {', '.join(sorted(memberships))}.")


def _service(
    claims: Claims, service: str, agency: str | None, cause: str | None, on_behalf_of: str | None
) -> Principal:
    acts_for = _identifier(agency or "")
    if acts_for is None:
        raise AgencyNotChosen(f"A service must set {AGENCY_HEADER} to the id of the agency that it acts for.")
    if cause is None or not CAUSE.fullmatch(cause):
        raise CauseInvalid(f"A service must set {CAUSE_HEADER} to a kind and an id, such as referral:<uuid>.")
    human = None if on_behalf_of is None else _identifier(on_behalf_of)
    if on_behalf_of is not None and human is None:
        raise CauseInvalid(f"{ON_BEHALF_OF_HEADER} must be the id of a person's account.")
    return Principal(
        claims.subject,
        acts_for,
        str(acts_for),
        frozenset(),
        service,
        caller=service,
        cause=cause,
        on_behalf_of=human,
    )


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
