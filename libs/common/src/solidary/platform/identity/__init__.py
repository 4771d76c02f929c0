"""The identity of callers: subject, agency and duties, from verified tokens (docs/extending/identity.md)."""

from solidary.platform.identity.duties import (
    SECOND_FACTOR_DUTIES,
    SOFTWARE_DUTIES,
    Duty,
    incompatible_duties,
)
from solidary.platform.identity.errors import (
    SECOND_FACTOR,
    AgencyNotChosen,
    CauseInvalid,
    DutiesIncompatible,
    DutyMissing,
    IdentityError,
    KeysUnavailable,
    NotAMember,
    PeopleOnly,
    SecondFactorRequired,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from solidary.platform.identity.keys import KeyRing
from solidary.platform.identity.principal import (
    AGENCY_HEADER,
    CAUSE_HEADER,
    ON_BEHALF_OF_HEADER,
    Claims,
    Membership,
    Principal,
    audience_scope,
    principal_of,
    service_client_id,
)
from solidary.platform.identity.tokens import TokenVerifier, bearer_token

__all__ = [
    "AGENCY_HEADER",
    "CAUSE_HEADER",
    "ON_BEHALF_OF_HEADER",
    "SECOND_FACTOR",
    "SECOND_FACTOR_DUTIES",
    "SOFTWARE_DUTIES",
    "AgencyNotChosen",
    "CauseInvalid",
    "Claims",
    "DutiesIncompatible",
    "Duty",
    "DutyMissing",
    "IdentityError",
    "KeyRing",
    "KeysUnavailable",
    "Membership",
    "NotAMember",
    "PeopleOnly",
    "Principal",
    "SecondFactorRequired",
    "TokenExpired",
    "TokenInvalid",
    "TokenMissing",
    "TokenVerifier",
    "audience_scope",
    "bearer_token",
    "incompatible_duties",
    "principal_of",
    "service_client_id",
]
