"""The platform on one machine: a process for each service, forked from one parent."""

from __future__ import annotations

from solidary.platform.registry import service_names
from stack.platform import PARENT
from stack.stack import SERVERS


def test_each_service_is_one_process(scenario_run):
    processes = scenario_run.platform.stack.processes
    assert set(processes.names()) - set(SERVERS) == {PARENT, *service_names()}
    services = {service: processes.find(service) for service in service_names()}
    assert {child.pid for child in processes.find(PARENT).children(recursive=True)} == {
        process.pid for process in services.values()
    }
