"""Attacks on the feed and on webhooks: other agencies' events, and requests into the operator's own network.

The adversary has a valid login as the integrator of an agency, owns domains and their name servers, and knows ids,
cursors and addresses of others.
"""

from __future__ import annotations

from ipaddress import ip_address
from uuid import uuid4

import httpx
import psycopg
import pytest
from solidary.platform.identity import Duty
from subscriptions.webhooks.deliveries.rules import Failure, Outcome
from subscriptions.webhooks.deliveries.sending import Sender
from subscriptions.webhooks.policy import Policy

URL = "https://receiver.example.org/hook"


@pytest.fixture
def call(scenario_run, tokens):
    def call(method: str, path: str, agency: str = "iom", **request) -> httpx.Response:
        headers = tokens.of(agency, Duty.INTEGRATOR)
        base = scenario_run.run.services["subscriptions"]
        return httpx.request(method, base + path, headers=headers, timeout=30, **request)

    return call


def test_feed_of_another_agency_is_out_of_reach(call):
    """Attack: use another agency's cursor, and name its events' types."""
    theirs = call("GET", "/events", "unhcr").json()
    assert theirs["items"]
    refused = call("GET", "/events", params={"after": theirs["next"]})
    assert (refused.status_code, refused.json()["type"]) == (410, "urn:solidary:problem:feed-cursor-unknown")
    types = sorted({item["type"] for item in theirs["items"]})
    ours = {
        item["id"] for item in call("GET", "/events", params={"type": types, "limit": 1000}).json()["items"]
    }
    only_theirs = {item["id"] for item in theirs["items"] if "person.registered" in item["type"]}
    assert only_theirs
    assert not ours & only_theirs


def test_acting_for_another_agency_is_refused(scenario_run, tokens):
    headers = tokens.of("iom", Duty.INTEGRATOR) | {"Solidary-Agency": "unhcr"}
    base = scenario_run.run.services["subscriptions"]
    for path in ("/events", "/webhooks"):
        assert httpx.get(base + path, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "url",
    [
        "https://169.254.169.254/latest/meta-data",
        "https://2852039166/latest/meta-data",
        "https://0xA9FEA9FE/",
        "https://[::ffff:169.254.169.254]/",
        "https://[fd00:ec2::254]/",
        "https://receiver.example.org@127.0.0.1/",
        "https://localhost:9000/",
        "http://receiver.example.org/",
    ],
)
def test_webhook_into_the_operators_network_is_refused(call, url):
    answer = call("POST", "/webhooks", json={"url": url})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/url")


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["1.1.1.1", "10.0.0.5"],
        ["::ffff:10.0.0.5"],
        ["64:ff9b::a00:5"],
        ["2002:a00:5::"],
        ["2001:0:a00:5::"],
        ["fd00::5"],
        ["fe80::5"],
        ["224.0.0.1"],
        ["0.0.0.0"],
        [],
    ],
    ids=lambda addresses: ",".join(addresses) or "none",
)
async def test_name_that_leads_inside_gets_no_connection(addresses, monkeypatch):
    """Attack: let an own domain resolve to an inner address, alone or beside a public one."""
    connected = []

    async def resolve(agency, name, port):
        return [ip_address(address) for address in addresses]

    sender = Sender(Policy(), resolve)
    monkeypatch.setattr(sender._http, "send", lambda *request, **options: connected.append(request))
    assert await sender.send(uuid4(), URL, {}, b"{}") == Outcome(failure=Failure.ADDRESS_NOT_ALLOWED)
    await sender.close()
    assert connected == []


async def test_rebound_name_leads_to_the_address_that_was_checked(monkeypatch):
    """Attack: answer the first look-up with a public address, and each later one with an inner one."""
    answers, requests = [["1.1.1.1"], ["127.0.0.1"]], []

    async def resolve(agency, name, port):
        return [ip_address(address) for address in answers.pop(0)]

    async def send(request, stream):
        requests.append(request)
        return httpx.Response(204)

    sender = Sender(Policy(), resolve)
    monkeypatch.setattr(sender._http, "send", send)
    assert (await sender.send(uuid4(), URL, {}, b"{}")).status == 204
    await sender.close()
    (request,) = requests
    assert answers == [["127.0.0.1"]], "it is resolved once"
    assert (request.url.host, request.headers["host"]) == ("1.1.1.1", "receiver.example.org")
    assert request.extensions["sni_hostname"] == "receiver.example.org"


def test_service_role_writes_into_no_feed(scenario_run):
    """Attack: take the API over and write an event, or move a cursor."""
    with psycopg.connect(scenario_run.run.databases["subscriptions"]["app"]) as app:
        app.execute("SELECT set_config('app.agency', gen_random_uuid()::text, false)")
        for statement in (
            "UPDATE data.event SET payload = '{}'",
            "DELETE FROM data.event",
            "INSERT INTO data.feed (agency) VALUES (gen_random_uuid())",
            "UPDATE data.feed SET last_position = 0",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                app.execute(statement.encode())
            app.rollback()
