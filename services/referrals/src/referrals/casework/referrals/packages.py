"""The package of a referral: fetched from intake when it is read, and not kept."""

from __future__ import annotations

import httpx
from solidary.language.problems import NotFound, Problem
from solidary.platform.identity import AGENCY_HEADER, TokenSourceUnavailable

from referrals.casework.referrals.models import Referral
from referrals.casework.referrals.schemas import PackageOut

SECONDS = 5.0


class PackageUnavailable(Problem):
    """Intake, which keeps the package, does not answer."""

    status, slug, title = 503, "package-unavailable", "The package cannot be fetched now"
    headers = {"Retry-After": "5"}  # noqa: RUF012


async def fetch(http: httpx.AsyncClient, intake: str | None, referral: Referral) -> PackageOut:
    """What the consent lets the receiver know. Raises NotFound once it is over, PackageUnavailable."""
    if intake is None:
        raise PackageUnavailable("this instance does not say where intake is")
    try:
        answer = await http.get(
            f"{intake}/packages/{referral.package_id}",
            headers={AGENCY_HEADER: str(referral.receiver)},
            timeout=SECONDS,
        )
    except (httpx.HTTPError, TokenSourceUnavailable) as error:
        raise PackageUnavailable("intake does not answer") from error
    if answer.status_code == 404:
        raise NotFound("the consent does not open this package any more")
    if answer.status_code != 200:
        raise PackageUnavailable(f"intake answered {answer.status_code}")
    said = answer.json()
    return PackageOut(referral_id=referral.id, person_id=said["person_id"], data=said["data"])
