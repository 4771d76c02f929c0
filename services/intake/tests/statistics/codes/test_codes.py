"""The code lists that everybody may read."""

from __future__ import annotations

import pytest
from intake.statistics.codes.queries import code_lists
from solidary.language.codes.specific_needs import load_specific_needs
from solidary.language.country import load_pack


@pytest.mark.parametrize("country", ["PA", "CO", "EC", "PE", "DO", "TT"])
def test_every_code_has_its_wording_and_every_list_its_name(country: str) -> None:
    lists = code_lists(load_pack(country))
    names = [each.name for each in lists.items]
    assert len(set(names)) == len(names)
    for each in lists.items:
        assert each.codes, each.name
        assert len({code.code for code in each.codes}) == len(each.codes)
        assert all(code.es and code.en for code in each.codes), each.name


def test_no_list_suggests_a_restricted_need() -> None:
    needs = load_specific_needs()
    restricted = {code for code in needs.codes if needs.is_restricted(code)}
    (listed,) = [each for each in code_lists(load_pack("PA")).items if each.name == "specific_need"]
    assert restricted
    assert not restricted & {code.code for code in listed.codes}
