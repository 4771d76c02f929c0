from __future__ import annotations

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from solidary.language.problems import Busy, Conflict, count_of, json_pointer, problem_types
from solidary.language.validation import faults_of


def test_pointers_follow_rfc_6901():
    assert json_pointer([]) == ""
    assert json_pointer(["members", 0, "a/b~c"]) == "/members/0/a~1b~0c"


def test_problem_without_a_detail_has_title_and_action_as_detail():
    document = Busy().document
    assert document["type"] == "urn:solidary:problem:busy"
    assert document["detail"] == f"{Busy.title}. {Busy.action}"
    assert "errors" not in document


def test_plural_forms():
    assert [count_of(n, "fault") for n in (0, 1, 2)] == ["0 faults", "1 fault", "2 faults"]
    assert count_of(2, "city", "cities") == "2 cities"


def test_every_problem_has_a_slug_of_its_own_and_complete_sentences():
    for kind in problem_types({"solidary"}):
        assert kind.slug == kind.slug.lower()
        assert "_" not in kind.slug
        assert not kind.title.endswith(".")
        assert kind.action.endswith(".")
        assert kind.__doc__


def test_two_problems_with_one_slug_are_a_mistake():
    twin = type(
        "Twin", (Conflict,), {"slug": "conflict", "__module__": "solidary.twin", "__doc__": "A twin."}
    )
    try:
        with pytest.raises(ValueError, match="Twin"):
            problem_types({"solidary"})
    finally:
        twin.__module__ = "test"


class Member(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(min_length=2)
    age: int = Field(ge=0)


class Household(BaseModel):
    members: list[Member]


@pytest.mark.parametrize(
    ("body", "pointer", "sentence"),
    [
        ({}, "/members", "This field is required."),
        ({"members": [{"name": "A", "age": 1}]}, "/members/0/name", "This must have at least 2 characters."),
        ({"members": [{"name": "Ana", "age": "x"}]}, "/members/0/age", "This must be a whole number."),
        ({"members": [{"name": "Ana", "age": -1}]}, "/members/0/age", "This must be at least 0."),
        ({"members": {}}, "/members", "This must be a list."),
    ],
)
def test_faults_have_pointers_and_plain_sentences(body, pointer, sentence):
    with pytest.raises(ValidationError) as error:
        Household.model_validate(body)
    (fault,) = faults_of(error.value.errors(), body)
    assert (fault.pointer, fault.detail) == (pointer, sentence)
