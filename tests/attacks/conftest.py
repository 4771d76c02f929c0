"""The people of the demonstration as attackers use them: real tokens, real HTTP, the services' own database roles."""

from __future__ import annotations

import base64
import itertools
import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from tests.conftest import ScenarioRun


def subject(headers: dict[str, str]) -> UUID:
    """Return the subject of a token."""
    body = headers["Authorization"].split(".")[1]
    return UUID(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["sub"])


MONTHS_AHEAD = itertools.count(1)
"""The months of all modules: a household that is paid in a month already is in no other plan of that month."""


@dataclass
class Cash:
    """The cash service of the running platform, and the programme and household of the scenario."""

    scenario_run: ScenarioRun
    tokens: Any

    def call(self, who: str, method: str, path: str, body: object = None, **kwargs: Any) -> httpx.Response:
        """Send a request as one of the demonstration's people."""
        return self.send(self.tokens.demonstration(who), method, path, body, **kwargs)

    def send(
        self, headers: dict[str, str], method: str, path: str, body: object = None, **kwargs: Any
    ) -> httpx.Response:
        """Send a request with a token, and wait for the end of long work."""
        url = self.scenario_run.run.services["cash"]
        headers = headers | {"Idempotency-Key": str(uuid4())}
        answer = httpx.request(method, url + path, headers=headers, json=body, timeout=30, **kwargs)
        if answer.status_code == 202:
            work = answer.json()
            while work["finished"] is None:
                time.sleep(0.05)
                work = httpx.get(f"{url}/work/{work['id']}", headers=headers).json()
        return answer

    def machine(self, client_id: str) -> dict[str, str]:
        """Return the headers of a machine client."""
        return self.tokens.machine(client_id)

    def programme(self) -> dict[str, Any]:
        """Return the newest programme of the scenario."""
        return self.call("iom.cash_maker", "GET", "/programmes").json()["items"][0]

    def draft(self) -> str:
        """Create a plan for a month that nobody pays yet; return its path."""
        first = datetime.now(UTC).replace(day=1)
        month = (first + timedelta(days=31 * next(MONTHS_AHEAD))).strftime("%Y-%m")
        body = {"programme_id": self.programme()["id"], "cycle": month}
        made = self.call("iom.cash_maker", "POST", "/payment-plans", body)
        assert made.status_code == 201, made.text
        return f"/payment-plans/{made.json()['id']}"

    def submitted(self) -> str:
        """Prepare a plan for the scenario's household in a month that nobody pays yet; return its path."""
        plan = self.draft()
        for step in ("populate", "lock", "entitle", "submit"):
            assert self.call("iom.cash_maker", "POST", f"{plan}/{step}").is_success
        return plan

    def released(self) -> str:
        """Prepare a plan, approve it by two people and release it by a third; return its path."""
        plan = self.submitted()
        for who, step in (
            ("iom.cash_checker1", "approve"),
            ("iom.cash_checker2", "authorise"),
            ("iom.cash_releaser", "release"),
        ):
            answer = self.call(who, "POST", f"{plan}/{step}")
            assert answer.is_success, answer.text
        assert self.state(plan) == "released"
        return plan

    def ordered(self) -> tuple[str, str, str]:
        """Release a plan and take its order; return its path, the order's message id and its payment's id."""
        plan = self.released()
        day = {"execution_date": datetime.now(UTC).date().isoformat()}
        order = self.call("iom.cash_releaser", "POST", f"{plan}/instruction", day)
        assert order.status_code == 202, order.text
        work = self.call("iom.cash_releaser", "GET", f"/work/{order.json()['id']}").json()
        assert work["failure"] is None, work
        (payment,) = self.call("iom.cash_checker1", "GET", f"{plan}/payments").json()["items"]
        return plan, UUID(work["result"].rsplit("/", 1)[1]).hex, payment["id"]

    def state(self, path: str) -> str:
        """Return the state of a plan or a payment."""
        return str(self.call("iom.cash_checker1", "GET", path).json()["state"])

    def as_service(self, subject: UUID, *statements: str, **named: object) -> None:
        """Run statements with cash's own database role in the scope of a member of IOM. Raises psycopg.Error."""
        url = self.scenario_run.run.databases["cash"]["app"]
        with psycopg.connect(url) as connection:
            agency = self.tokens.agency("iom")
            connection.execute(
                "SELECT set_config('app.agency', %s, true), set_config('app.subject', %s, true)",
                [str(agency), str(subject)],
            )
            for statement in statements:
                connection.execute(statement.encode(), named)


@pytest.fixture(scope="module")
def cash(scenario_run: ScenarioRun, tokens: Any) -> Cash:
    """The cash service after the scenario."""
    return Cash(scenario_run, tokens)
