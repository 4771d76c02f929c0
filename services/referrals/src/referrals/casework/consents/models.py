"""The consents that have just ended."""

from __future__ import annotations

from solidary.platform.database import AgencyEntity


class EndedConsent(AgencyEntity):
    """The end of a consent (`id`), kept for a day.

    A referral that is being sent at the moment, after intake confirmed the consent, is refused by it.
    """

    __tablename__ = "ended_consent"
