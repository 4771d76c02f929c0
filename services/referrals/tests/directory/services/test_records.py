"""Stored details of version 1, as rows hold them: they stay readable, whatever the API requires today."""

from __future__ import annotations

import json
from uuid import uuid4

import psycopg
from referrals.directory.services.models import DirectoryService
from referrals.directory.services.records import DetailsRecord, OpeningRecord
from solidary.platform.database import RecordColumn
from sqlalchemy.dialects import postgresql

VERSION_1 = """{
    "version": 1,
    "schedules": [
        {"byday": "MO,TU", "opens_at": "08:00", "closes_at": "15:00", "freq": "WEEKLY", "dtstart": "2026-01-05",
         "valid_from": "2026-01-01", "valid_to": "2026-12-31", "description": "Con cita", "closed": false},
        {"byday": null, "opens_at": null, "closes_at": null, "freq": null, "dtstart": "2026-11-03",
         "valid_from": null, "valid_to": null, "description": "Feriado", "closed": true}
    ],
    "telephones": ["2530001 ext. 4"],
    "email": "oficina@@example",
    "url": "www.example.org",
    "required_documents": ["Cédula", ""],
    "application_process": "Llame antes",
    "eligibility_description": "De 5 a 17 años",
    "fees_description": null
}"""
"""A row of the first release, with a telephone, an address and a URL that the API would refuse today."""


def test_details_of_version_1_are_read():
    column = RecordColumn(DetailsRecord)
    assert column.process_result_value(json.loads(VERSION_1), postgresql.dialect()) == DetailsRecord(
        schedules=(
            OpeningRecord(
                byday="MO,TU",
                opens_at="08:00",
                closes_at="15:00",
                freq="WEEKLY",
                dtstart="2026-01-05",
                valid_from="2026-01-01",
                valid_to="2026-12-31",
                description="Con cita",
            ),
            OpeningRecord(dtstart="2026-11-03", description="Feriado", closed=True),
        ),
        telephones=("2530001 ext. 4",),
        email="oficina@@example",
        url="www.example.org",
        required_documents=("Cédula", ""),
        application_process="Llame antes",
        eligibility_description="De 5 a 17 años",
    )


def test_details_are_written_as_version_1():
    record = DetailsRecord(schedules=(OpeningRecord(byday="MO"),))
    stored = RecordColumn(DetailsRecord).process_bind_param(record, postgresql.dialect())
    assert stored.keys() == json.loads(VERSION_1).keys()
    assert stored["version"] == 1
    assert stored["schedules"][0].keys() == json.loads(VERSION_1)["schedules"][0].keys()


def test_schedules_of_version_1_become_hsds_schedules():
    service = DirectoryService(id=uuid4(), details=DetailsRecord.model_validate_json(VERSION_1))
    first, second = service.schedules()
    assert (first.byday, first.opens_at, first.closed) == ("MO,TU", "08:00", False)
    assert (second.dtstart, second.closed) == ("2026-11-03", True)


async def test_api_shows_suggests_and_publishes_a_row_of_version_1(
    api, create_service, editor, sender, service_database
):
    created = await create_service()
    with psycopg.connect(service_database.admin) as admin:
        for table in ("data.service", "published.service"):
            admin.execute(
                f"UPDATE {table} SET details = %s WHERE id = %s", [VERSION_1, created["service_id"]]
            )
    entry = (await api.get(f"/directory/services/{created['service_id']}", headers=editor)).json()
    assert entry["details"]["telephones"] == ["2530001 ext. 4"]
    public = (await api.get(f"/services/{created['service_id']}")).json()
    assert public["email"] == "oficina@@example"
    found = (await api.post("/suggestions", json={"need": "CR-NE"}, headers=sender)).json()["items"]
    assert created["service_id"] in [each["service_id"] for each in found]
