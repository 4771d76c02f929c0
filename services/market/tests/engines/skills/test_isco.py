from __future__ import annotations

import csv
from collections import Counter
from importlib.resources import files
from pathlib import Path

from market.engines.skills import isco
from market.engines.skills.folding import words
from solidary.files.tables import read_rows

COUNTRIES = {"CO", "DO", "EC", "MX", "PA", "PE", "TT", "VE"}


def test_groups_are_those_of_isco_08(shared: Path) -> None:
    official = {row["CODE"] for row in read_rows(shared / "esco-1.1.1" / "ISCOGroups.csv", ["CODE"])}
    assert set(isco.groups()) == official
    assert Counter(map(len, isco.groups())) == {1: 10, 2: 43, 3: 130, 4: 436}


def test_every_group_has_both_names_and_a_parent() -> None:
    for code, group in isco.groups().items():
        assert words(group.es, "es")
        assert words(group.en, "en")
        assert len(code) == 1 or code[:-1] in isco.groups()


def test_every_label_has_a_unit_group_and_a_searchable_word() -> None:
    for label in isco.labels():
        assert label.code in isco.groups(), label
        assert len(label.code) == 4, label
        assert 0 < label.weight <= 1
        assert words(label.text, label.language), label


def test_regional_words_have_their_countries_and_meaning() -> None:
    table = (files("market.engines.skills") / "vocabulary" / "regional.csv").read_text(encoding="utf-8")
    regional = list(csv.DictReader(table.splitlines()))
    assert len(regional) >= 200
    assert all(set(row["countries"].split()) <= COUNTRIES for row in regional)
    assert {"albañil", "maestro de obra", "nana", "chambero", "buhonero"} <= {row["word"] for row in regional}
    assert all(row["meaning"] for row in regional)
