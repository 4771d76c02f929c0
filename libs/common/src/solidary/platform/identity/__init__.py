"""The identity of callers: subject, agency and duties, from verified tokens (docs/extending/identity.md)."""

from solidary.platform.identity.duties import Duty, incompatible_duties
from solidary.platform.identity.errors import (
    AgencyNotChosen,
    DutiesIncompatible,
    DutyMissing,
    IdentityError,
    KeysUnavailable,
    NotAMember,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from solidary.platform.identity.keys import KeyRing
from solidary.platform.identity.principal import AGENCY_HEADER, Claims, Membership, Principal, principal_of
from solidary.platform.identity.tokens import TokenVerifier, bearer_token

__all__ = [
    "AGENCY_HEADER",
    "AgencyNotChosen",
    "Claims",
    "DutiesIncompatible",
    "Duty",
    "DutyMissing",
    "IdentityError",
    "KeyRing",
    "KeysUnavailable",
    "Membership",
    "NotAMember",
    "Principal",
    "TokenExpired",
    "TokenInvalid",
    "TokenMissing",
    "TokenVerifier",
    "bearer_token",
    "incompatible_duties",
    "principal_of",
]
