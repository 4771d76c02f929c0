"""A form makes the body that a service takes, and puts a service's faults to their fields."""

from __future__ import annotations

import pytest
from console.accounts.logins.routes import own_path
from console.accounts.visitors.calls import ServiceProblem
from console.interface.forms.form import Choice, Field, Form
from console.interface.language.problem_words import Words
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

FIELDS = (
    Field("name", "Name", "/members/0/name", required="Enter the name."),
    Field("born", "Born", "/members/0/born", "date"),
    Field("sex", "Sex", "/members/0/sex", "radios", choices=(Choice("female", ""), Choice("male", ""))),
    Field("phone", "Phone", "/members/0/phones/0/number"),
    Field("seen", "May see", "/categories", "checkboxes", choices=(Choice("name", ""), Choice("age", ""))),
    Field("safe", "Safe", "/safe", "confirm"),
    Field("page_only", "Only here"),
)


def sent(**entries: str) -> Form:
    form = Form(FIELDS)
    form.read(FormData({name.replace("__", "-"): value for name, value in entries.items()}))
    return form


def test_body_has_what_was_entered_at_its_places():
    form = Form(FIELDS)
    form.read(
        FormData(
            [
                ("name", "  Ana "),
                ("born-day", "27"),
                ("born-month", "3"),
                ("born-year", "1990"),
                ("sex", "female"),
                ("phone", "+50761234567"),
                ("seen", "name"),
                ("seen", "age"),
                ("safe", "yes"),
                ("page_only", "x"),
            ]
        )
    )
    assert not form.is_faulty
    member = {"name": "Ana", "born": "1990-03-27", "sex": "female", "phones": [{"number": "+50761234567"}]}
    assert form.body() == {"members": [member], "categories": ["name", "age"], "safe": True}


def test_missing_and_impossible_entries_are_named():
    form = sent(born__day="31", born__month="2", born__year="1990")
    assert set(form.errors) == {"name", "born"}
    assert "born" not in form.body().get("members", [{}])[0]


@pytest.mark.parametrize("value", ["other", "<script>", "female\0"])
def test_choice_that_was_not_offered_is_no_entry(value):
    assert sent(name="Ana", sex=value, seen=value).body() == {"members": [{"name": "Ana"}], "safe": False}


def test_faults_stand_at_their_fields():
    form = sent(name="Ana", born__day="1", born__month="1", born__year="2030")
    faults = (("/members/0/born", "in the future"), ("/members/0/phones/0/number", "no"), ("/elsewhere", "?"))
    form.take_problem(ServiceProblem(422, "invalid", Words("Title", "Action."), faults))
    assert form.errors == {"born": "in the future", "phone": "no"}
    assert form.title == "Title"


@given(
    st.dictionaries(
        st.sampled_from(["name", "born-day", "born-month", "born-year", "sex", "seen"]), st.text()
    )
)
def test_no_entry_breaks_a_form(entries):
    form = Form(FIELDS)
    form.read(FormData(entries))
    form.body()


@given(st.text())
def test_path_after_a_login_is_always_on_this_site(text):
    path = own_path(text)
    assert path.startswith("/")
    assert not path.startswith(("//", "/\\"))
    assert not any(character in path for character in "\r\n\t \\")
