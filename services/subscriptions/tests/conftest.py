from __future__ import annotations

import pytest
from solidary.platform.service import Service
from subscriptions import service as module


@pytest.fixture(scope="session")
def service() -> Service:
    """The service whose database and API the fixtures of `solidary_testing.services` make."""
    return module.service
