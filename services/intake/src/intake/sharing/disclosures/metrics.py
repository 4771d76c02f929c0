"""The counter of consent checks that were refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from solidary.language.problems import NotFound
from solidary.platform.telemetry import Counter

CONSENT_CHECKS_REFUSED = Counter(
    "solidary.consent.checks.refused",
    "{check}",
    "Uses of a package without a consent in force, or by somebody to whom it was not given",
)


@contextmanager
def count_refused_checks() -> Iterator[None]:
    """Count a check that ends with NotFound."""
    try:
        yield
    except NotFound:
        CONSENT_CHECKS_REFUSED.add()
        raise
