"""The stored records of programmes, enrolments and payments: version 1 stays readable."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from cash.delivery.payments.records import CalculationRecord
from cash.engines.entitlement.definition import RuleDefinition
from cash.engines.entitlement.rule import compile_rule
from cash.targeting.profiles.records import ProfileRecord
from cash.targeting.programmes.records import DebtorRecord, RuleRecord
from pydantic import ValidationError

GAP_RULE = """{"version": 1, "name": "Rent", "rule_version": 3, "currency": "USD",
    "columns": {"household_size": "whole", "own_income": "money"},
    "amount": {"kind": "gap", "amount": null, "rows": null, "formula": null, "steps": [],
        "basket": {"version": "2026-1", "endorsed_by": null, "endorsed_on": null, "example": true,
            "rows": [{"household_size": "1+", "amount": "310.50"}]},
        "less": ["own_income"]},
    "multiplier": {"number": null, "column": "household_size", "at_most": "2"}, "cap": "250.00",
    "rounding": {"unit": "1.00", "mode": "down"}, "split": {"parts": 3, "weights": null}}"""
FORMULA_RULE = """{"version": 1, "name": "F", "rule_version": 1, "currency": "USD", "columns": {"size": "whole"},
    "amount": {"kind": "formula", "formula": "40 + more", "steps": [{"name": "more", "formula": "5 * size"}]},
    "multiplier": {"number": "2"}, "rounding": {"unit": "0.01", "mode": "half_even"}}"""
TABLE_RULE = """{"version": 1, "name": "T", "rule_version": 1, "currency": "USD", "columns": {"size": "whole"},
    "amount": {"kind": "table", "rows": [{"size": "1+", "amount": 140}]},
    "rounding": {"unit": "0.01", "mode": "up"}}"""
FLAT_RULE = """{"version": 1, "name": "", "rule_version": 0, "currency": "USD",
    "amount": {"kind": "flat", "amount": "60.1234567890"}, "rounding": {"unit": "0.01", "mode": "down"}}"""


def amount_of(record: str, **values: Fraction) -> str:
    rule = compile_rule(RuleRecord.model_validate_json(record).definition())
    return str(rule.calculate(values).amount.major)


@pytest.mark.parametrize(
    ("record", "values", "amount"),
    [
        (GAP_RULE, {"household_size": Fraction(4), "own_income": Fraction(200)}, "221.00"),
        (FORMULA_RULE, {"size": Fraction(3)}, "110.00"),
        (TABLE_RULE, {"size": Fraction(3)}, "140.00"),
        (FLAT_RULE, {}, "60.12"),
    ],
)
def test_rule_of_version_1_is_applied(record: str, values: dict[str, Fraction], amount: str) -> None:
    assert amount_of(record, **values) == amount


def test_stored_rule_is_readable_although_the_api_would_refuse_it() -> None:
    definition = RuleRecord.model_validate_json(FLAT_RULE).definition()
    with pytest.raises(ValidationError):
        RuleDefinition.model_validate(definition.model_dump(mode="json"))


@pytest.mark.parametrize("record", [GAP_RULE, FORMULA_RULE, TABLE_RULE])
def test_definition_is_the_same_after_it_was_stored(record: str) -> None:
    definition = RuleDefinition.model_validate(
        RuleRecord.model_validate_json(record).definition().model_dump(mode="json")
    )
    stored = json.loads(RuleRecord.of(definition).model_dump_json())
    assert RuleRecord.model_validate(stored).definition() == definition


def test_debtor_of_version_1_is_read() -> None:
    record = """{"version": 1, "name": "OIM", "account_number": "04-12", "account_type": "CACC", "bic": "NACNPAPA"}"""
    assert DebtorRecord.model_validate_json(record).account_number == "04-12"


def test_profile_of_version_1_is_read() -> None:
    record = """{"version": 1, "household_id": "3e7a90c6-d45b-4f12-9a08-c1b6e2f4d783", "profile_version": 2,
        "payout_version": 1, "size": 3, "age_bands": {"18-59": 1}, "disability": 1, "shelter": "rented_room",
        "area": "PA1301", "own_income": 5000, "other_aid": 0, "currency": "USD"}"""
    profile = ProfileRecord.model_validate_json(record)
    assert (profile.size, profile.shelter, profile.own_income) == (3, "rented_room", 5000)


def test_calculation_of_version_1_is_read() -> None:
    record = """{"version": 1, "steps": [{"name": "cap", "result": "250", "facts": {}}]}"""
    (step,) = CalculationRecord.model_validate_json(record).steps
    assert (step.name, Decimal(step.result)) == ("cap", 250)
