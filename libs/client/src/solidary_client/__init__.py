"""A client of Solidary's API for an agency's software (docs/integrating/first-call.md).

    with Solidary("https://solidary.example", "unhcr-records", secret) as solidary:
        for visit in solidary.items("intake", "/work"):
            ...

`AsyncSolidary` has the same methods for asyncio. `api("intake")` is the service's client for the functions that are
generated from its description (`solidary_client.generated`, in the wheel).
"""

from solidary_client.client import AsyncSolidary, Solidary
from solidary_client.errors import Refused
from solidary_client.feed import Batch
from solidary_client.retries import Retries
from solidary_client.webhooks import NotSigned, verified_event

__all__ = ["AsyncSolidary", "Batch", "NotSigned", "Refused", "Retries", "Solidary", "verified_event"]
