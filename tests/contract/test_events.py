"""The published language: it stays readable, and it is CloudEvents."""

from __future__ import annotations

import json
import subprocess
from copy import deepcopy
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from solidary.language.events import DecodeError, Envelope, Event, UnknownType, catalogue, decode, encode
from solidary.language.events.intake import CountedCell, DemandCounted, PersonRegistered
from solidary.language.events.schema import incompatibilities, schema_of

from tests.contract.snapshots import broken_promises

KINDS = list(catalogue.published())


def events(kind: type[Event]) -> st.SearchStrategy[Event]:
    return st.builds(kind)


def enveloped(event: Event, trace: str | None = None) -> Envelope:
    return Envelope(
        id=uuid4(),
        type=event.type,
        source=f"/pa/{event.service}",
        subject=event.key,
        time=datetime.now(UTC),
        agency=uuid4(),
        parties=(uuid4(), uuid4()),
        sequence=7,
        traceparent=trace,
        event=event,
    )


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
@given(data=st.data())
def test_an_event_survives_the_way_over_the_bus(kind, data):
    sent = enveloped(data.draw(events(kind)), trace="00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    key, headers, value = encode(sent)
    assert decode(headers, value) == sent
    assert key.decode() == sent.event.key
    Draft202012Validator(schema_of(kind)).validate(sent.event.model_dump(mode="json"))


def test_a_newer_writers_field_is_ignored_and_a_newer_type_passed_over():
    sent = enveloped(PersonRegistered(person_id=uuid4(), household_id=uuid4()))
    _, headers, value = encode(sent)
    assert decode(headers, value[:-1] + b',"added_later":1}') == sent
    with pytest.raises(UnknownType):
        decode([(n, b"org.solidary.x.y.v9" if n == "ce_type" else v) for n, v in headers], value)


def test_a_body_that_breaks_its_schema_is_named_by_place_and_never_quoted():
    _, headers, _ = encode(enveloped(PersonRegistered(person_id=uuid4(), household_id=uuid4())))
    with pytest.raises(DecodeError, match="person_id") as refused:
        decode(headers, b'{"person_id": "canary-secret", "household_id": 3}')
    assert "canary" not in str(refused.value)


def test_an_unknown_field_is_refused_when_writing():
    with pytest.raises(ValueError, match="Extra inputs"):
        PersonRegistered(person_id=uuid4(), household_id=uuid4(), surname="no")


def test_an_optional_field_may_come_and_nothing_else_may_change():
    old = schema_of(DemandCounted)
    grown = deepcopy(old)
    grown["properties"]["note"] = {"type": "string", "default": None}
    assert incompatibilities(old, grown) == []
    for spoil in (
        lambda s: s["properties"].pop("k"),
        lambda s: s["properties"].update(note={"type": "string"}) or s["required"].append("note"),
        lambda s: s["required"].remove("k"),
        lambda s: s["properties"]["k"].update(type="string"),
        lambda s: s["properties"]["k"].update(minimum=0),
        lambda s: s["$defs"]["CountedCell"]["properties"].pop("area"),
        lambda s: s["$defs"]["CountedCell"]["properties"]["count"].update(maximum=5),
    ):
        changed = deepcopy(old)
        spoil(changed)
        assert incompatibilities(old, changed), changed


def test_every_published_promise_is_kept():
    assert broken_promises() == []


@pytest.mark.parametrize("tagged", [False, True])
def test_who_edits_a_snapshot_takes_no_promise_back(tmp_path, tagged):
    def git(*command: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *command], cwd=tmp_path, check=True
        )

    def commit(**snapshots) -> None:
        for name, snapshot in snapshots.items():
            (folder / f"{kinds[name]}.json").write_text(json.dumps(snapshot))
        git("add", "-A")
        git("commit", "-qm", "a promise")

    kinds = {"known": PersonRegistered.type, "gone": "org.solidary.intake.person.greeted.v1"}
    folder = tmp_path / "contracts" / "events"
    folder.mkdir(parents=True)
    now = schema_of(PersonRegistered)
    git("init", "-q")
    commit(known={**now, "properties": {**now["properties"], "village": {"type": "string"}}}, gone={})
    if tagged:
        git("tag", "v1")
        (folder / f"{kinds['gone']}.json").unlink()
        commit(known=now)
    else:
        (folder / f"{kinds['known']}.json").write_text(json.dumps(now))
        (folder / f"{kinds['gone']}.json").unlink()
    assert sorted(broken_promises(tmp_path)) == [
        f"{kinds['gone']}.json: the type is gone; old versions stay readable",
        f"{kinds['known']}.json: /village: the field is gone",
    ]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.type)
def test_no_event_has_a_field_for_an_identity_a_need_or_a_status(kind):
    said = str(schema_of(kind)["properties"].keys()).lower()
    for word in (
        "name",
        "surname",
        "document",
        "phone",
        "email",
        "address",
        "note",
        "need",
        "status",
        "born",
    ):
        assert word not in said, f"{kind.type} has a field like {word!r}"


def test_a_cell_counts_somebody():
    with pytest.raises(ValueError, match="greater than or equal"):
        CountedCell(area="PA0807", category="LP", count=0)


def test_an_old_version_comes_out_as_the_newest():
    class LetterV1(Event, name="toy.letter.sent", key="letter_id"):
        letter_id: UUID
        words: int

        @staticmethod
        def upcast(fields):
            return LetterV2(letter_id=fields["letter_id"], length=fields["words"])

    class LetterV2(Event, name="toy.letter.sent", key="letter_id", version=2):
        letter_id: UUID
        length: int

    sent = enveloped(LetterV1(letter_id=uuid4(), words=3))
    _, headers, value = encode(sent)
    assert decode(headers, value).event == LetterV2(letter_id=sent.event.letter_id, length=3)
