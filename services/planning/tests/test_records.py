"""Tests that records of version 1 stay readable, as literal JSON apart from the API's schemas."""

from __future__ import annotations

from datetime import date

import pytest
from planning.budget.allocations.models import Allocation
from planning.participation.needs.models import Need
from planning.participation.plans.models import Plan
from planning.participation.publication.models import PublishedPlan
from planning.territory.tius.models import Tiu
from pydantic_core import from_json
from sqlalchemy.dialects.postgresql.base import PGDialect

DIAGNOSIS = b"""{"version": 1, "summary": "Falta agua.", "cells": 4,
 "figures": [{"indicator": "water", "mean": 15.0}],
 "sources": [{"title": "Grilla", "publisher": "ONU-Habitat", "licence": "none stated", "period": "2020",
   "synthetic": false}]}"""
EVIDENCE = b"""{"version": 1, "kind": "workshop", "on": "2026-10-03", "note": "Taller", "participants": 24}"""
EVIDENCE_WITHOUT_PEOPLE = (
    b"""{"version": 1, "kind": "map", "on": "2026-10-03", "note": "Mapa", "participants": null}"""
)
POPULATION = b"""{"version": 1, "by_community": {"refugee": 100, "host": 600}, "source": "Estimado"}"""
PUBLISHED_ACTIONS = b"""{"version": 1, "actions": [{"title": "Aula", "perspective": "social_inclusion",
 "cost_minor": null, "state": "not_feasible", "reason": "El terreno es privado"}]}"""
ACCOUNT = b"""{"version": 1, "endowment": "100/3",
 "votes": [{"action_id": "00000000-0000-0000-0000-000000000001", "community": "host", "votes": 3}],
 "paid": [{"action_id": "00000000-0000-0000-0000-000000000001", "community": "host", "paid_minor": 9000, "voters": 3}],
 "communities": [{"community": "host", "voters": 3, "paid_minor": 9000, "share_of_voters": 1.0, "share_paid": 1.0,
   "share_of_population": null}],
 "gini_of_voters": 0.0, "gini_of_communities": 0.0,
 "first_unfunded": {"action_id": "00000000-0000-0000-0000-000000000002", "cost_minor": 5000, "missing_minor": 4000,
   "votes": null}}"""

COLUMNS = {
    "diagnosis of a plan": (Plan.diagnosis, DIAGNOSIS),
    "diagnosis of a published plan": (PublishedPlan.diagnosis, DIAGNOSIS),
    "evidence of a need": (Need.evidence, EVIDENCE),
    "evidence without people": (Need.evidence, EVIDENCE_WITHOUT_PEOPLE),
    "population of a unit": (Tiu.population, POPULATION),
    "actions of a published plan": (PublishedPlan.actions, PUBLISHED_ACTIONS),
    "account of an allocation": (Allocation.account, ACCOUNT),
}


@pytest.mark.parametrize(("column", "stored"), COLUMNS.values(), ids=COLUMNS)
def test_a_stored_record_of_version_1_is_read_and_written_unchanged(column, stored):
    values = from_json(stored)
    record = column.type.process_result_value(values, PGDialect())
    assert column.type.process_bind_param(record, PGDialect()) == values


def test_evidence_has_a_date():
    evidence = Need.evidence.type.process_result_value(from_json(EVIDENCE), PGDialect())
    assert evidence.on == date(2026, 10, 3)
