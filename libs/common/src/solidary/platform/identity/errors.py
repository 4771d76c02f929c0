"""The problems of a caller who is not admitted."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from solidary.language.problems import Problem
from solidary.platform.identity.duties import Duty

SECOND_FACTOR = "otp"
"""The value of the claim `acr` of a login with a second factor."""


class IdentityError(Problem):
    """The caller is not admitted. The detail names agencies and duties, never a person or a token."""


class TokenMissing(IdentityError):
    """The request has no access token."""

    status, slug, title = 401, "token-missing", "No access token"
    action = "Send an access token of this instance in the header `Authorization: Bearer …`."
    headers: ClassVar = {"WWW-Authenticate": "Bearer"}


class TokenInvalid(IdentityError):
    """The token is not one of this platform. The detail names the check that failed."""

    status, slug, title = 401, "token-invalid", "The access token is not valid"
    action = "Get a new token from the identity provider of this instance."
    headers: ClassVar = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class TokenExpired(TokenInvalid):
    """The token was valid and has expired."""

    slug, title = "token-expired", "The access token has expired"
    action = "Get a new token, for example with the refresh token."


class KeysUnavailable(IdentityError):
    """The signing keys of the identity provider cannot be fetched, so that no token can be verified."""

    status, slug, title = 503, "keys-unavailable", "The identity provider does not answer"
    action = "Send the same request again after the time that `Retry-After` gives."
    headers: ClassVar = {"Retry-After": "5"}


class AgencyNotChosen(IdentityError):
    """The caller belongs to several agencies and named none of them, or the name is not readable."""

    status, slug, title = 400, "agency-not-chosen", "Choose the agency that you act for"
    action = "Name one of your agencies in the header `Solidary-Agency`."


class CauseInvalid(IdentityError):
    """A service acts without a human and does not say why, or the text cannot be read."""

    status, slug, title = 400, "cause-invalid", "The service does not say why it acts"
    action = "Set the header `Solidary-Cause` to what led to the call, such as `referral:<uuid>`."


class NotAMember(IdentityError):
    """The caller does not belong to the agency, or there is no such agency; both look the same."""

    status, slug, title = 403, "not-a-member", "You do not act for this agency"
    action = "Name an agency that you belong to in the header `Solidary-Agency`."


class SecondFactorRequired(IdentityError):
    """The request needs a login with a second factor, and one that is recent enough."""

    status, slug, title = 403, "second-factor-required", "This needs a recent second factor"
    action = "Log in again with your one-time code: repeat the login with `acr_values=otp` (RFC 9470)."
    headers: ClassVar = {
        "WWW-Authenticate": f'Bearer error="insufficient_user_authentication", acr_values="{SECOND_FACTOR}"'
    }


class DutyMissing(IdentityError):
    """The caller has none of the duties that this request needs in the agency acted for."""

    status, slug, title = 403, "duty-missing", "Your duties in this agency do not allow this"
    action = "Ask the administrator of your agency for a duty that the detail names."

    def __init__(self, needed: Collection[Duty]) -> None:
        self.needed = frozenset(needed)
        duties = ", ".join(sorted(needed))
        super().__init__(
            f"This needs one of the duties: {duties}." if duties else "Only services may call this."
        )


class PeopleOnly(IdentityError):
    """An agency's software calls what only people do: approve, release, open to others, read what is restricted."""

    status, slug, title = 403, "people-only", "Only people may do this"
    action = "Let somebody of your agency do this with their own login."

    def __init__(self) -> None:
        super().__init__(f"No software may do this, whatever its duties are. {self.action}")


class DutiesIncompatible(IdentityError):
    """The caller holds duties in the agency that one person may not hold together, and uses one that moves money."""

    status, slug, title = 403, "duties-incompatible", "You hold duties that one person may not hold together"
    action = "Ask the administrator of your agency to give one of them to somebody else."

    def __init__(self, held: Collection[Duty]) -> None:
        super().__init__(
            f"You hold the duties {', '.join(sorted(held))} in this agency, which one person may not hold together. "
            f"{self.action}"
        )
