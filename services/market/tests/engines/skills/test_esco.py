from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest
from market.engines.skills import esco
from solidary.files.command_line import InvalidInput

SMALL = {
    "ISCOGroups.csv": (
        "ESCOURI,ID,CODE,PREFERREDLABEL,ALTLABELS\n"
        'u/g7,g7,7,Crafts,\nu/g71,g71,71,"Building, trades",\nu/g711,g711,711,Frame,\nu/g7112,g7112,7112,Bricks,\n'
    ),
    "occupations.csv": (
        "ESCOURI,ID,CODE,ISCOGROUPCODE,PREFERREDLABEL,ALTLABELS\n"
        'u/o1,o1,7112.1,7112,bricklayer,"brick setter\nbricklayer\n mason "\nu/o2,o2,7112.1.1,7112,chimney builder,\n'
    ),
    "occupations_hierarchy.csv": (
        "PARENTOBJECTTYPE,PARENTID,CHILDID,CHILDOBJECTTYPE\n"
        "ISCOGroup,g7,g71,ISCOGroup\nISCOGroup,g71,g711,ISCOGroup\nISCOGroup,g711,g7112,ISCOGroup\n"
        "ISCOGroup,g7112,o1,ESCOOccupation\nESCOOccupation,o1,o2,ESCOOccupation\n"
    ),
    "skills.csv": (
        "ESCOURI,ID,SKILLTYPE,REUSELEVEL,PREFERREDLABEL,ALTLABELS\n"
        "u/s1,s1,skill/competence,cross-sector,lay bricks,\nu/s2,s2,knowledge,transversal,building codes,\n"
    ),
    "occupation_skill_relations.csv": (
        "OCCUPATIONTYPE,OCCUPATIONID,RELATIONTYPE,SKILLID\nESCO,o1,essential,s1\nESCO,o1,optional,s2\n"
    ),
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    for name, content in SMALL.items():
        (tmp_path / name).write_text(content)
    return tmp_path


def test_esco_sample_is_imported_completely(shared: Path, tmp_path: Path) -> None:
    with open(tmp_path / "esco.jsonl", "w") as out:
        counts = esco.write_catalogue(esco.read_folder(shared / "esco-1.1.1"), out)
    assert counts == {"group": 619, "occupation": 3007, "skill": 1000, "relation": 8674}
    catalogue = esco.read_catalogue(tmp_path / "esco.jsonl")
    director = catalogue.occupations["key_20422"]
    assert (director.label, director.code, director.group) == ("technical director", "2654.1.7", "2654")
    assert "head of technical" in director.other_labels
    assert sum(map(len, catalogue.skills_of_occupations.values())) == 8674
    tops = [group.code for group in catalogue.groups.values() if group.parent is None]
    assert sorted(tops) == list("0123456789")


def test_catalogue_is_read_as_it_was_written(small: Path) -> None:
    records = list(esco.read_folder(small))
    out = io.StringIO()
    esco.write_catalogue(iter(records), out, "es")
    (small / "esco.jsonl").write_text(out.getvalue())
    catalogue = esco.read_catalogue(small / "esco.jsonl")
    again = [*catalogue.groups.values(), *catalogue.occupations.values(), *catalogue.skills.values()]
    assert again == [record for record in records if not isinstance(record, esco.SkillRelation)]
    assert catalogue.skills_of_occupations == {"o1": {"s1": "essential", "s2": "optional"}}
    assert catalogue.language == "es"
    assert catalogue.occupations["o1"].other_labels == ("brick setter", "mason")
    assert catalogue.occupations["o2"].parent == "o1"
    assert "European Union" in json.loads(out.getvalue().splitlines()[0])["attribution"]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "ISCOGroups.csv",
            "u/g71,g71",
            "u/g71,g7",
            "line 3: The ID 'g7' occurs twice; it is already on line 2.",
        ),
        ("ISCOGroups.csv", "Crafts", "", "ISCOGroups.csv: line 2: The column PREFERREDLABEL is empty"),
        ("occupations.csv", "7112.1.1,7112", "7112.1.1,7119", "line 5: The ISCO group 7119 does not exist"),
        (
            "occupations.csv",
            "CODE,ISCO",
            "CODES,ISCO",
            "occupations.csv: line 1: The header has no column CODE",
        ),
        (
            "occupations_hierarchy.csv",
            "g711,g7112,",
            "g711,g7119,",
            "line 4: The ISCOGroup g7119 does not exist",
        ),
        (
            "occupations_hierarchy.csv",
            "ESCOOccupation,o1",
            "ESCOOccupation,o9",
            "line 6: The ESCOOccupation o9 does",
        ),
        ("occupations_hierarchy.csv", "g7112,o1,", "g7112,o2,", "line 6: The child o2 has two parents"),
        (
            "occupations_hierarchy.csv",
            "o2,ESCOOccupation",
            "o2,Skill",
            "line 6: CHILDOBJECTTYPE must be ISCOGroup or ESCOOccupation. It is 'Skill'.",
        ),
        (
            "occupation_skill_relations.csv",
            "o1,optional",
            "o7,optional",
            "line 3: The occupation o7 does not exist",
        ),
        (
            "occupation_skill_relations.csv",
            "optional,s2",
            "optional,s7",
            "line 3: The skill s7 does not exist",
        ),
        (
            "occupation_skill_relations.csv",
            "optional",
            "helpful",
            "line 3: RELATIONTYPE must be essential or optional. It is 'helpful'.",
        ),
        (
            "occupation_skill_relations.csv",
            "optional,s2",
            "optional,s1",
            "line 3: The occupation o1 and the skill s1 are related twice",
        ),
    ],
)
def test_invalid_file_is_refused_with_its_line(
    small: Path, file: str, old: str, new: str, message: str
) -> None:
    content = (small / file).read_text()
    assert content.count(old) == 1
    (small / file).write_text(content.replace(old, new))
    with pytest.raises(InvalidInput) as refusal:
        list(esco.read_folder(small))
    assert message in str(refusal.value)


def test_unknown_references_are_reported_together_up_to_twenty(shared: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(shared / "esco-1.1.1", tmp_path / "esco")
    skills = (folder / "skills.csv").read_text(encoding="utf-8")
    (folder / "skills.csv").chmod(0o644)
    (folder / "skills.csv").write_text(skills.split("\n", 1)[0] + "\n")
    with pytest.raises(InvalidInput) as refusal:
        list(esco.read_folder(folder))
    lines = str(refusal.value).splitlines()
    assert len(lines) == 21
    assert "occupation_skill_relations.csv: line 2: The skill key_19687 does not exist" in lines[0]
    assert lines[-1] == "8,654 more unknown references."


@pytest.mark.parametrize(
    "line", ["{", '{"kind": "nothing"}', '{"kind": "skill"}', "[]", "é".encode("latin-1")]
)
def test_file_that_is_not_a_catalogue_is_refused(tmp_path: Path, line: str | bytes) -> None:
    file = tmp_path / "c.jsonl"
    file.write_bytes(line if isinstance(line, bytes) else line.encode())
    with pytest.raises(InvalidInput, match="line 1: This is not a line of a catalogue"):
        esco.read_catalogue(file)
    with pytest.raises(InvalidInput, match="No such file"):
        esco.read_catalogue(tmp_path / "none")
    with pytest.raises(InvalidInput, match="This folder does not exist"):
        list(esco.read_folder(tmp_path / "none"))
