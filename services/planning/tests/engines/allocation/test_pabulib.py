"""Tests of reading `.pb` files, in every variant that occurs and with every kind of mistake."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from planning.engines.allocation import pabulib
from solidary.files.command_line import CommandError, InvalidInput
from solidary.language.numbers import DecimalMark

PLAIN = """META
key;value
budget;100
vote_type;approval
rule;greedy
PROJECTS
project_id;cost;name;selected
1;60;Park;1
2;50;Well;0
VOTES
voter_id;vote
v1;1,2
v2;1
"""


def read(folder: Path, text: str | bytes, community: str | None = None) -> pabulib.Election:
    path = folder / "case.pb"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return pabulib.read(path, community)


def points(election: pabulib.Election) -> list[tuple[dict[str, Fraction], int]]:
    return [(dict(ballot.points), ballot.count) for ballot in election.ballots]


SAME = {
    "a BOM": "\ufeff" + PLAIN,
    "CRLF": PLAIN.replace("\n", "\r\n"),
    "no final line end": PLAIN.rstrip("\n"),
    "spaces around cells": PLAIN.replace(";", " ; "),
    "quoted cells": PLAIN.replace("v1;1,2", 'v1;"1,2"').replace("Park", '"Park"'),
    "quotes after a space": PLAIN.replace(";Park", '; "Park"'),
    "blank lines": PLAIN.replace("VOTES", "\n\nVOTES\n"),
    "padding semicolons": PLAIN.replace("META", "META;;")
    .replace("VOTES", "VOTES;;;")
    .replace("v2;1", "v2;1;;"),
    "lower case sections": PLAIN.replace("META", "meta").replace("PROJECTS", "Projects"),
    "trailing comma in a vote": PLAIN.replace("v2;1", "v2;1,"),
    "votes first": "VOTES" + PLAIN.split("VOTES")[1] + PLAIN.split("VOTES")[0],
}


@pytest.mark.parametrize("text", SAME.values(), ids=SAME)
def test_the_same_election_is_read_from(tmp_path: Path, text: str) -> None:
    election = read(tmp_path, text)
    assert [(project.id, project.cost, project.name) for project in election.projects] == [
        ("1", 60, "Park"),
        ("2", 50, "Well"),
    ]
    assert points(election) == [({"1": 1, "2": 1}, 1), ({"1": 1}, 1)]
    assert election.budget == 100
    assert election.selected == {"1"}
    assert election.notes == ()


def test_a_quoted_cell_may_hold_semicolons_quotes_and_line_ends(tmp_path: Path) -> None:
    election = read(tmp_path, PLAIN.replace("Park", '"A ""Park""; stage\nII"'))
    assert election.projects[0].name == 'A "Park"; stage\nII'


@pytest.mark.parametrize(("written", "cost"), [("60,50", "121/2"), ("60.5", "121/2"), ("1 060", "1060")])
def test_decimals_and_thousands_are_read_exactly(tmp_path: Path, written: str, cost: str) -> None:
    assert read(tmp_path, PLAIN.replace("1;60", f"1;{written}")).projects[0].cost == Fraction(cost)


def test_blank_votes_are_ballots(tmp_path: Path) -> None:
    election = read(tmp_path, PLAIN + "v3;\nv4\nv5;None\n")
    assert points(election)[-1] == ({}, 3)


def test_a_ranking_gives_points_by_rank(tmp_path: Path) -> None:
    election = read(tmp_path, PLAIN.replace("approval", "ordinal"))
    assert points(election) == [({"1": 2, "2": 1}, 1), ({"1": 1}, 1)]


def test_points_are_read_in_the_order_of_the_vote(tmp_path: Path) -> None:
    text = PLAIN.replace("approval", "cumulative").replace("voter_id;vote", "voter_id;points;vote")
    text = text.replace("v1;1,2", "v1;7.5,2;2,1").replace("v2;1", "v2;10;1")
    assert points(read(tmp_path, text)) == [({"2": Fraction(15, 2), "1": 2}, 1), ({"1": 10}, 1)]


def test_a_broken_default_score_is_reported_with_its_line(tmp_path: Path) -> None:
    text = PLAIN.replace("approval", "scoring\ndefault_score;much")
    line = text.splitlines().index("default_score;much") + 1
    with pytest.raises(InvalidInput, match="default_score") as caught:
        read(tmp_path, text)
    assert caught.value.place == f"line {line}"


def test_the_default_score_is_given_to_projects_that_a_ballot_does_not_list(tmp_path: Path) -> None:
    text = PLAIN.replace("approval", "scoring\ndefault_score;3").replace("vote\n", "vote;points\n")
    text = text.replace("v1;1,2", "v1;2;-1").replace("v2;1", "v2;1;5")
    assert points(read(tmp_path, text)) == [({"1": 3, "2": -1}, 1), ({"1": 5, "2": 3}, 1)]


def test_a_withdrawn_project_is_no_candidate_but_ballots_may_name_it(tmp_path: Path) -> None:
    election = read(tmp_path, PLAIN.replace("2;50", "2;999999999"))
    assert [project.id for project in election.projects] == ["1"]
    assert points(election)[0] == ({"1": 1}, 1)


def test_the_community_is_read_from_the_named_column(tmp_path: Path) -> None:
    text = PLAIN.replace("voter_id;vote", "voter_id;sex;vote").replace("v1;", "v1;F;").replace("v2;", "v2;M;")
    assert {ballot.community for ballot in read(tmp_path, text, "sex").ballots} == {"F", "M"}
    with pytest.raises(CommandError, match="no column district"):
        read(tmp_path, text, "district")


def test_counts_that_do_not_agree_are_noted(tmp_path: Path) -> None:
    election = read(tmp_path, PLAIN.replace("budget;100", "budget;100\nnum_votes;9") + "v2;2\n")
    assert election.notes == (
        "The num_votes in META is 9, but the file holds 3.",
        "1 row repeats a voter_id. Every row was counted.",
    )


def test_a_project_that_a_ballot_names_twice_counts_once_and_is_noted(tmp_path: Path) -> None:
    election = read(tmp_path, PLAIN.replace("v2;1", "v2;1,1"))
    assert points(election) == [({"1": 1, "2": 1}, 1), ({"1": 1}, 1)]
    assert election.notes == ("1 ballot names a project twice. It was counted once.",)


def test_the_stated_mark_before_decimals_decides_between_two_readings(tmp_path: Path) -> None:
    path = tmp_path / "thousands.pb"
    path.write_text(PLAIN.replace("budget;100", "budget;40,000"))
    assert pabulib.read(path, decimal=DecimalMark.POINT).budget == 40_000
    assert pabulib.read(path, decimal=DecimalMark.COMMA).budget == 40


BROKEN = {
    "an unknown project": (
        PLAIN.replace("v2;1", "v2;7"),
        "line 13",
        "names project 7, which PROJECTS does not list",
    ),
    "a second project": (PLAIN.replace("2;50", "1;50"), "line 9", "second project with the project_id 1"),
    "a cost that is no number": (PLAIN.replace("2;50", "2;much"), "line 9", "'much' is not a number"),
    "an infinite cost": (PLAIN.replace("2;50", "2;Infinity"), "line 9", "'Infinity' is not a number"),
    "a number that would exhaust the memory": (
        PLAIN.replace("2;50", "2;1e999"),
        "line 9",
        "out of range",
    ),
    "no cost": (PLAIN.replace("2;50;Well;0", "2"), "line 9", "'' is not a number"),
    "a negative cost": (PLAIN.replace("2;50", "2;-50"), "line 9", "negative"),
    "a budget of two readings": (
        PLAIN.replace("budget;100", "budget;40,000"),
        "line 3",
        "40,000 may be 40 or 40000. Write 40 or 40000. Or state the mark before decimals with --decimal",
    ),
    "two budgets": (
        PLAIN.replace("budget;100", "budget;100\nBudget;30"),
        "line 4",
        "META has budget twice; it is already on line 3",
    ),
    "a column twice": (
        PLAIN.replace("project_id;cost", "cost;cost;project_id"),
        "line 7",
        "The header of PROJECTS has cost twice, as its columns 1 and 2",
    ),
    "two projects for one choice": (
        PLAIN.replace("approval", "choose-1"),
        "line 12",
        "chooses 2 projects; choose-1 allows one",
    ),
    "no budget": (PLAIN.replace("budget;100", "budget;"), "line 1", "budget"),
    "no vote type": (PLAIN.replace("vote_type;approval\n", ""), "line 1", "vote_type"),
    "a quote without end": (PLAIN.replace("Park", '"Park'), "line 8", "quote"),
    "too many cells": (
        PLAIN.replace("Park;1", "Park;yes;1"),
        "line 8",
        "5 cells, but the header has 4 columns",
    ),
    "no votes section": (PLAIN.split("VOTES")[0], "", "no section VOTES"),
    "no ballots": (PLAIN.replace("v1;1,2\nv2;1\n", ""), "line 10", "no ballots"),
    "a second section": (PLAIN + "VOTES\n", "line 14", "second section"),
    "rows before META": ("x;y\n" + PLAIN, "line 1", "must begin with META"),
    "no cost column": (PLAIN.replace("cost", "price"), "line 7", "no column cost"),
    "not UTF-8": (PLAIN.replace("Park", "Jardín").encode("latin-1"), "line 8", "UTF-8"),
    "points missing": (
        PLAIN.replace("approval", "cumulative"),
        "line 12",
        "points (0) is not the number of projects (2)",
    ),
    "ranked twice": (PLAIN.replace("approval", "ordinal").replace("v1;1,2", "v1;1,1"), "line 12", "twice"),
    "an empty file": ("", "", "no section META, PROJECTS, VOTES"),
}


@pytest.mark.parametrize(("text", "place", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_reported_with_line_and_reason(
    tmp_path: Path, text: str | bytes, place: str, reason: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(tmp_path, text)
    assert str(caught.value.file).endswith("case.pb")
    assert (caught.value.place or "") == place
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("old", "new"), [("approval", "telepathy"), ("approval", "ordinal\nscoring_fn;Dowdall")]
)
def test_an_unsupported_vote_type_or_scoring_function_is_reported(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(CommandError, match="is not supported"):
        read(tmp_path, PLAIN.replace(old, new))
