from __future__ import annotations

import pytest
from market import service as module
from solidary.platform.identity import Duty
from solidary.platform.service import Service


@pytest.fixture(scope="session")
def service() -> Service:
    """The service whose database and API the fixtures of `solidary_testing.services` make."""
    return module.service


@pytest.fixture
def analyst(tokens):
    """The headers of an analyst of the agency that designs assessments."""
    return tokens.of("unhabitat", Duty.MARKET_ANALYST)


@pytest.fixture
def municipality(tokens):
    """The headers of an analyst of the municipality."""
    return tokens.of("chorrera", Duty.MARKET_ANALYST)
