"""Fits, does not fit because, cannot tell: against two other evaluations of CEL, and in words."""

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
from referrals.engines.eligibility.answers import Answer, Verdict, answer
from referrals.engines.eligibility.profile import BrokenProfile, profile
from referrals.engines.eligibility.reader import RESERVED
from referrals.engines.eligibility.rule import write
from referrals.engines.eligibility.vocabulary import vocabulary

FIELDS = vocabulary()


def asked(rule: str, **values: Any) -> Answer:
    return answer(write(rule, FIELDS), profile(values, FIELDS), FIELDS)


ADULT_OR_FAMILY = 'age >= 18 && (children > 0 || "passport" in documents)'


@pytest.mark.parametrize(
    ("rule", "values", "verdict", "because", "ask"),
    [
        ("true", {}, "fits", [], []),
        ("age >= 18", {"age": 18}, "fits", [], []),
        ("age >= 18", {"age": 17}, "does_not_fit", ["age: 18 or more (the profile says 17)"], []),
        ("age >= 18", {}, "cannot_tell", [], ["age"]),
        ("age >= 18", {"age": None}, "cannot_tell", [], ["age"]),
        ('sex == "female"', {"sex": "unknown"}, "cannot_tell", [], ["sex"]),
        (
            '"passport" in documents',
            {"documents": []},
            "does_not_fit",
            ["documents: with Passport (the profile says none)"],
            [],
        ),
        # what is known decides, and the rest is not asked
        (ADULT_OR_FAMILY, {"age": 30, "children": 2}, "fits", [], []),
        (ADULT_OR_FAMILY, {"age": 12}, "does_not_fit", ["age: 18 or more (the profile says 12)"], []),
        (ADULT_OR_FAMILY, {"age": 30}, "cannot_tell", [], ["children", "documents"]),
        (ADULT_OR_FAMILY, {"age": 30, "children": 0}, "cannot_tell", [], ["documents"]),
        (ADULT_OR_FAMILY, {}, "cannot_tell", [], ["age", "children", "documents"]),
        (
            ADULT_OR_FAMILY,
            {"age": 30, "children": 0, "documents": ["cedula", "birth_certificate"]},
            "does_not_fit",
            [
                "one of these: children under 18 in the household: more than 0 (the profile says 0); or "
                "documents: with Passport (the profile says Panamanian identity card, Birth certificate)"
            ],
            [],
        ),
        (
            'age < 5 && sex == "female"',
            {"age": 9, "sex": "male"},
            "does_not_fit",
            ["age: less than 5 (the profile says 9)", "sex: Female (the profile says Male)"],
            [],
        ),
        ("!true", {}, "does_not_fit", ["for nobody"], []),
    ],
)
def test_an_answer_says_why_not_or_what_to_ask(
    rule: str, values: dict[str, Any], verdict: str, because: list[str], ask: list[str]
) -> None:
    found = asked(rule, **values)
    assert found.verdict == verdict
    assert [reason.en for reason in found.because] == because
    assert [field.name for field in found.ask] == ask


def test_reasons_stand_in_spanish_too() -> None:
    found = asked('age >= 18 && area.startsWith("PA13")', age=17, area="PA0801")
    assert [reason.es for reason in found.because] == [
        "edad: 18 o más (el perfil dice 17)",
        "área: dentro de PA13 (el perfil dice PA0801)",
    ]


@pytest.mark.parametrize(
    ("values", "pointer", "reason"),
    [
        ({"agee": 3}, "/agee", "there is no field 'agee'; did you mean 'age'?"),
        ({"immigration_status": "x"}, "/immigration_status", "is not asked"),
        ({"age": "3"}, "/age", "must be a whole number"),
        ({"age": True}, "/age", "must be a whole number"),
        ({"age": -1}, "/age", "must be a whole number"),
        ({"sex": "woman"}, "/sex", "sex has no code 'woman'"),
        ({"sex": 1}, "/sex", "must be a code, in quotes"),
        ({"needs": "CR-NE"}, "/needs", "must be an array"),
        ({"needs": ["CR-NE", "TR-PI"]}, "/needs/1", "is a restricted need"),
        ({"documents": ["refugee_card"]}, "/documents/0", "tells a person's status"),
        ({"languages": ["spa"] * 101}, "/languages", "at most 100 codes"),
        ({"area": "La Chorrera"}, "/area", "is no P-code"),
    ],
)
def test_a_profile_holds_only_what_may_be_held(values: dict[str, Any], pointer: str, reason: str) -> None:
    with pytest.raises(BrokenProfile) as broken:
        profile(values, FIELDS)
    assert broken.value.pointer == pointer
    assert reason in broken.value.reason


@pytest.mark.parametrize(
    "name",
    ["get", "clone", "functions", "resolve_variable", "lambda", "class", "__doc__", "__init__", "celpy"],
)
def test_a_variable_is_only_a_name_whatever_it_means_to_python(name: str) -> None:
    rule = f'documents.exists({name}, {name} in ["passport"])'
    assert asked(rule, documents=["passport"]).verdict is Verdict.FITS
    assert asked(rule, documents=["cedula"]).verdict is Verdict.DOES_NOT_FIT


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
    st.sampled_from(sorted(IN_PYTHON - RESERVED)),
    st.from_regex(r"[_a-zA-Z][_a-zA-Z0-9]{0,9}", fullmatch=True),
).filter(lambda name: name not in FIELDS and name not in RESERVED)
"""Of a variable in `exists` and `all`: what means something to Python means nothing here."""
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
VERDICTS = {True: Verdict.FITS, False: Verdict.DOES_NOT_FIT, None: Verdict.CANNOT_TELL}


def interpreted(rule: str, values: dict[str, Any]) -> bool | None:
    """The whole rule by cel-python's interpreter; a name without a value is an error, and so not known."""
    try:
        return bool(CEL.program(CEL.compile(rule)).evaluate({n: json_to_cel(v) for n, v in values.items()}))
    except CELEvalError:
        return None


@given(rule=RULES, values=WHOLE_PROFILES)
@settings(deadline=None)
def test_a_whole_profile_is_judged_as_two_implementations_of_cel_judge_it(
    rule: str, values: dict[str, Any]
) -> None:
    verdict = asked(rule, **values).verdict
    assert verdict == VERDICTS[interpreted(rule, values)]
    assert verdict == VERDICTS[cel.evaluate(rule, values)]


@given(rule=RULES, values=PROFILES)
@settings(deadline=None)
def test_what_is_not_known_is_judged_as_cel_judges_errors(rule: str, values: dict[str, Any]) -> None:
    assert asked(rule, **values).verdict == VERDICTS[interpreted(rule, values)]


@given(rule=RULES, values=PROFILES, rest=WHOLE_PROFILES)
@settings(deadline=None)
def test_more_knowledge_never_turns_an_answer_and_ends_every_doubt(
    rule: str, values: dict[str, Any], rest: dict[str, Any]
) -> None:
    found = asked(rule, **values)
    finally_found = asked(rule, **rest | values)
    if found.verdict is Verdict.CANNOT_TELL:
        assert found.ask
        assert not {field.name for field in found.ask} & values.keys()
        assert finally_found.verdict is not Verdict.CANNOT_TELL
    else:
        assert finally_found.verdict is found.verdict
    assert bool(found.because) is (found.verdict is Verdict.DOES_NOT_FIT)
