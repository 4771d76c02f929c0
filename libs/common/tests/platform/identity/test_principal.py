from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from solidary.platform.identity import (
    SOFTWARE_DUTIES,
    AgencyNotChosen,
    CauseInvalid,
    Claims,
    Duty,
    DutyMissing,
    Membership,
    NotAMember,
    SecondFactorRequired,
    principal_of,
)
from solidary.platform.identity.duties import PEOPLE_DUTIES

SUBJECT = UUID("5f0c1f0e-53d1-4a6c-8f3b-0d7c5a0f8f11")
UNHCR = Membership(UUID(int=1), "unhcr", frozenset({Duty.FRONT_DESK}), "PA")
IOM = Membership(UUID(int=2), "iom", frozenset({Duty.CASH_MAKER, Duty.PLANNER}), "PA")


CAUSE = f"referral:{UUID(int=9)}"


def of(*memberships: Membership, service: str | None = None, caller: str | None = None) -> Claims:
    return Claims(
        SUBJECT, {each.alias: each for each in memberships}, service, expires=0, caller=service or caller
    )


def test_member_of_one_agency_need_not_name_it() -> None:
    principal = principal_of(of(UNHCR), None)
    assert (principal.subject, principal.agency, principal.agency_alias) == (SUBJECT, UNHCR.agency, "unhcr")
    assert principal.duties == {Duty.FRONT_DESK}
    assert principal.service is None


@pytest.mark.parametrize("name", ["iom", str(IOM.agency), str(IOM.agency).upper()])
def test_member_of_several_agencies_names_one_by_alias_or_id(name: str) -> None:
    principal = principal_of(of(UNHCR, IOM), name)
    assert (principal.agency, principal.duties) == (IOM.agency, IOM.duties)


def test_member_of_several_agencies_who_names_none_gets_the_choices() -> None:
    with pytest.raises(AgencyNotChosen, match="iom, unhcr"):
        principal_of(of(UNHCR, IOM), None)


@pytest.mark.parametrize("name", ["iom", str(IOM.agency), str(UUID(int=3)), "", "UNHCR"])
def test_nobody_acts_for_an_agency_they_do_not_belong_to(name: str) -> None:
    with pytest.raises(NotAMember):
        principal_of(of(UNHCR), name)


@pytest.mark.parametrize("name", [None, "unhcr"])
def test_account_without_agency_acts_for_none(name: str | None) -> None:
    with pytest.raises(NotAMember):
        principal_of(of(), name)


def test_service_acts_for_the_agency_that_it_names_and_has_no_duty() -> None:
    agency = uuid4()
    principal = principal_of(of(service="cash"), str(agency), cause=CAUSE)
    assert (principal.agency, principal.service, principal.duties) == (agency, "cash", frozenset())
    assert (principal.agency_alias, principal.caller) == (str(agency), "cash")
    assert (principal.cause, principal.on_behalf_of) == (CAUSE, None)


def test_service_names_the_human_whose_request_led_to_its_call() -> None:
    principal = principal_of(of(service="cash"), str(uuid4()), cause=CAUSE, on_behalf_of=str(SUBJECT))
    assert principal.on_behalf_of == SUBJECT


@pytest.mark.parametrize(
    "cause", [None, "", "referral", "referral:7", f"Referral:{UUID(int=9)}", f"{CAUSE}\n"]
)
def test_service_without_a_readable_cause_is_refused(cause: str | None) -> None:
    with pytest.raises(CauseInvalid, match="Solidary-Cause"):
        principal_of(of(service="cash"), str(uuid4()), cause=cause)


def test_service_that_acts_for_no_readable_account_is_refused() -> None:
    with pytest.raises(CauseInvalid, match="Solidary-On-Behalf-Of"):
        principal_of(of(service="cash"), str(uuid4()), cause=CAUSE, on_behalf_of="Rosa")


@pytest.mark.parametrize("caller", [None, "cash"])
def test_cause_that_a_human_sends_is_ignored(caller: str | None) -> None:
    principal = principal_of(of(IOM, caller=caller), None, cause=CAUSE, on_behalf_of=str(uuid4()))
    assert (principal.cause, principal.on_behalf_of) == (None, None)
    assert (principal.subject, principal.service, principal.caller) == (SUBJECT, None, caller)
    assert principal.duties == IOM.duties


def test_duties_in_a_service_token_are_ignored() -> None:
    principal = principal_of(of(IOM, service="cash"), str(IOM.agency), cause=CAUSE)
    assert principal.duties == frozenset()


@pytest.mark.parametrize("name", [None, "", "unhcr"])
def test_service_names_its_agency_by_id(name: str | None) -> None:
    with pytest.raises(AgencyNotChosen, match="id of the agency"):
        principal_of(of(service="cash"), name)


def test_second_factor_must_be_recent() -> None:
    principal = replace(principal_of(of(UNHCR), None), second_factor_at=1000)
    principal.require_second_factor(since=1000)
    with pytest.raises(SecondFactorRequired, match="one-time code"):
        principal.require_second_factor(since=1001)
    with pytest.raises(SecondFactorRequired):
        replace(principal, second_factor_at=None).require_second_factor(since=0)


def test_one_of_several_duties_is_enough() -> None:
    principal_of(of(UNHCR), None).require(Duty.CASE_WORKER, Duty.FRONT_DESK)


def test_missing_duty_is_named() -> None:
    with pytest.raises(DutyMissing, match="needs one of the duties: cash_checker, cash_releaser"):
        principal_of(of(IOM), None).require(Duty.CASH_RELEASER, Duty.CASH_CHECKER)


@given(st.dictionaries(st.uuids(), st.frozensets(st.sampled_from(Duty)), min_size=1, max_size=6))
def test_duty_in_one_agency_is_none_in_another(agencies: dict[UUID, frozenset[Duty]]) -> None:
    memberships = [Membership(agency, f"a-{agency}", duties) for agency, duties in agencies.items()]
    for agency, duties in agencies.items():
        assert principal_of(of(*memberships), str(agency)).duties == duties & PEOPLE_DUTIES


def test_duties_are_the_groups_of_an_organization() -> None:
    assert all(duty == duty.name.lower() for duty in Duty)


def test_software_has_the_duties_of_software_only_and_a_person_none_of_them() -> None:
    everything = replace(UNHCR, duties=frozenset(Duty))
    software = principal_of(replace(of(everything), software="unhcr-records"), None)
    assert (software.duties, software.software) == (SOFTWARE_DUTIES, "unhcr-records")
    person = principal_of(of(everything), None)
    assert person.software is None
    assert not [duty for duty in person.duties if duty.startswith("software_")]
    assert person.duties | software.duties == set(Duty)


@pytest.mark.parametrize("name", [None, "unhcr", "iom"])
def test_software_belongs_to_one_agency(name: str | None) -> None:
    with pytest.raises(NotAMember):
        principal_of(replace(of(UNHCR, IOM), software="unhcr-records"), name)
