"""Stored records of version 1, as literal JSON: they stay readable whatever the API becomes.

The literals are never changed. A new version of a record gets literals of its own beside them.
"""

from __future__ import annotations

from datetime import date, time
from uuid import UUID

import pytest
from intake.centres.places.records import CentreRecord, OpeningRecord
from intake.complaints.cases.records import ComplaintText
from intake.desk.needs.records import RestrictedNeedRecord
from intake.registry.encryption.records import NoteRecord
from intake.registry.people.records import DocumentRecord, IdentityRecord, PayoutRecord, PhoneRecord
from intake.registry.people.schemas import IdentityIn, IdentityOut
from intake.registry.search.records import CandidateRecord, ReasonRecord, SearchRecord
from intake.sharing.packages.records import PackageRecord
from intake.statistics.demand.records import CellRecord, CellsRecord, TablesRecord
from pydantic import ValidationError
from solidary.files.counts import CountTable

IDENTITY_1 = """{"version": 1, "given_name": "Ana", "surname": "Ejemplo", "second_surname": "Prueba",
    "born": "1991-04-12", "nationality": "VE", "entered_on": "2026-08-03",
    "documents": [{"kind": "passport", "number": "EJEMPLO-0001", "issuer": "VE"}],
    "phones": [{"number": "+50760000000", "safe": true, "shared": false}], "note": "Llegó con su familia."}"""

READ = {
    "identity": (
        IDENTITY_1,
        IdentityRecord(
            given_name="Ana",
            surname="Ejemplo",
            second_surname="Prueba",
            born=date(1991, 4, 12),
            nationality="VE",
            entered_on=date(2026, 8, 3),
            documents=(DocumentRecord(kind="passport", number="EJEMPLO-0001", issuer="VE"),),
            phones=(PhoneRecord(number="+50760000000", safe=True, shared=False),),
            note="Llegó con su familia.",
        ),
    ),
    "payout": (
        '{"version": 1, "kind": "account", "reference": "0123456789", "provider": "Banco Ficticio"}',
        PayoutRecord(kind="account", reference="0123456789", provider="Banco Ficticio"),
    ),
    "note": ('{"version": 1, "text": "Llegó tarde."}', NoteRecord(text="Llegó tarde.")),
    "search": (
        """{"version": 1, "candidates": [{"person_id": "7c0f6a52-3d1e-4b8a-9c55-0d6a1f2e4b11",
            "household_id": "1f4d2b7e-8a63-4c19-b0d2-5e9c7a31f806", "state": "registered", "name": "Ana Ejemplo",
            "born": "1991-04-12", "score": 0.9981, "probable": true,
            "reasons": [{"part": "given_name", "bits": 4.0, "because": "ana"}]}]}""",
        SearchRecord(
            candidates=(
                CandidateRecord(
                    person_id=UUID("7c0f6a52-3d1e-4b8a-9c55-0d6a1f2e4b11"),
                    household_id=UUID("1f4d2b7e-8a63-4c19-b0d2-5e9c7a31f806"),
                    state="registered",
                    name="Ana Ejemplo",
                    born=date(1991, 4, 12),
                    score=0.9981,
                    probable=True,
                    reasons=(ReasonRecord(part="given_name", bits=4.0, because="ana"),),
                ),
            ),
        ),
    ),
    "restricted need": (
        '{"version": 1, "code": "TR-HO", "list_version": "2023", "severity": "high", "note": "Pidió hablar a solas."}',
        RestrictedNeedRecord(
            code="TR-HO", list_version="2023", severity="high", note="Pidió hablar a solas."
        ),
    ),
    "package": (
        '{"version": 1, "fields": {"given_name": "Brayan", "contact": {"telephone": "+50761234567"}, "needs": []}}',
        PackageRecord(fields={"given_name": "Brayan", "contact": {"telephone": "+50761234567"}, "needs": []}),
    ),
    "complaint": (
        '{"version": 1, "text": "Esperé cuatro horas.", "contact": "+507 6000-0000"}',
        ComplaintText(text="Esperé cuatro horas.", contact="+507 6000-0000"),
    ),
    "centre": (
        """{"version": 1, "address": "Calle 1", "telephone": "+50760000000", "latitude": 8.88, "longitude": -79.78,
            "hours": [{"days": ["MO", "TU"], "opens": "08:00:00", "closes": "16:00:00"}], "languages": ["spa"],
            "services": ["orientation"], "without_documents": true, "note": null}""",
        CentreRecord(
            address="Calle 1",
            telephone="+50760000000",
            latitude=8.88,
            longitude=-79.78,
            hours=(OpeningRecord(days=("MO", "TU"), opens=time(8), closes=time(16)),),
            languages=("spa",),
            services=("orientation",),
        ),
    ),
    "demand cells": (
        """{"version": 1, "cells": [{"area": "PA110403", "category": "education", "population_group": "refugee",
            "sex": null, "age_band": null, "count": 24}]}""",
        CellsRecord(
            cells=(CellRecord(area="PA110403", category="education", population_group="refugee", count=24),)
        ),
    ),
}


@pytest.mark.parametrize(("stored", "record"), READ.values(), ids=READ)
def test_a_record_of_version_1_is_readable(stored, record):
    assert type(record).model_validate_json(stored) == record


@pytest.mark.parametrize(("stored", "record"), READ.values(), ids=READ)
def test_a_record_is_stored_with_its_version(stored, record):
    assert type(record).model_validate_json(record.model_dump_json()) == record
    assert '"version":1' in record.model_dump_json()
    with pytest.raises(ValidationError):
        type(record).model_validate_json(stored.replace('"version": 1', '"version": 2'))


def test_the_tables_of_version_1_are_readable():
    stored = """{"version": 1, "tables": {"education": {"k": 10,
        "published": [[[], 69], [[["area", "PA110403"], ["population_group", "refugee"]], 31]],
        "withheld": [[[["area", "PA110403"], ["population_group", "stateless"]], 2]]}}}"""
    assert TablesRecord.model_validate_json(stored).to_tables() == {
        "education": CountTable(
            10,
            {(): 69, (("area", "PA110403"), ("population_group", "refugee")): 31},
            {(("area", "PA110403"), ("population_group", "stateless")): 2},
        )
    }


def test_an_identity_that_the_api_no_longer_accepts_is_still_shown():
    stored = IDENTITY_1.replace("+50760000000", "60000000").replace("1991-04-12", "1891-04-12")
    with pytest.raises(ValidationError):
        IdentityIn.model_validate_json(stored.replace('"version": 1, ', ""))
    shown = IdentityOut.model_validate(IdentityRecord.model_validate_json(stored))
    assert (shown.phones[0].number, shown.born) == ("60000000", date(1891, 4, 12))
