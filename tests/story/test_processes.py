"""The platform on one machine: a process for each service, forked from one parent."""

from __future__ import annotations

from stack.platform import PARENT
from stack.services import SERVICES
from stack.stack import SERVERS


def test_each_service_is_one_process(told):
    processes = told.platform.stack.processes
    assert set(processes.names()) - set(SERVERS) == {PARENT, *SERVICES}
    services = {service: processes.find(service) for service in SERVICES}
    assert {child.pid for child in processes.find(PARENT).children(recursive=True)} == {
        process.pid for process in services.values()
    }
