"""Events survive encoding, stay readable for older readers, and carry no personal data."""

from __future__ import annotations

import json
import subprocess
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from solidary.language.events import Audience, DecodeError, Envelope, Event, UnknownEventType, decode, encode
from solidary.language.events.catalogue import event_types
from solidary.language.events.intake import CountedCell, DemandCounted, PersonRegistered
from solidary.language.events.schema import incompatibilities, schema_of

from tests.contract.snapshots import broken_promises

EVENT_TYPES = event_types()
REMOVED = "org.solidary.intake.person.greeted.v1"


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
        sequence=7,
        traceparent=trace,
        event=event,
    )


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.type)
@given(data=st.data())
def test_event_survives_encoding_and_decoding(kind, data):
    sent = enveloped(data.draw(events(kind)), trace="00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    key, headers, value = encode(sent)
    assert decode(headers, value) == sent
    assert key.decode() == sent.event.key
    Draft202012Validator(schema_of(kind)).validate(sent.event.model_dump(mode="json"))


def test_unknown_field_is_ignored_and_unknown_type_is_reported():
    sent = enveloped(PersonRegistered(person_id=uuid4()))
    _, headers, value = encode(sent)
    assert decode(headers, value[:-1] + b',"added_later":1}') == sent
    with pytest.raises(UnknownEventType):
        decode([(n, b"org.solidary.x.y.v9" if n == "ce_type" else v) for n, v in headers], value)


def test_body_that_breaks_its_schema_is_reported_by_pointer_and_never_quoted():
    _, headers, _ = encode(enveloped(PersonRegistered(person_id=uuid4())))
    with pytest.raises(DecodeError, match="person_id") as refused:
        decode(headers, b'{"person_id": "canary-secret"}')
    assert "canary" not in str(refused.value)


def test_unknown_field_is_refused_when_writing():
    with pytest.raises(ValueError, match="Extra inputs"):
        PersonRegistered(person_id=uuid4(), surname="no")


def test_only_optional_fields_may_be_added():
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


def test_published_events_stay_compatible():
    assert broken_promises() == []


def _edit_a_promised_snapshot(root: Path, version: str, *, commit_edit: bool) -> None:
    """Make a repository in which a snapshot is tagged and committed, and then edited."""

    def git(*command: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *command], cwd=root, check=True)

    def commit() -> None:
        git("add", "-A")
        git("commit", "-qm", "snapshots", "--allow-empty")

    folder = root / "contracts" / "events"
    folder.mkdir(parents=True)
    known, removed = folder / f"{PersonRegistered.type}.json", folder / f"{REMOVED}.json"
    now = schema_of(PersonRegistered)
    git("init", "-q")
    known.write_text(json.dumps({**now, "properties": {**now["properties"], "village": {"type": "string"}}}))
    removed.write_text("{}")
    commit()
    git("tag", version)
    known.write_text(json.dumps(now))
    removed.unlink()
    if commit_edit:
        commit()


@pytest.mark.parametrize("commit_edit", [False, True])
def test_editing_a_snapshot_withdraws_no_promise(tmp_path, commit_edit):
    _edit_a_promised_snapshot(tmp_path, "v0.2.0", commit_edit=commit_edit)
    assert sorted(broken_promises(tmp_path)) == [
        f"{REMOVED}.json: the event type was removed. Old versions must stay readable; before version 0.2.0, "
        "delete the file.",
        f"{PersonRegistered.type}.json: /village: the field was removed",
    ]


def test_events_before_the_first_stable_version_are_no_promise(tmp_path):
    _edit_a_promised_snapshot(tmp_path, "v0.1.0", commit_edit=False)
    assert broken_promises(tmp_path) == []


@pytest.mark.parametrize("kind", EVENT_TYPES, ids=lambda kind: kind.type)
def test_no_event_has_a_field_for_an_identity_a_need_or_a_status(kind):
    fields = str(schema_of(kind)["properties"].keys()).lower()
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
        assert word not in fields, f"{kind.type} has a field like {word!r}"


def test_counted_cell_has_at_least_one_person():
    with pytest.raises(ValueError, match="greater than or equal"):
        CountedCell(area="PA0807", category="LP", count=0)


def test_old_version_is_upcast_to_the_newest():
    class MessageV1(Event, name="toy.message.sent", key="message_id", audience=Audience.PLANS):
        message_id: UUID
        words: int

        @staticmethod
        def upcast(fields):
            return MessageV2(message_id=fields["message_id"], length=fields["words"])

    class MessageV2(Event, name="toy.message.sent", key="message_id", audience=Audience.PLANS, version=2):
        message_id: UUID
        length: int

    sent = enveloped(MessageV1(message_id=uuid4(), words=3))
    _, headers, value = encode(sent)
    assert decode(headers, value).event == MessageV2(message_id=sent.event.message_id, length=3)
