from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake.engines.triage.questionnaire import (
    InvalidQuestionnaire,
    parse_questionnaire,
    shipped_questionnaire,
)
from intake.engines.triage.rules import (
    DISABILITY_ANSWERS,
    FUNCTIONING_DOMAINS,
    TriageResult,
    UnknownAnswer,
    has_disability,
    triage,
)
from solidary.language.codes import specific_needs
from solidary.language.codes.specific_needs import ConfidentialityTier, SpecificNeeds

QUESTIONNAIRE = shipped_questionnaire()
NEEDS = specific_needs.load_specific_needs()

answers = st.fixed_dictionaries(
    {}, optional={q.id: st.sampled_from(sorted(q.answers)) for q in QUESTIONNAIRE.questions.values()}
)
ages = st.one_of(st.none(), st.integers(0, 100))


def _triage(given: Mapping[str, str], age: int | None = 34, needs: SpecificNeeds = NEEDS) -> TriageResult:
    return triage(QUESTIONNAIRE, given, age, needs)


def _codes(found: TriageResult, kind: str = "need") -> set[str]:
    return {one.code for one in found.suggestions if one.kind == kind}


@given(answers, ages)
@settings(max_examples=1000)
def test_no_combination_of_answers_yields_a_restricted_code(given: dict[str, str], age: int | None) -> None:
    found = _triage(given, age)
    assert not any(NEEDS.is_restricted(code) for code in _codes(found))
    assert not any(NEEDS.codes[code].retired for code in _codes(found))


def test_no_single_rule_yields_a_restricted_code() -> None:
    assert {rule.need for rule in QUESTIONNAIRE.rules if rule.need} <= NEEDS.suggestible_codes()


@given(answers, ages, st.sets(st.sampled_from(sorted(NEEDS.codes)), min_size=1))
def test_a_restricted_code_is_replaced_by_the_offer_of_a_specialist(
    given: dict[str, str], age: int | None, closed: set[str]
) -> None:
    stricter = SpecificNeeds(
        NEEDS.version,
        NEEDS.source,
        NEEDS.groups,
        {
            code: specific_needs.SpecificNeed(
                code,
                need.group,
                need.wording,
                ConfidentialityTier.RESTRICTED if code in closed else need.tier,
                need.retired,
            )
            for code, need in NEEDS.codes.items()
        },
    )
    before, after = _triage(given, age), _triage(given, age, stricter)
    assert _codes(after) == _codes(before) - closed
    if _codes(before) & closed:
        assert _codes(after, "specialist") == {"specialist"}
        reasons = {reason for one in after.suggestions if one.kind == "specialist" for reason in one.because}
        assert reasons <= {rule.because for rule in QUESTIONNAIRE.rules if rule.specialist}


@pytest.mark.parametrize("word", ["violen", "sexual", "tortur", "arma", "abus", "golp", "género", "viol"])
def test_no_question_asks_about_violence(word: str) -> None:
    assert not any(word in question.wording.es.lower() for question in QUESTIONNAIRE.questions.values())


@pytest.mark.parametrize(
    ("given", "age", "needs"),
    [
        ({"papers": "none"}, 34, {"LP-ND"}),
        ({"papers": "expired"}, 34, set()),
        ({"at_school": "no"}, 9, {"CR-NE"}),
        ({"at_school": "yes"}, 9, set()),
        ({"seeing": "a_lot"}, 70, {"WG-VIS"}),
        ({"seeing": "some"}, 70, set()),
        ({"self_care": "cannot"}, 70, {"WG-SC", "ER-FR"}),
        ({"self_care": "cannot"}, 40, {"WG-SC"}),
        ({"children_alone": "yes"}, 34, {"SP-PT"}),
        ({"children_alone": "yes"}, 67, {"ER-MC"}),
        ({"child_with": "relative"}, 8, {"SC-SC"}),
        ({"child_with": "nobody"}, 8, set()),
        ({"lives_alone": "yes"}, None, set()),
        ({}, 34, set()),
    ],
)
def test_answers_suggest_needs(given: dict[str, str], age: int | None, needs: set[str]) -> None:
    assert _codes(_triage(given, age)) == needs


@pytest.mark.parametrize(
    ("given", "urgency"),
    [
        ({}, "normal"),
        ({"papers": "none"}, "normal"),
        ({"eaten": "no"}, "urgent"),
        ({"eaten": "no", "sleep_tonight": "no"}, "emergency"),
        ({"care_today": "yes"}, "emergency"),
        ({"child_with": "nobody"}, "emergency"),
    ],
)
def test_the_most_urgent_answer_sets_the_urgency(given: dict[str, str], urgency: str) -> None:
    found = _triage(given, 8)
    assert found.urgency == urgency
    assert bool(found.urgent_because) == (urgency != "normal")


def test_a_child_without_an_adult_gets_a_specialist_today_and_no_code() -> None:
    found = _triage({"child_with": "nobody"}, 8)
    assert _codes(found, "specialist") == {"specialist"}
    assert _codes(found) == set()


@given(answers, ages)
def test_every_suggestion_has_reasons_and_questions(given: dict[str, str], age: int | None) -> None:
    for one in _triage(given, age).suggestions:
        assert one.because
        assert set(one.questions) <= set(given)


@given(answers, ages, st.sampled_from(sorted(QUESTIONNAIRE.questions)))
def test_an_unanswered_question_never_adds_a_need(
    given: dict[str, str], age: int | None, left_out: str
) -> None:
    fewer = {question: answer for question, answer in given.items() if question != left_out}
    assert _codes(_triage(fewer, age)) <= _codes(_triage(given, age))


def test_the_cut_off_of_the_washington_group_is_a_lot_of_difficulty_in_one_domain() -> None:
    levels = sorted(QUESTIONNAIRE.questions["seeing"].answers)
    assert set(levels) == {"none", "some", "a_lot", "cannot"}
    for chosen in product(levels, repeat=len(FUNCTIONING_DOMAINS)):
        answers_given = dict(zip(FUNCTIONING_DOMAINS, chosen, strict=True))
        assert has_disability(answers_given) is bool(set(chosen) & DISABILITY_ANSWERS)


def test_an_unanswered_domain_is_not_imputed() -> None:
    assert has_disability({}) is None
    assert has_disability({"seeing": "none"}) is None
    assert has_disability({"seeing": "cannot"}) is True


@pytest.mark.parametrize("domain", FUNCTIONING_DOMAINS)
def test_functioning_is_not_asked_about_children_under_five(domain: str) -> None:
    ages = QUESTIONNAIRE.questions[domain].ages
    assert [ages.includes(age) for age in (4, 5, 90, None)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"height": "tall"}, "no question «height»"),
        ({"papers": "perhaps"}, "«papers» has no answer «perhaps»"),
    ],
)
def test_an_unknown_answer_is_refused(given: dict[str, str], reason: str) -> None:
    with pytest.raises(UnknownAnswer, match=reason):
        _triage(given)


TEXT = """
version = "1"
source = "a test"
[answers]
yes_no = [{ code = "yes", es = "Sí", en = "Yes" }, { code = "no", es = "No", en = "No" }]
[[questions]]
id = "q"
answers = "yes_no"
es = "¿?"
en = "?"
[[rules]]
when = { q = ["yes"] }
need = "LP-ND"
because = { es = "a", en = "b" }
"""


@pytest.mark.parametrize(
    "code", sorted(code for code in NEEDS.codes if code not in NEEDS.suggestible_codes())
)
def test_questions_that_suggest_a_restricted_or_retired_code_are_refused(code: str) -> None:
    with pytest.raises(InvalidQuestionnaire, match=f"{code} must not be suggested"):
        parse_questionnaire(TEXT.replace("LP-ND", code))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('q = ["yes"]', 'q = ["maybe"]', "«q» has no answer «maybe»"),
        ('q = ["yes"]', 'p = ["yes"]', "no question «p»"),
        ('need = "LP-ND"', "", "suggests nothing"),
        ('answers = "yes_no"', 'answers = "colours"', "no answers «colours»"),
    ],
)
def test_questions_that_contradict_themselves_are_refused(old: str, new: str, reason: str) -> None:
    assert old in TEXT
    with pytest.raises(InvalidQuestionnaire, match=reason):
        parse_questionnaire(TEXT.replace(old, new))
