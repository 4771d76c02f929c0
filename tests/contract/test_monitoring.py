"""Alert rules and dashboards name metrics that exist, and every alert has its section in the pages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import promql_parser
import pytest
import yaml
from solidary.platform.registry import load_services
from solidary.platform.telemetry.metrics import LABELS, Gauge, Histogram, Metric, declared

ROOT = Path(__file__).parents[2]
MONITORING = ROOT / "infra" / "monitoring"
PAGE = ROOT / "docs" / "operating" / "what-to-do-when.md"
FOREIGN = {"up", "keycloak_user_events_total"}
"""Metrics of Prometheus and Keycloak; `tests/attacks/test_metrics.py` reads Keycloak's."""
LABELS_IN_PROMETHEUS = {name.replace(".", "_") for name in LABELS} | {"job", "le", "event", "error"}
PARTS = ("**It means**", "**Do first**", "**It is over when**")


class Alert(NamedTuple):
    """An alert as its file has it."""

    alert: str
    expr: str
    labels: dict[str, str]
    annotations: dict[str, str]


def _alerts() -> Iterator[Alert]:
    for file in sorted((MONITORING / "rules").glob("*.yml")):
        for group in yaml.safe_load(file.read_text())["groups"]:
            for rule in group["rules"]:
                rule.pop("for", None)
                yield Alert(**rule)


ALERTS = list(_alerts())
DASHBOARDS = sorted((MONITORING / "dashboards").glob("*.json"))


def selectors(node: Any) -> Iterator[Any]:
    """Yield each selector of a metric in a parsed expression."""
    if isinstance(node, promql_parser.VectorSelector):
        yield node
    for name in ("lhs", "rhs", "expr", "vector_selector", "args"):
        for child in _listed(getattr(node, name, None)):
            yield from selectors(child)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def labels_of(expression: str) -> set[str]:
    """Return the labels that an expression groups or selects by."""
    grouped = re.findall(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)", expression)
    matched = {
        each.name for found in selectors(promql_parser.parse(expression)) for each in found.matchers.matchers
    }
    return {name.strip() for names in grouped for name in names.split(",")} | matched


def metrics() -> list[Metric]:
    """Return the metrics of all services, without those that other tests declare."""
    load_services()
    return [metric for metric in declared() if metric.name.startswith(("solidary.", "http."))]


def metric_names() -> set[str]:
    """Return the names in Prometheus of all series that the services send, and of those from elsewhere."""
    names = set(FOREIGN)
    for metric in metrics():
        name = metric.prometheus_name
        names |= (
            {f"{name}_{part}" for part in ("bucket", "count", "sum")}
            if isinstance(metric, Histogram)
            else {name}
        )
    return names


def check(expression: str) -> None:
    """Fail on an expression that does not parse, and on a metric or label that no service has."""
    found = list(selectors(promql_parser.parse(expression)))
    assert found
    assert {each.name for each in found} <= metric_names()
    assert labels_of(expression) <= LABELS_IN_PROMETHEUS


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.alert)
def test_alert_measures_what_exists_and_has_its_section(alert: Alert):
    check(alert.expr)
    assert alert.labels.keys() == {"severity"}
    assert alert.annotations.keys() == {"summary", "runbook"}
    shown = set(re.findall(r"\$labels\.(\w+)", alert.annotations["summary"]))
    assert shown <= labels_of(alert.expr), "a label that the expression drops is empty in the sentence"
    assert alert.annotations["runbook"] == f"docs/operating/{PAGE.name}#{alert.alert.lower()}"
    section = re.search(rf"^## {alert.alert}\n(.*?)(?=^## |\Z)", PAGE.read_text(), re.M | re.S)
    assert section is not None
    assert section[1].startswith(f"*{alert.labels['severity']}.*")
    assert [part for part in PARTS if part in section[1]] == list(PARTS)


def test_page_has_no_section_of_an_alert_that_does_not_exist():
    assert re.findall(r"^## (.+)$", PAGE.read_text(), re.M) == [
        alert.alert for alert in _in_order_of_the_page()
    ]


def _in_order_of_the_page() -> list[Alert]:
    text = PAGE.read_text()
    return sorted(ALERTS, key=lambda alert: text.find(f"\n## {alert.alert}\n"))


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda file: file.stem)
def test_dashboard_shows_what_exists(file: Path):
    dashboard = json.loads(file.read_text())
    assert dashboard["uid"] == file.stem
    for panel in dashboard["panels"]:
        assert panel["title"]
        assert panel["description"]
        for target in panel["targets"]:
            check(target["expr"])


def test_every_metric_is_on_a_dashboard_and_in_the_page_about_monitoring():
    shown = "".join(file.read_text() for file in DASHBOARDS)
    page = (ROOT / "docs" / "operating" / "monitoring.md").read_text()
    for metric in metrics():
        assert metric.prometheus_name in shown
        assert f"`{metric.prometheus_name}`" in page


def test_figure_of_people_has_no_label_and_is_read_as_a_maximum():
    for metric in metrics():
        if isinstance(metric, Gauge) and "rounded down to tens" in metric.description:
            for alert in ALERTS:
                if metric.prometheus_name in alert.expr:
                    assert alert.expr.startswith(f"max({metric.prometheus_name})")


@pytest.mark.parametrize(
    "wrong",
    ["solidary_unknown > 1", "sum by (agency) (solidary_parked_keys)", 'solidary_parked_keys{agency="x"}'],
)
def test_check_finds_what_does_not_exist(wrong: str):
    with pytest.raises(AssertionError):
        check(wrong)
