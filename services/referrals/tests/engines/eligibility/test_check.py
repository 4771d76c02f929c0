"""The result of a rule for a profile: its reasons, and two other evaluations of CEL as oracles."""

from __future__ import annotations

import builtins
import keyword
from typing import Any

import cel
import celpy
import pytest
from celpy.adapter import json_to_cel
from celpy.evaluation import CELEvalError
from hypothesis import given, settings
from hypothesis import strategies as st
from referrals.engines.eligibility.check import EligibilityResult, EligibilityStatus, check_eligibility
from referrals.engines.eligibility.profile import InvalidProfile, read_profile
from referrals.engines.eligibility.rule import parse_rule
from referrals.engines.eligibility.vocabulary import load_vocabulary
from solidary.files.cel import RESERVED_WORDS
from solidary.language.problems import json_pointer

VOCABULARY = load_vocabulary("PA")


def checked(rule: str, **values: Any) -> EligibilityResult:
    profile = read_profile(values, VOCABULARY)
    return check_eligibility(parse_rule(rule, VOCABULARY), profile, VOCABULARY)


ADULT_OR_FAMILY = 'age >= 18 && (children > 0 || "passport" in documents)'


@pytest.mark.parametrize(
    ("rule", "values", "status", "unmet", "missing"),
    [
        ("true", {}, "eligible", [], []),
        ("age >= 18", {"age": 18}, "eligible", [], []),
        ("age >= 18", {"age": 17}, "not_eligible", ["age: 18 or more (in the profile: 17)"], []),
        ("age >= 18", {}, "undetermined", [], ["age"]),
        ("age >= 18", {"age": None}, "undetermined", [], ["age"]),
        ('sex == "female"', {"sex": "unknown"}, "undetermined", [], ["sex"]),
        (
            '"passport" in documents',
            {"documents": []},
            "not_eligible",
            ["documents: with Passport (in the profile: none)"],
            [],
        ),
        # known fields decide, and the others are not missing
        (ADULT_OR_FAMILY, {"age": 30, "children": 2}, "eligible", [], []),
        (ADULT_OR_FAMILY, {"age": 12}, "not_eligible", ["age: 18 or more (in the profile: 12)"], []),
        (ADULT_OR_FAMILY, {"age": 30}, "undetermined", [], ["children", "documents"]),
        (ADULT_OR_FAMILY, {"age": 30, "children": 0}, "undetermined", [], ["documents"]),
        (ADULT_OR_FAMILY, {}, "undetermined", [], ["age", "children", "documents"]),
        (
            ADULT_OR_FAMILY,
            {"age": 30, "children": 0, "documents": ["cedula", "birth_certificate"]},
            "not_eligible",
            [
                "one of these conditions: children under 18 in the household: more than 0 (in the profile: 0); or "
                "documents: with Passport (in the profile: Panamanian identity card, Birth certificate)"
            ],
            [],
        ),
        (
            'age < 5 && sex == "female"',
            {"age": 9, "sex": "male"},
            "not_eligible",
            ["age: less than 5 (in the profile: 9)", "sex: Female (in the profile: Male)"],
            [],
        ),
        ("!true", {}, "not_eligible", ["for nobody"], []),
    ],
)
def test_result_has_unmet_requirements_or_missing_fields(
    rule: str, values: dict[str, Any], status: str, unmet: list[str], missing: list[str]
) -> None:
    result = checked(rule, **values)
    assert result.status == status
    assert [wording.en for wording in result.unmet] == unmet
    assert [field.name for field in result.missing] == missing


def test_unmet_requirements_are_worded_in_spanish_too() -> None:
    result = checked('age >= 18 && area.startsWith("PA13")', age=17, area="PA0801")
    assert [wording.es for wording in result.unmet] == [
        "edad: 18 o más (en el perfil: 17)",
        "área: dentro de PA13 (en el perfil: PA0801)",
    ]


@pytest.mark.parametrize(
    ("values", "pointer", "reason"),
    [
        ({"agee": 3}, "/agee", "There is no field 'agee'. Did you mean 'age'?"),
        ({"immigration_status": "x"}, "/immigration_status", "never depends on a person's legal status"),
        ({"age": "3"}, "/age", "This must be a whole number from 0 to 150."),
        ({"age": True}, "/age", "This must be a whole number from 0 to 150."),
        ({"age": -1}, "/age", "This must be a whole number from 0 to 150."),
        ({"sex": "woman"}, "/sex", "The field sex has no code 'woman'."),
        ({"sex": 1}, "/sex", "This must be a code in quotes."),
        ({"needs": "CR-NE"}, "/needs", "This must be an array of at most 100 codes."),
        ({"needs": ["CR-NE", "TR-PI"]}, "/needs/1", "is a restricted need"),
        ({"documents": ["refugee_card"]}, "/documents/0", "reveals a person's legal status"),
        ({"languages": ["spa"] * 101}, "/languages", "at most 100 codes"),
        ({"area": "La Chorrera"}, "/area", "is not a P-code"),
    ],
)
def test_invalid_field_of_a_profile_is_refused(values: dict[str, Any], pointer: str, reason: str) -> None:
    with pytest.raises(InvalidProfile) as error:
        read_profile(values, VOCABULARY)
    assert json_pointer(error.value.path) == pointer
    assert reason in error.value.reason


@pytest.mark.parametrize(
    "name",
    ["get", "clone", "functions", "resolve_variable", "lambda", "class", "__doc__", "__init__", "celpy"],
)
def test_variable_name_means_nothing_to_python(name: str) -> None:
    rule = f'documents.exists({name}, {name} in ["passport"])'
    assert checked(rule, documents=["passport"]).status is EligibilityStatus.ELIGIBLE
    assert checked(rule, documents=["cedula"]).status is EligibilityStatus.NOT_ELIGIBLE


NUMBERS = st.integers(0, 6)
DOCUMENTS = ["passport", "cedula", "birth_certificate"]
LANGUAGES = ["spa", "eng", "hat"]


def quoted(codes: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(codes).map(lambda code: f'"{code}"')


def lists(codes: list[str]) -> st.SearchStrategy[str]:
    return st.lists(quoted(codes), min_size=1, max_size=3).map(lambda items: f"[{', '.join(items)}]")


CEL = celpy.Environment(runner_class=celpy.InterpretedRunner)
IN_PYTHON = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *dir(dict), *dir(celpy.Activation)}
NAMES = st.one_of(
    st.sampled_from(sorted(IN_PYTHON - RESERVED_WORDS)),
    st.from_regex(r"[_a-zA-Z][_a-zA-Z0-9]{0,9}", fullmatch=True),
).filter(lambda name: name not in VOCABULARY and name not in RESERVED_WORDS)
"""Names of the variable in `exists` and `all`, many of which mean something to Python."""
COMPARED = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
NUMBER_FIELDS = st.sampled_from(["age", "children", "household_size", "size(documents)", "languages.size()"])
WRITTEN = NUMBERS.map(str) | NUMBERS.map(hex) | st.integers(-9999, 999_999).map(str)
CONDITIONS = st.one_of(
    st.just("true"),
    st.just("false"),
    st.tuples(NUMBER_FIELDS, COMPARED, WRITTEN).map(" ".join),
    st.tuples(WRITTEN, COMPARED, NUMBER_FIELDS).map(" ".join),
    st.tuples(st.just("sex"), st.sampled_from(["==", "!="]), quoted(["female", "male"])).map(" ".join),
    lists(["female", "other"]).map(lambda codes: f"sex in {codes}"),
    quoted(DOCUMENTS).map(lambda code: f"{code} in documents"),
    st.tuples(st.sampled_from(["exists", "all"]), NAMES, lists(LANGUAGES)).map(
        lambda parts: "languages.{0}({1}, {1} in {2})".format(*parts)
    ),
    st.lists(WRITTEN, min_size=1, max_size=3).map(lambda numbers: f"age in [{', '.join(numbers)}]"),
    st.sampled_from(["PA", "PA13", "PA1301", "CO"]).map(lambda prefix: f'area.startsWith("{prefix}")'),
)
RULES = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        inner.map(lambda rule: f"!({rule})"),
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda r: f"({r[0]}) {r[1]} ({r[2]})"),
    ),
    max_leaves=6,
)
WHOLE = {
    "age": NUMBERS,
    "children": NUMBERS,
    "household_size": NUMBERS,
    "sex": st.sampled_from(["female", "male", "other"]),
    "documents": st.lists(st.sampled_from(DOCUMENTS), unique=True),
    "languages": st.lists(st.sampled_from(LANGUAGES), unique=True),
    "area": st.sampled_from(["PA", "PA1301", "PA0801", "CO11"]),
}
WHOLE_PROFILES = st.fixed_dictionaries(WHOLE)
PROFILES = st.fixed_dictionaries({}, optional=WHOLE)
STATUSES = {
    True: EligibilityStatus.ELIGIBLE,
    False: EligibilityStatus.NOT_ELIGIBLE,
    None: EligibilityStatus.UNDETERMINED,
}


def interpreted(rule: str, values: dict[str, Any]) -> bool | None:
    """Return the result of cel-python's interpreter, and None for an error, such as a name without a value."""
    try:
        return bool(CEL.program(CEL.compile(rule)).evaluate({n: json_to_cel(v) for n, v in values.items()}))
    except CELEvalError:
        return None


@given(rule=RULES, values=WHOLE_PROFILES)
@settings(deadline=None)
def test_complete_profile_has_the_result_of_two_implementations_of_cel(
    rule: str, values: dict[str, Any]
) -> None:
    status = checked(rule, **values).status
    assert status == STATUSES[interpreted(rule, values)]
    assert status == STATUSES[cel.evaluate(rule, values)]


@given(rule=RULES, values=PROFILES)
@settings(deadline=None)
def test_missing_fields_have_the_effect_of_errors_in_cel(rule: str, values: dict[str, Any]) -> None:
    assert checked(rule, **values).status == STATUSES[interpreted(rule, values)]


@given(rule=RULES, values=PROFILES, rest=WHOLE_PROFILES)
@settings(deadline=None)
def test_more_fields_never_change_a_determined_result(
    rule: str, values: dict[str, Any], rest: dict[str, Any]
) -> None:
    partial, complete = checked(rule, **values), checked(rule, **rest | values)
    if partial.status is EligibilityStatus.UNDETERMINED:
        assert partial.missing
        assert not {field.name for field in partial.missing} & values.keys()
        assert complete.status is not EligibilityStatus.UNDETERMINED
    else:
        assert complete.status is partial.status
    assert bool(partial.unmet) is (partial.status is EligibilityStatus.NOT_ELIGIBLE)
