"""Who calls, for which agency, with which duties (docs/extending/identity.md)."""

from solidary.identity.client import ServiceTokens
from solidary.identity.duties import Duty
from solidary.identity.errors import (
    AgencyNotChosen,
    DutyMissing,
    IdentityError,
    KeysUnavailable,
    NotAMember,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    TokenSourceUnavailable,
)
from solidary.identity.keys import KeyRing
from solidary.identity.principal import HEADER, Claims, Membership, Principal, act
from solidary.identity.tokens import TokenVerifier, bearer

__all__ = [
    "HEADER",
    "AgencyNotChosen",
    "Claims",
    "Duty",
    "DutyMissing",
    "IdentityError",
    "KeyRing",
    "KeysUnavailable",
    "Membership",
    "NotAMember",
    "Principal",
    "ServiceTokens",
    "TokenExpired",
    "TokenInvalid",
    "TokenMissing",
    "TokenSourceUnavailable",
    "TokenVerifier",
    "act",
    "bearer",
]
