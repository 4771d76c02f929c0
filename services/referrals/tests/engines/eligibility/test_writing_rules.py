"""What a rule may say, and what is refused when it is written, with its place in the text."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from referrals.engines.eligibility.parts import Condition, Part
from referrals.engines.eligibility.reader import RefusedRule
from referrals.engines.eligibility.rule import MOST_CONDITIONS, write
from referrals.engines.eligibility.vocabulary import TELLS_STATUS, vocabulary
from solidary.language.country import COUNTRIES, load_pack

FIELDS = vocabulary()


def shape(part: Part) -> str:
    if isinstance(part, Condition):
        return part.wording.en
    return f"{type(part).__name__}({'; '.join(map(shape, part.parts))})"


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        ("age >= 18", "age: 18 or more"),
        ("18 <= age && age < 60", "AllOf(age: 18 or more; age: less than 60)"),
        ("age == 5 || age != 7", "OneOf(age: 5; age: any but 7)"),
        ("age in [1, 0x2]", "age: 1 or 2"),
        ('sex == "female"', "sex: Female"),
        ("'male' != sex", "sex: any but Male"),
        (
            'population_group in ["refugee", "migrant", "returnee"]',
            "population group: Refugee, Migrant or Returnee",
        ),
        ('"passport" in documents', "documents: with Passport"),
        (
            'documents.exists(d, d in ["passport", "foreign_id"])',
            "documents: with Passport or Identity document of the country of origin",
        ),
        ('needs.exists(n, n == "CR-NE")', "needs: with Child not in school"),
        ('languages.all(l, l in ["spa", "eng"])', "languages: only Spanish or English"),
        ("size(documents) > 0", "documents: in number, more than 0"),
        ("1 <= languages.size()", "languages: in number, 1 or more"),
        ('area.startsWith("PA13")', "area: within PA13"),
        ('area in ["PA1301", "PA1302"]', "area: PA1301 or PA1302"),
        ("true", "for everybody"),
        ("// a service for all\ntrue", "for everybody"),
        # "not" is carried down to what is wanted
        ("!(age < 18)", "age: 18 or more"),
        ('!(age < 18 || sex == "male")', "AllOf(age: 18 or more; sex: any but Male)"),
        ('!(age < 18 && !("passport" in documents))', "OneOf(age: 18 or more; documents: with Passport)"),
        ('!("passport" in documents)', "documents: without Passport"),
        ('!languages.all(l, l == "spa")', "languages: with something beside Spanish"),
        ('!documents.exists(d, d == "passport")', "documents: without Passport"),
        ('!area.startsWith("PA13")', "area: outside PA13"),
        ('!(sex in ["female", "other"])', "sex: any but Female or Other"),
        ("!!true", "for everybody"),
        ("!true", "for nobody"),
        # what stands in a row is one list
        ("(age > 1 && age < 9) && children > 0 && (household_size > 2)", None),
    ],
)
def test_a_rule_is_taken_apart_into_conditions_in_words(rule: str, parts: str | None) -> None:
    whole = write(rule, FIELDS).whole
    if parts is None:
        assert len(getattr(whole, "parts", ())) == 4
    else:
        assert shape(whole) == parts


@pytest.mark.parametrize(
    ("rule", "place", "reason"),
    [
        ("", (1, 1), "the rule is empty"),
        ("  \n // nothing said", (1, 1), "is no CEL expression"),
        ("age >= 18 &&& true", (1, 13), "is no CEL expression"),
        # asks for what does not exist
        ("agee > 3", (1, 1), "there is no field 'agee'; did you mean 'age'?"),
        ("age >= 18 &&\n  sexo == 'female'", (2, 3), "there is no field 'sexo'; did you mean 'sex'?"),
        ('sex == "woman"', (1, 8), "sex has no code 'woman'"),
        ('sex in ["female", "mail"]', (1, 19), "sex has no code 'mail'; did you mean 'male'?"),
        ('"pasport" in documents', (1, 1), "did you mean 'passport'?"),
        ('"sp" in languages', (1, 1), "languages has no code 'sp'"),
        ('area.startsWith("Panama")', (1, 17), "'Panama' is no P-code"),
        ('matches(area, "PA.*")', (1, 1), "is no condition of a rule"),
        ('documents.map(d, d).exists(d, d == "x")', (1, 1), "there is no function 'map' here"),
        ("documents.filter(d, true)", (1, 1), "there is no function 'filter' here"),
        ("count(documents) > 1", (1, 1), "there is no function 'count' here"),
        # asks for what is nobody's business
        ('immigration_status == "regular"', (1, 1), "is not asked"),
        ('nationality == "VEN"', (1, 1), "is not asked"),
        ('age > 3 && "SV-VA" in needs', (1, 12), "is a restricted need"),
        ('"SC-UC" in needs', (1, 1), "is a restricted need"),
        ('"ppt" in documents', (1, 1), "tells a person's status"),
        # does not fit together
        ('age > "x"', (1, 1), "'age' cannot be compared like this: it holds a number"),
        ('sex > "female"', (1, 1), "'sex' cannot be compared like this: it holds one code"),
        ('documents == "passport"', (1, 1), "it holds codes"),
        ('documents in ["passport"]', (1, 1), "'documents' cannot be looked for like this"),
        ('"passport" in sex', (1, 1), "'sex' cannot be looked for like this"),
        ('sex.startsWith("f")', (1, 1), "'sex' cannot be used with startsWith"),
        ("area.startsWith()", (1, 1), "startsWith takes the beginning of a P-code"),
        ("age in [1, 'x']", (1, 9), "a list holds codes, or numbers"),
        ("age in []", (1, 1), "is no condition"),
        ("size(age) > 1", (1, 1), "size counts the codes of a field"),
        ("age > 1.5", (1, 7), "1.5 is no code in quotes and no whole number"),
        ("age > 1u", (1, 7), "1u is no code in quotes"),
        ("age > 010", (1, 7), "010 begins with 0, which some languages read in eights"),
        ("age in [1, 007]", (1, 12), "007 begins with 0"),
        ("age > 9999999", (1, 7), "no whole number up to 999,999"),
        (r'sex == "fe\u006dale"', (1, 8), "is no code in quotes"),
        ("age", (1, 1), "is no condition of a rule"),
        ("age + 1 > 2", (1, 1), "is no condition of a rule"),
        ("age > household_size", (1, 1), "it holds a number"),
        ("age > 1 ? true : false", (1, 1), "is no condition of a rule"),
        ("1 > 2", (1, 1), "is no condition of a rule"),
        ("age == 1 == true", (1, 1), "is no condition of a rule"),
        ("null", (1, 1), "is no condition of a rule"),
        ("{'a': 1}.a == age", (1, 2), "is no condition of a rule"),
        # might run on
        ("documents.exists(d, needs.exists(n, n == d))", (1, 1), "is to be written as documents.exists"),
        ("documents.all(d, true)", (1, 1), "is to be written as documents.exists"),
        ('documents.exists(d, d != "passport")', (1, 1), "is to be written as documents.exists"),
        ('documents.exists(age, age == "passport")', (1, 18), "'age' is a field; take another name"),
        ('documents.exists(package, package == "passport")', (1, 18), "CEL keeps for itself"),
        ("(" * 21 + "true" + ")" * 21, (1, 21), "has brackets more than 20 deep"),
        ("&&".join(["true"] * 102), (1, 599), "has more than 100 conditions"),
        ("!" * 200 + "true", (1, 100), "has more than 100 conditions"),
        ("true //" + "x" * 4000, (1, 4001), "is longer than 4,000 characters"),
        ("-" * 3000 + "1 > age", (1, 1), "is too deeply nested"),
        ("[" * 3000, (1, 21), "has brackets more than 20 deep"),
        ("age" + ".age" * 900, (1, 1), "is too deeply nested"),
        ("1" + "+1" * 1900 + " > age", (1, 1), "is too deeply nested"),
        ("1" + "+1" * 90 + " > age", (1, 1), "is no condition of a rule"),
    ],
)
def test_a_rule_that_may_not_stand_is_refused_at_its_place(
    rule: str, place: tuple[int, int], reason: str
) -> None:
    with pytest.raises(RefusedRule) as refused:
        write(rule, FIELDS)
    assert reason in refused.value.reason
    assert (refused.value.line, refused.value.column) == place


@given(st.text(alphabet='age sx"in&|!()[],.<>=01\n', max_size=60) | st.text(max_size=60))
def test_any_text_is_a_rule_or_refused_and_nothing_else_happens(text: str) -> None:
    with suppress(RefusedRule):
        write(text, FIELDS)


def test_the_longest_chain_of_conditions_is_read() -> None:
    whole = write(" && ".join(["age >= 18"] * MOST_CONDITIONS), FIELDS).whole
    assert len(getattr(whole, "parts", ())) == MOST_CONDITIONS


def test_a_country_knows_its_own_documents_only() -> None:
    with pytest.raises(RefusedRule, match="no code 'dni'"):
        write('"dni" in documents', vocabulary("PA"))
    write('"dni" in documents', vocabulary("PE"))


def test_documents_that_tell_a_status_are_let_in_only_where_asked_for() -> None:
    assert write('"ppt" in documents', vocabulary("CO", with_status=True))
    known = {name for country in COUNTRIES for name in load_pack(country).documents}
    assert known >= TELLS_STATUS
