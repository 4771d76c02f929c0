"""The duties that one person may not hold together."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from uuid import UUID

import pytest
from solidary.platform.identity import DutiesIncompatible, Duty, Principal, incompatible_duties
from solidary.platform.identity.duties import MONEY_DUTIES

PERSON = Principal(UUID(int=1), UUID(int=2), "iom", frozenset())


@pytest.mark.parametrize("pair", combinations(sorted(MONEY_DUTIES), 2), ids=" and ".join)
def test_two_duties_that_move_money_exclude_each_other(pair: tuple[Duty, Duty]) -> None:
    assert incompatible_duties(pair) == set(pair)


@pytest.mark.parametrize("fact", [Duty.FRONT_DESK, Duty.CASE_WORKER, Duty.PROVIDER, Duty.SOFTWARE_REGISTER])
def test_whoever_writes_the_facts_may_make_and_neither_check_nor_release(fact: Duty) -> None:
    assert not incompatible_duties([fact, Duty.CASH_MAKER])
    for money in MONEY_DUTIES - {Duty.CASH_MAKER}:
        assert incompatible_duties([fact, money, Duty.PLANNER]) == {fact, money}


def test_excluded_duties_are_refused_only_where_one_for_money_is_used() -> None:
    person = replace(PERSON, duties=frozenset({Duty.FRONT_DESK, Duty.CASH_CHECKER}))
    person.require_separate_duties({Duty.FRONT_DESK})
    person.require_separate_duties({Duty.CASH_RELEASER})
    with pytest.raises(DutiesIncompatible, match="cash_checker, front_desk"):
        person.require_separate_duties({Duty.CASH_CHECKER})
    replace(person, duties=frozenset({Duty.CASH_CHECKER})).require_separate_duties({Duty.CASH_CHECKER})
