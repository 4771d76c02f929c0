from __future__ import annotations

import pytest
from console import service as module
from solidary.platform.service import Service


@pytest.fixture(scope="session")
def service() -> Service:
    """The service whose database the fixtures of `solidary_testing.services` make."""
    return module.service
