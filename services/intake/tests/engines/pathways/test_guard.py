from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intake.engines.pathways.guard import Advice, Caution, Circumstances, Timing, advise
from solidary.language import country
from solidary.language.codes.pathways import PathwayKind

TODAY = date(2026, 11, 22)


def _advice(code: str, pathway: str, person: Circumstances, today: date = TODAY) -> Advice:
    (found,) = [
        one for one in advise(country.load_pack(code).pathways, person, today) if one.pathway.id == pathway
    ]
    return found


@pytest.mark.parametrize(
    ("code", "pathway", "entered", "timing", "last_day"),
    [
        ("PA", "pa-asylum", date(2026, 10, 1), Timing.IN_TIME, date(2027, 4, 1)),
        ("PA", "pa-asylum", date(2026, 5, 25), Timing.LAST_DAYS, date(2026, 11, 25)),
        ("PA", "pa-asylum", date(2026, 5, 22), Timing.LAST_DAYS, date(2026, 11, 22)),
        ("PA", "pa-asylum", date(2026, 5, 21), Timing.PASSED, date(2026, 11, 21)),
        ("PA", "pa-asylum", None, Timing.ENTRY_UNKNOWN, None),
        ("DO", "do-asylum", date(2026, 11, 20), Timing.IN_TIME, date(2026, 12, 5)),
        ("DO", "do-asylum", date(2026, 11, 6), Timing.PASSED, date(2026, 11, 21)),
        ("EC", "ec-asylum", date(2026, 11, 1), Timing.IN_TIME, date(2027, 1, 30)),
        ("CO", "co-asylum", date(2026, 11, 1), Timing.IN_TIME, date(2027, 1, 1)),
        ("PE", "pe-asylum", date(2020, 1, 1), Timing.NO_DEADLINE, None),
        ("TT", "tt-asylum", date(2020, 1, 1), Timing.NO_DEADLINE, None),
    ],
)
def test_the_deadline_runs_from_the_date_of_entry(
    code: str, pathway: str, entered: date | None, timing: Timing, last_day: date | None
) -> None:
    found = _advice(code, pathway, Circumstances(entered=entered))
    assert (found.timing, found.last_day) == (timing, last_day)


def test_a_passed_deadline_leads_to_legal_aid_and_never_to_not_eligible() -> None:
    found = _advice("PA", "pa-asylum", Circumstances(entered=date(2020, 1, 1)))
    assert found.legal_aid
    assert found.by_default
    (late,) = [warning for warning in found.warnings if warning.caution is Caution.LATE]
    assert "no significa que no tenga derecho" in late.wording.es


@pytest.mark.parametrize(
    ("code", "on", "other"),
    [
        ("CO", "co-asylum", "co-ppt"),
        ("CO", "co-ppt", "co-asylum"),
        ("DO", "do-asylum", "do-normalisation"),
        ("DO", "do-normalisation", "do-asylum"),
    ],
)
def test_pathways_that_exclude_each_other_carry_a_warning(code: str, on: str, other: str) -> None:
    found = _advice(code, other, Circumstances(pathways=frozenset({on})))
    assert Caution.EXCLUDES in {warning.caution for warning in found.warnings}
    assert not found.by_default
    assert found.legal_aid
    assert not [
        w
        for w in _advice(code, on, Circumstances(pathways=frozenset({on}))).warnings
        if w.caution == "excludes"
    ]


@pytest.mark.parametrize(("code", "pathway"), [("CO", "co-ppt"), ("DO", "do-normalisation")])
@pytest.mark.parametrize(
    ("needs", "warned", "proposed"), [(True, 1, False), (None, 1, False), (False, 0, True)]
)
def test_a_permit_that_excludes_asylum_carries_a_warning_for_whoever_may_need_protection(
    code: str, pathway: str, needs: bool | None, warned: int, proposed: bool
) -> None:
    found = _advice(code, pathway, Circumstances(needs_protection=needs))
    assert [warning.caution for warning in found.warnings].count(Caution.GIVES_UP_ASYLUM) == warned
    assert found.by_default is proposed


@pytest.mark.parametrize("code", country.countries())
@pytest.mark.parametrize("needs", [True, None])
def test_contact_with_the_consulate_is_never_proposed_to_whoever_may_need_protection(
    code: str, needs: bool | None
) -> None:
    for found in advise(country.load_pack(code).pathways, Circumstances(needs_protection=needs), TODAY):
        if found.pathway.consulate or found.pathway.informs_origin:
            assert not found.by_default
            assert found.legal_aid
            assert Caution.CONTACT_WITH_ORIGIN in {warning.caution for warning in found.warnings}


def test_the_dominican_register_of_foreigners_warns_that_it_informs_the_country_of_origin() -> None:
    found = _advice("DO", "do-late-birth-foreigners", Circumstances())
    (warning,) = [w for w in found.warnings if w.caution is Caution.CONTACT_WITH_ORIGIN]
    assert "autoridades de su país" in warning.wording.es


@pytest.mark.parametrize(
    ("code", "pathway", "today", "closed"),
    [
        ("PA", "pa-temporary-protection", date(2024, 7, 19), False),
        ("PA", "pa-temporary-protection", date(2024, 7, 20), True),
        ("CO", "co-pep-tutor", date(2025, 8, 31), True),
        ("CO", "co-pep-tutor", date(2026, 4, 30), False),
        ("PE", "pe-cpp", TODAY, True),
        ("EC", "ec-virte-ii", TODAY, True),
    ],
)
def test_a_closed_or_repealed_pathway_is_not_proposed(
    code: str, pathway: str, today: date, closed: bool
) -> None:
    found = _advice(code, pathway, Circumstances(), today)
    assert found.by_default is not closed
    assert (Caution.NOT_OPEN in {warning.caution for warning in found.warnings}) is closed


def test_an_unknown_pathway_is_refused() -> None:
    with pytest.raises(KeyError, match="pa-nowhere"):
        advise(country.load_pack("PA").pathways, Circumstances(pathways=frozenset({"pa-nowhere"})), TODAY)


ALL = [(code, pathway) for code in country.countries() for pathway in country.load_pack(code).pathways]


@given(
    st.sampled_from(country.countries()),
    st.one_of(st.none(), st.dates(date(2000, 1, 1), TODAY)),
    st.sampled_from([True, False, None]),
    st.data(),
)
def test_every_advice_has_sources_and_no_statement_on_eligibility(
    code: str, entered: date | None, needs: bool | None, data: st.DataObject
) -> None:
    routes = country.load_pack(code).pathways
    on = data.draw(st.frozensets(st.sampled_from(sorted(routes)), max_size=3))
    for found in advise(routes, Circumstances(entered, on, needs), TODAY):
        assert found.sources
        assert (found.days_left is None) == (found.last_day is None)
        texts = " ".join(
            [found.pathway.guidance.es, *(warning.wording.es for warning in found.warnings)]
        ).lower()
        assert not any(word in texts for word in ("no es elegible", "no elegible", "no califica"))
        assert found.timing is not Timing.PASSED or found.legal_aid
        assert found.pathway.kind is not PathwayKind.LEGAL_ASSISTANCE or not found.legal_aid


@given(st.dates(date(2020, 1, 1), TODAY), st.integers(0, 400))
def test_time_to_a_deadline_never_grows(entered: date, later: int) -> None:
    order = [Timing.IN_TIME, Timing.LAST_DAYS, Timing.PASSED]
    now = _advice("PA", "pa-asylum", Circumstances(entered), entered)
    then = _advice("PA", "pa-asylum", Circumstances(entered), entered + timedelta(days=later))
    assert order.index(now.timing) <= order.index(then.timing)
