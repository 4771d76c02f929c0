"""Attack: work out from metrics who needs what, who was where, or when somebody's case changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from solidary.platform.database import Database
from solidary.platform.measurements import PLATFORM, MeasurementMonitor
from solidary.platform.registry import load_service, service_names
from solidary.platform.telemetry.metrics import LABELS, declared
from solidary_testing.servers import throwaway_database
from solidary_testing.waiting import eventually

LABEL_VALUE = re.compile(
    r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|_OTHER"  # http.request.method
    r"|[1-5]\d\d|\d{1,3}"  # http.response.status_code and numbers of partitions
    r"|[a-z]{2}\.[a-z]+(\.[a-z]+)*(\.[a-z_.]+)?"  # topics and consumer groups
    r"|[a-z]+([-_][a-z]+)*"  # error.type
)
RESOURCE = {"service.namespace", "service.name", "service.instance.id", "solidary.role"}


class Points:
    """The data points that the running platform has exported last, by metric and process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self) -> Iterator[tuple[str, Mapping[str, str], float, Mapping[str, str]]]:
        """Yield name, labels, value and resource of each point of the newest export of each process."""
        for file in self._folder.glob("metrics-*.jsonl"):
            lines = file.read_text().splitlines()
            for resource in json.loads(lines[-1])["resourceMetrics"] if lines else ():
                about = _attributes(resource["resource"])
                for metric in (each for scope in resource["scopeMetrics"] for each in scope["metrics"]):
                    (kind,) = metric.keys() & {"gauge", "sum", "histogram"}
                    for point in metric[kind].get("dataPoints", ()):
                        value = point.get("asDouble", point.get("asInt", point.get("count", 0)))
                        yield metric["name"], _attributes(point), float(value), about

    def total(self, name: str, **labels: str) -> float:
        """Return the sum of a metric over all processes, for some labels."""
        wanted = labels.items()
        return sum(value for each, found, value, _ in self.all() if each == name and wanted <= found.items())


def _attributes(of: Mapping[str, Any]) -> dict[str, str]:
    return {each["key"]: str(next(iter(each["value"].values()))) for each in of.get("attributes", ())}


@pytest.fixture(scope="module")
def points(scenario_run) -> Points:
    return Points(scenario_run.platform.stack.folder / "telemetry")


async def test_no_label_names_an_agency_a_place_a_person_or_a_need(scenario_run, points):
    async def all_services_measured() -> bool:
        return {"solidary.database.size"} <= {name for name, *_ in points.all()} and len(
            {about["service.name"] for name, *_, about in points.all() if name == "solidary.database.size"}
        ) == len(service_names())

    await eventually(all_services_measured, what="metrics of each service")
    known, secret = {metric.name for metric in declared()}, scenario_run.scenario.statuses
    secret = secret | set(scenario_run.run.agencies) | set(map(str, scenario_run.run.agencies.values()))
    for name, labels, _, about in points.all():
        assert name in known
        assert labels.keys() <= LABELS
        assert all(LABEL_VALUE.fullmatch(value) for value in labels.values()), labels
        assert not secret & {*labels.values(), *about.values()}
        assert {key for key in about if not key.startswith("telemetry.sdk.")} == RESOURCE


async def test_refused_tokens_are_counted_without_their_path_or_subject(scenario_run, points):
    reason = {"error.type": "token-invalid"}
    before = points.total("solidary.tokens.refused", **reason)
    for _ in range(3):
        address = f"{scenario_run.run.services['intake']}/people/00000000-0000-0000-0000-000000000000"
        async with httpx.AsyncClient() as client:
            answer = await client.get(address, headers={"Authorization": "Bearer not.a.token"})
        assert answer.status_code == 401

    async def counted() -> bool:
        return points.total("solidary.tokens.refused", **reason) >= before + 3

    await eventually(counted, what="three refusals")


@pytest.mark.parametrize(
    "path", ["/metrics", "/metrics/", "/v1/metrics", "/api/v1/query", "/grafana/", "/prometheus/"]
)
def test_no_metric_is_at_the_front_door(scenario_run, path):
    for prefix in ("", "/auth", *(f"/api/{name}/v1" for name in service_names())):
        answer = httpx.get(scenario_run.run.address + prefix + path)
        assert answer.status_code == 404, prefix + path


@pytest.mark.parametrize("service", service_names())
def test_service_opens_no_page_with_metrics(scenario_run, service):
    # Services send their metrics, so there is no page to leave open (docs/decisions/0043-metrics-are-sent.md).
    for path in ("/metrics", "/health/metrics"):
        assert httpx.get(scenario_run.run.services[service] + path).status_code == 404


def test_refused_login_is_counted_by_its_reason_only(scenario_run):
    run = scenario_run.run
    for _ in range(2):
        httpx.post(
            f"{run.keycloak.url}/realms/solidary/protocol/openid-connect/token",
            data={
                "grant_type": "client_credentials",
                "client_id": "nobody-of-this-realm",
                "client_secret": "x",
            },
        )
    page = httpx.get(f"{run.keycloak.management_url}/metrics").text
    lines = [line for line in page.splitlines() if line.startswith("keycloak_user_events_total")]
    assert any('event="client_login"' in line or 'error="' in line for line in lines), lines
    for line in lines:
        assert set(re.findall(r"(\w+)=", line)) <= {"event", "error", "realm"}, line
        assert "nobody-of-this-realm" not in line


ROWS = {
    "intake": (
        "solidary.people.provisional",
        """INSERT INTO data.person (id, agency, root, household_id, state, relation, sex, population_group, language,
            indexed_by, identity, recorded_by)
        SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'provisional', 'head',
            'female', 'refugee', 'es', 'x', '', gen_random_uuid() FROM generate_series(1, %s)""",
    ),
    "referrals": (
        "solidary.referrals.overdue",
        """INSERT INTO data.referral (id, agency, root, person_id, consent_id, package_id, service_id, receiver,
            purpose, urgency, state, requested_at, due_at, overdue_at, recorded_by)
        SELECT r, gen_random_uuid(), r, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
            gen_random_uuid(), 'service', 'urgent', 'requested', now(), now(), now(), gen_random_uuid()
        FROM (SELECT gen_random_uuid() AS r FROM generate_series(1, %s)) AS made""",
    ),
}


@pytest.mark.parametrize("name", ROWS)
async def test_figure_about_people_moves_in_tens_only(run, name):
    metric, insert = ROWS[name]
    service = load_service(name)
    with throwaway_database(run, name, service.folder / "migrations") as made:
        database = Database(made.roles["app"], service=name, country="PA", is_pooled=False)
        monitor = MeasurementMonitor(database, service.measurements)
        seen = []
        for added in (9, 1, 9, 1):
            with psycopg.connect(made.admin) as admin:
                admin.execute("SET session_replication_role = replica")
                admin.execute(insert.encode(), [added])
            measured = {gauge.name: value for gauge, ((value, _),) in (await monitor.measure()).items()}
            seen.append(measured[metric])
        await database.close()
    assert seen == [0, 10, 10, 20]


@pytest.mark.parametrize("name", service_names())
async def test_every_declared_figure_can_be_measured_by_the_service_itself(run, name):
    service = load_service(name)
    if not service.has_database:
        pytest.skip(f"{name} has no database")
    with throwaway_database(run, name, service.folder / "migrations") as made:
        database = Database(made.roles["app"], service=name, country="PA", is_pooled=False)
        measured = await MeasurementMonitor(database, service.measurements).measure()
        await database.close()
    assert measured.keys() >= PLATFORM.keys() | service.measurements.keys()
    assert all(labels == {} for readings in measured.values() for _, labels in readings)
