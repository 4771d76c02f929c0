"""The most important alerts fire when the database has what they are about, and end when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import promql_parser
import psycopg
import pytest
from solidary.platform.database import Database
from solidary.platform.measurements import MeasurementMonitor
from solidary.platform.messaging.backlog import read_backlog
from solidary.platform.registry import load_service
from solidary.platform.telemetry.metrics import OUTBOX_AGE, PARKED_KEYS
from solidary_testing.servers import throwaway_database

from tests.attacks.test_metrics import ROWS
from tests.contract.test_monitoring import ALERTS, selectors

AGENCY = "00000000-0000-0000-0000-000000000007"


class Case(NamedTuple):
    """A service, and the statements with which an alert of its database begins and ends."""

    service: str
    begins: str
    ends: str


WEBHOOK = f"""
INSERT INTO data.webhook (id, agency, root, url, state, pause_reason, secret, recorded_by)
VALUES ('{AGENCY}', '{AGENCY}', '{AGENCY}', 'https://receiver.example', '{{state}}', {{reason}}, '', '{AGENCY}')
"""
CASES = {
    "EventsNotSent": Case(
        "market",
        f"""INSERT INTO machinery.outbox (id, aggregatetype, aggregateid, type, payload, agency, sequence, time)
        VALUES (gen_random_uuid(), 'market.counts', 'a', 'b', '{{}}', '{AGENCY}', 1, now() - interval '2 minutes')""",
        "DELETE FROM machinery.outbox",
    ),
    "EventsParked": Case(
        "market",
        """INSERT INTO machinery.parked_key (subscriber, key, attempts, reason)
        VALUES ('reactions', 'a', 4, 'DecodeError')""",
        "DELETE FROM machinery.parked_key",
    ),
    "WebhooksPaused": Case(
        "subscriptions",
        WEBHOOK.format(state="paused", reason="'failing'"),
        "UPDATE data.webhook SET pause_reason = 'requested'",
    ),
    "DeliveriesLate": Case(
        "subscriptions",
        f"""{WEBHOOK.format(state="active", reason="NULL")};
        INSERT INTO data.delivery (agency, root, created, position, event_id, type, subject)
        VALUES ('{AGENCY}', '{AGENCY}', now() - interval '2 minutes', 1, '{AGENCY}', 'a', 'b')""",
        "UPDATE data.webhook SET failures = 1",
    ),
    "ReferralsOverdue": Case(
        "referrals",
        ROWS["referrals"][1].replace("%s", "25"),
        "UPDATE data.referral SET state = 'accepted' WHERE id IN (SELECT id FROM data.referral LIMIT 6)",
    ),
    "ProvisionalPeopleWait": Case(
        "intake",
        ROWS["intake"][1].replace("%s", "205"),
        "UPDATE data.person SET state = 'registered' WHERE id IN (SELECT id FROM data.person LIMIT 6)",
    ),
    "PaymentPlansStuck": Case(
        "cash",
        f"""INSERT INTO data.payment_plan (id, agency, root, programme_id, budget_line_id, cycle, purpose, fsp,
            currency, state, created_by, makers, recorded_by, last_changed)
        SELECT '{AGENCY}', '{AGENCY}', '{AGENCY}', '{AGENCY}', '{AGENCY}', '2026-11', 'food', 'bank', 'USD', 'released',
            '{AGENCY}', ARRAY['{AGENCY}']::uuid[], '{AGENCY}', now() - interval '4 days'""",
        "UPDATE data.payment_plan SET state = 'reconciled'",
    ),
}


async def measured(database: Database, service: str) -> Mapping[str, float]:
    """Return the figures of a service by their names in Prometheus."""
    backlog = await read_backlog(database)
    readings = await MeasurementMonitor(database, load_service(service).measurements).measure()
    return {
        OUTBOX_AGE.prometheus_name: backlog.oldest_unsent_seconds or 0.0,
        PARKED_KEYS.prometheus_name: float(backlog.parked_keys),
        **{gauge.prometheus_name: value for gauge, ((value, _),) in readings.items()},
    }


def fires(alert: str, values: Mapping[str, float]) -> bool:
    """Return whether the condition of an alert holds: one metric, compared with a number."""
    (rule,) = [each for each in ALERTS if each.alert == alert]
    condition = promql_parser.parse(rule.expr)
    (selector,) = selectors(condition.lhs)
    value, bound = values[selector.name], condition.rhs.val
    return value >= bound if ">=" in rule.expr else value > bound


@pytest.mark.parametrize("alert", CASES)
async def test_alert_fires_on_what_the_database_has_and_ends_with_it(run, alert: str):
    case = CASES[alert]
    with throwaway_database(run, case.service, load_service(case.service).folder / "migrations") as made:
        database = Database(made.roles["app"], service=case.service, country="PA", is_pooled=False)
        seen = [fires(alert, await measured(database, case.service))]
        for statement in (case.begins, case.ends):
            with psycopg.connect(made.admin) as admin:
                admin.execute("SET session_replication_role = replica")
                admin.execute(statement.encode())
            seen.append(fires(alert, await measured(database, case.service)))
        await database.close()
    assert seen == [False, True, False]


def test_alert_that_pages_because_of_the_database_is_tried_here():
    pages = {each.alert for each in ALERTS if each.labels["severity"] == "page"}
    by_rate_or_silence = {
        "ConsumerBehind",
        "RequestsFail",
        "ServiceSilent",
        "KeycloakSilent",
        "DiskAlmostFull",
    }
    assert pages - by_rate_or_silence - {"LoginsRefused", "TokensRefused"} <= CASES.keys()
