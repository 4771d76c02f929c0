"""Notices: what they tell the subscriptions, and that they tell nobody else anything."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest
from event_helpers import running
from sample_service import SampleCreated
from solidary.language.events import Audience, DecodeError, Event
from solidary.language.notices import NOTICE_TYPE, notice_payload
from solidary.platform.messaging.kafka import KafkaSettings
from solidary.platform.messaging.notices import NoticeCipher
from solidary_testing import eventually
from solidary_testing.servers import kafka_as_admin

SECRET, OTHER = "s" * 32, "t" * 32


class SampleLate(Event, name="market.sample.late", key="sample_id", audience=Audience.PARTIES):
    """An event for the feeds only."""

    sample_id: str


def sealed(cipher: NoticeCipher, subject: str = "a-case", **changes: bytes):
    event = SampleLate(sample_id=subject)
    parts = {
        "source": b"/pa/market",
        "subject": subject.encode(),
        "id_": str(uuid4()).encode(),
        "time": b"2026-11-30T12:00:00+00:00",
        "agency": str(uuid4()).encode(),
        "sequence": b"3",
        "traceparent": None,
        "payload": notice_payload(event, event.model_dump_json(), [uuid4(), uuid4()]).encode(),
    }
    return parts | changes, cipher.encrypt(**(parts | changes))


def test_notice_is_read_as_it_was_written():
    parts, (_, value, headers) = sealed(NoticeCipher([SECRET]), subject='a "case"')
    notice = NoticeCipher([SECRET]).decrypt(headers, value)
    assert (str(notice.id).encode(), notice.subject, notice.sequence) == (parts["id_"], 'a "case"', 3)
    assert (notice.notice.type, notice.notice.data) == (SampleLate.type, {"sample_id": 'a "case"'})
    assert len(notice.notice.agencies) == 2


def test_record_shows_neither_subject_nor_agencies_nor_type():
    parts, (key, value, headers) = sealed(NoticeCipher([SECRET]))
    record = b"\n".join([key, value, *(text for _, text in headers)])
    hidden = [parts["subject"], parts["id_"], parts["agency"], parts["time"], SampleLate.type.encode()]
    hidden += [agency.encode() for agency in json.loads(parts["payload"])["agencies"]]
    assert not [each for each in hidden if each in record]


def test_equal_subjects_have_equal_keys_and_no_others():
    cipher = NoticeCipher([SECRET])
    keys = [sealed(cipher, subject)[1][0] for subject in ("a", "a", "b")]
    assert keys[0] == keys[1] != keys[2]


def test_older_secret_of_the_ring_still_decrypts():
    _, (_, value, headers) = sealed(NoticeCipher([SECRET]))
    assert NoticeCipher([OTHER, SECRET]).decrypt(headers, value).sequence == 3


@pytest.mark.parametrize(
    "spoil",
    [
        lambda value, headers: (value[:-1] + bytes([value[-1] ^ 1]), headers),
        lambda value, headers: (value[:5], headers),
        lambda value, headers: (b"", headers),
        lambda value, headers: (value, [("ce_type", SampleLate.type.encode())]),
        lambda value, headers: (value, []),
    ],
    ids=["changed", "cut", "empty", "another type", "no headers"],
)
def test_spoiled_record_is_no_notice(spoil):
    cipher = NoticeCipher([SECRET])
    _, (_, value, headers) = sealed(cipher)
    value, headers = spoil(value, headers)
    with pytest.raises(DecodeError):
        cipher.decrypt(headers, value)


def test_another_secret_does_not_decrypt():
    _, (_, value, headers) = sealed(NoticeCipher([SECRET]))
    with pytest.raises(DecodeError):
        NoticeCipher([OTHER]).decrypt(headers, value)


def test_settings_without_a_secret_have_no_cipher():
    with pytest.raises(ValueError, match="SOLIDARY_NOTICE_KEYS"):
        _ = KafkaSettings("nowhere").notice_cipher


async def test_relay_sends_each_event_with_its_notice_in_order(run, database, member, relay, country):
    ours, party, sample = member(), uuid4(), uuid4()
    async with database.unit(ours) as unit:
        for number in range(1, 4):
            unit.publish(SampleCreated(sample_id=sample, number=number), parties=[party])
        unit.publish(SampleLate(sample_id=str(sample)), parties=[party])
    kafka = kafka_as_admin(run)
    reader = kafka.consumer(f"{country}.market.parties", group=None, max_records=100)
    await reader.start()
    notices = []

    async def read() -> bool:
        for records in (await reader.getmany(timeout_ms=200)).values():
            assert {dict(record.headers)["ce_type"] for record in records} == {NOTICE_TYPE.encode()}
            found = [kafka.notice_cipher.decrypt(record.headers, record.value) for record in records]
            notices.extend(notice for notice in found if notice.subject == str(sample))
        return len(notices) >= 4

    try:
        async with running(relay()):
            await eventually(read, what="four notices")
    finally:
        await reader.stop()
    assert [notice.sequence for notice in notices] == [1, 2, 3, 4]
    assert [notice.notice.type for notice in notices] == [SampleCreated.type] * 3 + [SampleLate.type]
    assert {notice.notice.agencies for notice in notices} == {frozenset({ours.agency, party})}
