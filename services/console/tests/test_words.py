"""Every text of the pages exists in Spanish, every code has words, and every problem has an action."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import console
import pytest
from console.interface.language.catalogue import catalogue, has_text, preferred
from console.interface.language.labels import LISTS, OWN, label
from console.interface.language.problem_words import PROBLEMS, words_of

SOURCES = Path(console.__file__).parent
SERVICES = Path(__file__).parents[2]
IN_TEMPLATE = re.compile(r"""\b_\("((?:[^"\\]|\\.)*)"\)""")
SAME_IN_BOTH = {"Error"}

CODES = {
    ("intake", "Relation"): "relation",
    ("intake", "RegistrationState"): "registration_state",
    ("intake", "NeedState"): "need_state",
    ("intake", "Severity"): "severity",
    ("intake", "AccessReason"): "access_reason",
    ("intake", "Purpose"): "purpose",
    ("intake", "DataCategory"): "data_category",
    ("intake", "LegalBasis"): "legal_basis",
    ("intake", "ConsentChannel"): "consent_channel",
    ("intake", "ConsentState"): "consent_state",
    ("intake", "ProcedureState"): "procedure_state",
    ("intake", "CentreKind"): "centre_kind",
    ("intake", "DeskService"): "desk_service",
    ("intake", "Weekday"): "weekday",
    ("intake", "ComplaintState"): "complaint_state",
    ("intake", "ComplaintStep"): "complaint_step",
    ("referrals", "ReferralState"): "referral_state",
    ("referrals", "EligibilityStatus"): "eligibility",
    ("referrals", "RejectionReason"): "rejection_reason",
    ("referrals", "ReferralOutcome"): "outcome",
    ("referrals", "Urgency"): "urgency",
}
"""The lists of codes in the services' descriptions, with the kind of words that pages have for each."""


def texts() -> dict[str, str]:
    """Return each text that is marked or translated, with a file that has it."""
    found: dict[str, str] = {}
    for file in sorted(SOURCES.rglob("*.py")):
        for text in _marked(ast.parse(file.read_text(encoding="utf-8"))):
            found.setdefault(text, file.name)
    for file in sorted((SOURCES / "templates").glob("*.html")):
        for text in IN_TEMPLATE.findall(file.read_text(encoding="utf-8")):
            found.setdefault(text, file.name)
    return found


def _marked(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("mark", "_"):
            (argument, *_) = node.args
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield argument.value


def test_every_text_is_in_spanish_and_no_translation_is_left_over():
    found = texts()
    assert len(found) > 200, "this search finds texts"
    missing = {text: file for text, file in found.items() if not has_text("es", text)}
    assert not missing
    assert not catalogue("es").keys() - found.keys(), "no page has these texts any more"
    same = {text for text, spanish in catalogue("es").items() if text == spanish}
    assert same == SAME_IN_BOTH


def test_no_template_has_words_outside_of_the_catalogue():
    for file in sorted((SOURCES / "templates").glob("*.html")):
        text = re.sub(
            r"\{#.*?#\}|\{\{.*?\}\}|\{%.*?%\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        shown = " ".join(re.findall(r">([^<>]*)<", text))
        words = set(re.findall(r"[A-Za-zÀ-ÿ]{2,}", shown)) - {"Solidary"}
        assert not words, file.name


@pytest.mark.parametrize(("service", "schema"), CODES, ids=lambda value: value)
def test_every_code_of_a_service_has_words(service, schema):
    document = json.loads((SERVICES / service / "openapi.json").read_text())
    kind = CODES[service, schema]
    codes = set(document["components"]["schemas"][schema]["enum"])
    assert codes <= set(OWN.get(kind) or LISTS[kind])


def test_unknown_code_is_never_shown():
    for kind in ("need", "document", "sex", "referral_state", "area"):
        assert "ZZ-9" not in label(kind, "ZZ-9", "es", "PA")
    assert label("sex", None, "es", "PA") == "Sin registrar"


def test_every_problem_has_a_title_and_an_action():
    for slug in (*PROBLEMS, "never-heard-of"):
        words = words_of(slug, 409)
        assert words.title
        assert words.action.endswith(".")


@pytest.mark.parametrize(
    ("header", "language"),
    [("en-GB,en;q=0.9", "en"), ("fr,es;q=0.8", "es"), ("", "es"), ("de", "es"), ("\0;,,x", "es")],
)
def test_language_is_that_of_the_browser(header, language):
    assert preferred(header) == language
