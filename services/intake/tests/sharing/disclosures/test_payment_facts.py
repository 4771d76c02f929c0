"""The facts that decide by whom and whether a household may be paid, as cash reads them under a consent."""

from __future__ import annotations

import base64
import json
from uuid import UUID, uuid4

import psycopg
import pytest
from intake.registry.people.records import DocumentRecord, IdentityRecord
from intake.sharing.disclosures.payment_facts import identifying_values
from solidary.language.country import load_pack
from solidary.platform.identity import Duty

ACCOUNT = {"kind": "account", "reference": "04-72-99-001", "provider": "BANCO"}


def subject(headers: dict[str, str]) -> str:
    body = headers["Authorization"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))["sub"]


@pytest.fixture
def facts(api, consent, tokens):
    """A function that records a consent for cash and returns a function that reads the facts of a family."""

    async def of(family):
        recorded = await consent(
            family.mother, tokens.agency("iom"), purpose="cash", categories=["household_profile", "payee"]
        )
        headers = tokens.service("cash", acting_for=tokens.agency("iom"))

        async def read():
            path = f"/profiles/{family.household}?package_id={recorded['package_id']}"
            answer = await api.get(path, headers=headers)
            assert answer.status_code == 200, answer.text
            return answer.json()

        return read

    return of


async def write_account(api, headers, person, reference=ACCOUNT["reference"]):
    written = await api.put(
        f"/people/{person}/payout", json=ACCOUNT | {"reference": reference}, headers=headers
    )
    assert written.status_code == 200, written.text


async def test_everybody_who_wrote_what_decides_on_a_payment_is_named(api, desk, register, facts, tokens):
    family = await register()
    read = await facts(family)
    assert (await read())["makers"] == [subject(desk)]
    writers = [tokens.of("unhcr", Duty.CASE_WORKER, number=number) for number in (1, 2, 3)]
    await write_account(api, writers[0], family.mother)
    body = {"area": "PA110403", "own_income": 100}
    assert (
        await api.put(f"/households/{family.household}", json=body, headers=writers[1])
    ).status_code == 200
    identity = (await api.get(f"/people/{family.child}", headers=desk)).json()["identity"]
    path = f"/people/{family.child}/identity"
    reason = {"Solidary-Reason": "covers_colleague"}
    assert (await api.put(path, json=identity, headers=writers[2] | reason)).status_code == 200
    assert set((await read())["makers"]) == {subject(each) for each in [desk, *writers]}


async def test_account_is_a_token_that_is_equal_for_equal_accounts(api, desk, register, facts):
    families = [await register() for _ in range(3)]
    reads = [await facts(family) for family in families]
    assert (await reads[0]())["account_fingerprint"] is None
    for family, reference in zip(families, ("04-72-99-001", "047299 001", "04-72-99-002"), strict=True):
        await write_account(api, desk, family.mother, reference)
    first, same, other = [(await read())["account_fingerprint"] for read in reads]
    assert first == same != other
    assert "0472" not in first


async def test_changed_account_is_confirmed_by_somebody_who_did_not_write_it(
    api, desk, register, facts, tokens, test_database
):
    family = await register()
    read = await facts(family)
    confirmation = f"/people/{family.mother}/payout/confirmation"
    second = tokens.of("unhcr", Duty.FRONT_DESK, number=2)
    assert (await api.post(confirmation, headers=second)).status_code == 409
    await write_account(api, desk, family.mother)
    assert (await read())["account_changed"] is None
    await write_account(api, desk, family.mother, "04-72-99-999")
    shown = await read()
    assert shown["account_changed"] is not None
    assert shown["account_confirmed"] is False
    refused = await api.post(confirmation, headers=desk)
    assert refused.json()["type"] == "urn:solidary:problem:payout-confirmed-by-writer"
    assert (await api.post(confirmation, headers=second)).status_code == 201
    after = await read()
    assert after["account_confirmed"] is True
    assert after["version"] > shown["version"]
    await write_account(api, desk, family.mother, "04-72-99-111")
    assert (await read())["account_confirmed"] is False


async def test_authorship_is_written_by_triggers_only(test_database, tokens, register):
    family = await register()
    with psycopg.connect(test_database.roles["app"]) as connection:
        connection.execute("SELECT set_config('app.agency', %s, true)", [str(tokens.agency("unhcr"))])
        connection.execute("SELECT set_config('app.subject', %s, true)", [str(uuid4())])
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "INSERT INTO data.authorship (id, root, part, author) VALUES (%s, %s, 'account', %s)",
                [uuid4(), family.mother, uuid4()],
            )


async def test_person_has_the_same_token_in_two_agencies(api, desk, other_desk, register, facts):
    here = await (await facts(await register()))()
    there = await (await facts(await register()))()
    assert set(here["tokens"]) & set(there["tokens"])
    assert all(UUID(hex=token) for token in here["tokens"])


PASSPORT = {"kind": "passport", "number": "8-123-457", "issuer": "VE"}


@pytest.mark.parametrize(
    ("other", "is_same"),
    [
        (PASSPORT | {"number": "8123457"}, True),
        (PASSPORT | {"issuer": None}, True),
        (PASSPORT | {"issuer": "CN"}, False),
        (PASSPORT | {"kind": "cedula", "issuer": None}, False),
        (PASSPORT | {"kind": "foreign_id"}, False),
    ],
)
def test_document_identifies_a_payee_with_its_kind_and_issuer(other, is_same):
    one, two = (
        IdentityRecord(given_name=name, nationality="VE", documents=(DocumentRecord(**document),))
        for name, document in (("Rosa", PASSPORT), ("Ana", other))
    )
    kinds = load_pack("PA").documents
    shared = set(identifying_values(one, kinds)) & set(identifying_values(two, kinds))
    assert bool(shared) is is_same


def test_issuer_of_a_kind_with_one_is_what_counts():
    kinds = load_pack("PA").documents
    cards = [DocumentRecord(kind="cedula", number="8-1-1", issuer=issuer) for issuer in (None, "PA", "VE")]
    values = [
        set(identifying_values(IdentityRecord(given_name="Ana", documents=(card,)), kinds)) for card in cards
    ]
    assert values[0] == values[1] == values[2]


@pytest.mark.parametrize("reference", ["-", "NO TIENE", "N/A", "00000000", "5.07612E+10"])
async def test_placeholder_is_no_account_and_no_document(api, desk, register, family, reference):
    registered = await register()
    path = f"/people/{registered.mother}/payout"
    refused = await api.put(path, json=ACCOUNT | {"reference": reference}, headers=desk)
    assert refused.status_code == 422, refused.text
    assert "no number" in refused.text
    document = {"kind": "passport", "number": reference, "issuer": "VE"}
    identity = (await api.get(f"/people/{registered.mother}", headers=desk)).json()["identity"]
    path = f"/people/{registered.mother}/identity"
    refused = await api.put(path, json=identity | {"documents": [document]}, headers=desk)
    assert refused.status_code == 422
    body = family()
    body["members"][0]["documents"] = [document]
    refused = await api.put(f"/registrations/{uuid4()}", json=body, headers=desk)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (
        422,
        "/members/0/documents/0/number",
    )
