"""Rules: their conditions in words, and the place and reason of each error."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from referrals.engines.eligibility.conditions import Condition, Part
from referrals.engines.eligibility.rule import MOST_CONDITIONS, parse_rule
from referrals.engines.eligibility.vocabulary import STATUS_DOCUMENTS, load_vocabulary
from solidary.files.cel import InvalidExpression
from solidary.language.country import countries, load_pack

VOCABULARY = load_vocabulary()


def shape(part: Part) -> str:
    if isinstance(part, Condition):
        return part.wording.en
    return f"{type(part).__name__}({'; '.join(map(shape, part.parts))})"


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        ("age >= 18", "age: 18 or more"),
        ("18 <= age && age < 60", "AllOf(age: 18 or more; age: less than 60)"),
        ("age == 5 || age != 7", "AnyOf(age: 5; age: any except 7)"),
        ("age in [1, 0x2]", "age: 1 or 2"),
        ('sex == "female"', "sex: Female"),
        ("'male' != sex", "sex: any except Male"),
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
        ("size(documents) > 0", "documents: number: more than 0"),
        ("1 <= languages.size()", "languages: number: 1 or more"),
        ('area.startsWith("PA13")', "area: within PA13"),
        ('area in ["PA1301", "PA1302"]', "area: PA1301 or PA1302"),
        ("true", "for everybody"),
        ("// a service for all\ntrue", "for everybody"),
        # negation is carried down to the conditions
        ("!(age < 18)", "age: 18 or more"),
        ('!(age < 18 || sex == "male")', "AllOf(age: 18 or more; sex: any except Male)"),
        ('!(age < 18 && !("passport" in documents))', "AnyOf(age: 18 or more; documents: with Passport)"),
        ('!("passport" in documents)', "documents: without Passport"),
        ('!languages.all(l, l == "spa")', "languages: with something other than Spanish"),
        ('!documents.exists(d, d == "passport")', "documents: without Passport"),
        ('!area.startsWith("PA13")', "area: outside PA13"),
        ('!(sex in ["female", "other"])', "sex: any except Female or Other"),
        ("!!true", "for everybody"),
        ("!true", "for nobody"),
        # a chain of conditions is one list
        ("(age > 1 && age < 9) && children > 0 && (household_size > 2)", None),
    ],
)
def test_rule_becomes_conditions_in_words(rule: str, parts: str | None) -> None:
    condition = parse_rule(rule, VOCABULARY).condition
    if parts is None:
        assert len(getattr(condition, "parts", ())) == 4
    else:
        assert shape(condition) == parts


@pytest.mark.parametrize(
    ("rule", "place", "reason"),
    [
        ("", (1, 1), "The rule is empty. Write true if the service is for everybody."),
        ("  \n // a comment", (1, 1), "The rule is not valid CEL from here on."),
        ("age >= 18 &&& true", (1, 13), "The rule is not valid CEL from here on."),
        # names that do not exist
        ("agee > 3", (1, 1), "There is no field 'agee'. Did you mean 'age'?"),
        ("age >= 18 &&\n  sexo == 'female'", (2, 3), "There is no field 'sexo'. Did you mean 'sex'?"),
        ('sex == "woman"', (1, 8), "The field sex has no code 'woman'."),
        ('sex in ["female", "mail"]', (1, 19), "The field sex has no code 'mail'. Did you mean 'male'?"),
        ('"pasport" in documents', (1, 1), "Did you mean 'passport'?"),
        ('"sp" in languages', (1, 1), "The field languages has no code 'sp'."),
        ('area.startsWith("Panama")', (1, 17), "'Panama' is not a P-code"),
        ('matches(area, "PA.*")', (1, 1), "The function matches is not available in a rule."),
        ('documents.map(d, d).exists(d, d == "x")', (1, 1), "The method map is not available in a rule."),
        ("documents.filter(d, true)", (1, 1), "The method filter is not available in a rule."),
        ("count(documents) > 1", (1, 1), "The function count is not available in a rule."),
        # fields and codes that no rule may name
        ('immigration_status == "regular"', (1, 1), "never depends on a person's legal status"),
        ('nationality == "VEN"', (1, 1), "never depends on a person's legal status"),
        ('age > 3 && "SV-VA" in needs', (1, 12), "is a restricted need"),
        ('"SC-UC" in needs', (1, 1), "is a restricted need"),
        ('"ppt" in documents', (1, 1), "reveals a person's legal status"),
        # types that do not match
        ('age > "x"', (1, 1), "The field age cannot be compared like this. It holds a number"),
        ('sex > "female"', (1, 1), "The field sex cannot be compared like this. It holds one code"),
        ('documents == "passport"', (1, 1), "It holds several codes"),
        ('documents in ["passport"]', (1, 1), "The field documents cannot be used with in like this."),
        ('"passport" in sex', (1, 1), "The field sex cannot be used with in like this."),
        ('sex.startsWith("f")', (1, 1), "The field sex cannot be used with startsWith."),
        ("area.startsWith()", (1, 1), "The argument of startsWith is the beginning of a P-code"),
        ("age in [1, 'x']", (1, 8), "A list contains either codes or numbers."),
        ("age in []", (1, 8), "This is not a condition."),
        ("size(age) > 1", (1, 1), "size counts the codes of a field"),
        ("age > 1.5", (1, 7), "1.5 is neither a code in quotes nor a whole number"),
        ("age > 1u", (1, 7), "1u is neither a code in quotes"),
        ("age > 010", (1, 7), "The number 010 begins with 0, which some languages read as octal."),
        ("age in [1, 007]", (1, 12), "The number 007 begins with 0"),
        ("age > 9999999", (1, 7), "nor a whole number up to 999,999"),
        (r'sex == "fe\u006dale"', (1, 8), "is neither a code in quotes"),
        ("age", (1, 1), "This is not a condition."),
        ("age + 1 > 2", (1, 1), "The operator + is not available in a rule."),
        ("age > household_size", (1, 1), "It holds a number"),
        ("age > 1 ? true : false", (1, 1), "The operator ? : is not available in a rule."),
        ("1 > 2", (1, 1), "This is not a condition."),
        ("age == 1 == true", (1, 1), "This is not a condition."),
        ("null", (1, 1), "This is not a condition."),
        ("{'a': 1}.a == age", (1, 1), "Access to a field (a.b) is not available in a rule."),
        # unbounded work
        ("documents.exists(d, needs.exists(n, n == d))", (1, 1), "Write this as documents.exists"),
        ("documents.all(d, true)", (1, 1), "Write this as documents.exists"),
        ('documents.exists(d, d != "passport")', (1, 1), "Write this as documents.exists"),
        (
            'documents.exists(age, age == "passport")',
            (1, 18),
            "'age' is a field. Use another name for the variable.",
        ),
        (
            'documents.exists(package, package == "passport")',
            (1, 18),
            "'package' is a reserved word of CEL. Use another name.",
        ),
        ("(" * 40 + "true" + ")" * 40, (1, 41), "The rule is nested more than 40 levels deep."),
        ("&&".join(["true"] * 102), (1, 601), "The rule has more than 100 conditions."),
        ("!" * 200 + "true", (1, 41), "The rule is nested more than 40 levels deep."),
        ("true //" + "x" * 4000, (1, 4001), "The rule is longer than 4,000 characters."),
        ("-" * 3000 + "1 > age", (1, 1), "The operator - (sign) is not available in a rule."),
        ("[" * 3000, (1, 3000), "The rule is not valid CEL from here on."),
        ("age" + ".age" * 900, (1, 1), "Access to a field (a.b) is not available in a rule."),
        ("1" + "+1" * 1900 + " > age", (1, 1), "The operator + is not available in a rule."),
    ],
)
def test_invalid_rule_is_refused_at_its_place(rule: str, place: tuple[int, int], reason: str) -> None:
    with pytest.raises(InvalidExpression) as error:
        parse_rule(rule, VOCABULARY)
    assert reason in error.value.reason
    assert (error.value.line, error.value.column) == place


@given(st.text(alphabet='age sx"in&|!()[],.<>=01\n', max_size=60) | st.text(max_size=60))
def test_any_text_is_a_rule_or_is_refused(text: str) -> None:
    with suppress(InvalidExpression):
        parse_rule(text, VOCABULARY)


def test_longest_chain_of_conditions_is_accepted() -> None:
    condition = parse_rule(" && ".join(["age >= 18"] * MOST_CONDITIONS), VOCABULARY).condition
    assert len(getattr(condition, "parts", ())) == MOST_CONDITIONS


def test_rule_of_a_country_names_only_its_documents() -> None:
    with pytest.raises(InvalidExpression, match="no code 'dni'"):
        parse_rule('"dni" in documents', load_vocabulary("PA"))
    parse_rule('"dni" in documents', load_vocabulary("PE"))


def test_documents_that_reveal_a_status_are_admitted_only_on_request() -> None:
    assert parse_rule('"ppt" in documents', load_vocabulary("CO", with_status=True))
    known = {name for country in countries() for name in load_pack(country).documents}
    assert known >= STATUS_DOCUMENTS
