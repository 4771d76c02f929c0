"""Verified claims, and the principal who acts in one agency with duties."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from solidary.platform.identity.duties import MONEY_DUTIES, Duty, incompatible_duties
from solidary.platform.identity.errors import AgencyNotChosen, DutiesIncompatible, DutyMissing, NotAMember

AGENCY_HEADER = "Solidary-Agency"
"""The request header with the agency that the caller acts for: its alias or its id."""


@dataclass(frozen=True, slots=True)
class Membership:
    """The caller's membership in one agency. `country` is ISO 3166-1 alpha-2, from the realm."""

    agency: UUID
    alias: str
    duties: frozenset[Duty]
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a verified token. `expires` is in Unix seconds; `memberships` has the aliases as keys."""

    subject: UUID
    memberships: Mapping[str, Membership]
    service: str | None
    expires: int


@dataclass(frozen=True, slots=True)
class Principal:
    """A person, an agency's software or a service, acting in one agency.

    `service` names a service of the platform: it acts for the agency that it names and has no duty. Its token does not
    contain the agency's alias, so `agency_alias` is then the id as text.
    """

    subject: UUID
    agency: UUID
    agency_alias: str
    duties: frozenset[Duty]
    service: str | None = None

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


def principal_of(claims: Claims, agency: str | None) -> Principal:
    """Return the principal of a request whose `Solidary-Agency` header is `agency` (None where absent).

    A member of exactly one agency need not name it. A service always names it, by id. Raises AgencyNotChosen and
    NotAMember.
    """
    if claims.service is not None:
        return _service(claims, claims.service, agency)
    membership = _chosen(claims.memberships, agency)
    return Principal(claims.subject, membership.agency, membership.alias, membership.duties)


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


def _service(claims: Claims, service: str, agency: str | None) -> Principal:
    acts_for = _identifier(agency or "")
    if acts_for is None:
        raise AgencyNotChosen(f"A service must set {AGENCY_HEADER} to the id of the agency that it acts for.")
    return Principal(claims.subject, acts_for, str(acts_for), frozenset(), service)


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
