"""Why a caller is not let in."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from solidary.language.problems import Problem
from solidary.platform.identity.duties import Duty


class IdentityError(Problem):
    """Its detail names agencies and duties, never a person or a token."""


class TokenMissing(IdentityError):
    status, slug, title = 401, "token-missing", "No access token"
    headers: ClassVar = {"WWW-Authenticate": "Bearer"}


class TokenInvalid(IdentityError):
    """Not a token of this platform, or no longer one. The detail says which check failed."""

    status, slug, title = 401, "token-invalid", "The access token is not valid"
    headers: ClassVar = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class TokenExpired(TokenInvalid):
    slug, title = "token-expired", "The access token has expired"


class KeysUnavailable(IdentityError):
    """The identity provider's keys cannot be had, so no token can be judged: not the caller's fault."""

    status, slug, title = 503, "keys-unavailable", "The identity provider does not answer"
    headers: ClassVar = {"Retry-After": "5"}


class TokenSourceUnavailable(IdentityError):
    """One of our services could not get a token of its own."""

    status, slug, title = 503, "token-source-unavailable", "The identity provider gives no token"
    headers: ClassVar = {"Retry-After": "5"}


class AgencyNotChosen(IdentityError):
    """The caller may act for several agencies and named none, or the name is not readable."""

    status, slug, title = 400, "agency-not-chosen", "Say which agency you act for"


class NotAMember(IdentityError):
    """Also the answer for an agency that does not exist: the caller learns nothing from the difference."""

    status, slug, title = 403, "not-a-member", "You do not act for this agency"


class DutyMissing(IdentityError):
    status, slug, title = 403, "duty-missing", "Your duties in this agency do not allow this"

    def __init__(self, needed: Collection[Duty]) -> None:
        self.needed = frozenset(needed)
        super().__init__(f"needs one of: {', '.join(sorted(needed)) or 'none, only services'}")
