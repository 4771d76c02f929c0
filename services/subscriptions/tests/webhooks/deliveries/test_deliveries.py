"""Deliveries to a real receiver: at least once, in order per aggregate, whatever the receiver does."""

from __future__ import annotations

import asyncio
import hmac
import json
import os
import sys
from base64 import b64decode, b64encode
from collections import defaultdict
from dataclasses import replace
from hashlib import sha256
from ipaddress import ip_address
from uuid import uuid4

import psycopg
import pytest
from solidary.platform.identity import Duty
from solidary_testing import eventually
from subscriptions.webhooks.deliveries.names import Resolver
from subscriptions.webhooks.deliveries.rules import SCHEDULE, Failure, Outcome, pause_after, probe_after
from subscriptions.webhooks.deliveries.sending import Sender
from subscriptions.webhooks.deliveries.worker import PER_WEBHOOK

from services.subscriptions.tests.notices import notice
from services.subscriptions.tests.webhooks.conftest import FAST, NAME, write_certificate


@pytest.fixture
def accepted():
    """Return a function that waits until a receiver has accepted the events with these ids."""

    async def accepted(receiver, *notices) -> None:
        wanted = {str(each.id) for each in notices}

        async def all_there() -> bool:
            found = [each for each in receiver.requests if each["mode"] == "accept"]
            return wanted <= {each["headers"]["webhook-id"] for each in found}

        await eventually(all_there, what="all events accepted")

    return accepted


@pytest.fixture
def shown(hooks, integrator):
    async def shown(webhook: dict, **wanted) -> bool:
        answer = (await hooks.get(f"/webhooks/{webhook['id']}", headers=integrator)).json()
        return {name: answer[name] for name in wanted} == wanted

    return shown


def is_signed(request: dict, secret: str) -> bool:
    """Verify a signature as a receiver does."""
    headers = request["headers"]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{request['body']}".encode()
    expected = b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), content, sha256)).decode()
    return f"v1,{expected}" in headers["webhook-signature"].split(" ")


async def test_event_is_delivered_signed_and_shown(
    receiver, create, append, deliverer, accepted, hooks, integrator, tokens
):
    hook, sent = receiver(), notice(agency=tokens.agency("unhcr"), data={"referral_id": "r"})
    made = await create(hook.url)
    async with deliverer():
        await append(sent)
        await accepted(hook, sent)
        (request,) = hook.requests
        event = json.loads(request["body"])
        assert (event["id"], event["specversion"], event["data"]) == (
            str(sent.id),
            "1.0",
            {"referral_id": "r"},
        )
        assert request["headers"]["content-type"] == "application/cloudevents+json"
        assert request["headers"]["host"] == f"{NAME}:{hook.port}"
        assert is_signed(request, made["secret"])
        assert not is_signed(request, "whsec_" + b64encode(b"x" * 32).decode())

        async def delivered() -> bool:
            path = f"/webhooks/{made['id']}/deliveries"
            (entry,) = (await hooks.get(path, headers=integrator)).json()["items"]
            return (entry["state"], entry["status"], entry["attempts"]) == ("delivered", 204, 1)

        await eventually(delivered, what="the delivery in the log")


async def test_both_secrets_sign_while_one_is_replaced(
    receiver, create, append, deliverer, accepted, hooks, integrator, tokens
):
    hook = receiver()
    made = await create(hook.url)
    rotated = (await hooks.post(f"/webhooks/{made['id']}/secret", headers=integrator)).json()
    assert rotated["secret"] != made["secret"]
    async with deliverer():
        sent = notice(agency=tokens.agency("unhcr"))
        await append(sent)
        await accepted(hook, sent)
    assert all(is_signed(hook.requests[-1], secret) for secret in (made["secret"], rotated["secret"]))


async def test_order_holds_per_aggregate_while_attempts_fail(
    receiver, create, append, deliverer, accepted, tokens
):
    agency, subjects = tokens.agency("unhcr"), [str(uuid4()) for _ in range(4)]
    hook = receiver(mode=f"500 {subjects[0]}")
    await create(hook.url)
    sent = [notice(agency=agency, subject=subject, sequence=n) for n in range(1, 6) for subject in subjects]
    async with deliverer(), deliverer():
        await append(*sent)
        await accepted(hook, *(each for each in sent if each.subject != subjects[0]))
        assert subjects[0] not in dict(hook.accepted()), "others do not wait for the aggregate that fails"
        hook.set_mode("accept")
        await accepted(hook, *sent)
    by_subject = defaultdict(list)
    for subject, sequence in hook.accepted():
        by_subject[subject].append(sequence)
    assert {subject: sorted(set(found)) for subject, found in by_subject.items()} == {
        subject: [1, 2, 3, 4, 5] for subject in subjects
    }
    assert all(found == sorted(found) for found in by_subject.values())


async def test_receiver_that_was_killed_gets_everything_when_it_is_back(
    receiver, create, append, deliverer, accepted, shown, tokens, hooks, integrator
):
    hook = receiver()
    made = await create(hook.url)
    sent = [notice(agency=tokens.agency("unhcr")) for _ in range(5)]
    hook.kill()
    async with deliverer():
        await append(*sent)

        async def fails() -> bool:
            answer = (await hooks.get(f"/webhooks/{made['id']}", headers=integrator)).json()
            return answer["failures"] >= 3

        await eventually(fails, what="failures")
        back = receiver()
        changed = await hooks.patch(f"/webhooks/{made['id']}", json={"url": back.url}, headers=integrator)
        assert changed.status_code == 200
        await accepted(back, *sent)

        async def recovered() -> bool:
            return await shown(made, failures=0, failing_since=None, state="active")

        await eventually(recovered, what="no more failures")


async def test_slow_receiver_delays_nobody_else(receiver, create, append, deliverer, accepted, tokens):
    slow, quick = receiver(mode="slow"), receiver()
    await create(slow.url, agency="iom")
    await create(quick.url)
    agencies = [tokens.agency("iom"), tokens.agency("unhcr")]
    sent = [notice(agency=agencies[0], parties=agencies[1:]) for _ in range(30)]
    async with deliverer(replace(FAST, stop=0), seconds=600):
        await append(*sent)
        await accepted(quick, *sent)
        assert len(slow.requests) <= PER_WEBHOOK


@pytest.mark.parametrize(
    ("mode", "status", "failure"),
    [
        ("500", 500, Failure.STATUS),
        ("redirect", 302, Failure.REDIRECT),
        ("slow", None, Failure.TIME_OUT),
        ("endless", 200, None),
        ("accept", 204, None),
    ],
)
async def test_outcome_of_a_test_event_is_shown(
    receiver, policy, hooks, create, integrator, monkeypatch, mode, status, failure
):
    hook = receiver(mode=mode)
    sender = Sender(policy, _to_loopback, seconds=1 if mode == "slow" else 30)
    try:
        outcome = await sender.send(uuid4(), hook.url, {}, b'{"subject": "s"}')
    finally:
        await sender.close()
    assert outcome == Outcome(status, failure)
    assert len(hook.requests) == 1, "a redirect is not followed"


async def _to_loopback(agency, name, port):
    return [ip_address("127.0.0.1")]


async def test_test_event_is_sent_while_the_webhook_is_paused(
    receiver, hooks, create, integrator, monkeypatch
):
    hook = receiver()
    made = await create(hook.url, paused=True)

    async def resolve(self, agency, name, port):
        return [ip_address("127.0.0.1")]

    monkeypatch.setattr(Resolver, "__call__", resolve)
    answer = await hooks.post(f"/webhooks/{made['id']}/test", headers=integrator)
    assert answer.json() == {"accepted": True, "status": 204, "failure": None}
    (request,) = hook.requests
    assert is_signed(request, made["secret"])
    assert json.loads(request["body"])["type"] == "org.solidary.subscriptions.webhook.tested.v1"


async def test_certificate_of_another_name_is_refused(receiver, policy, tmp_path):
    hook = receiver(cert=write_certificate(tmp_path / "other.pem", "other.example.org"))
    sender = Sender(replace(policy, ca=tmp_path / "other.pem"), _to_loopback)
    outcome = await sender.send(uuid4(), hook.url, {}, b"{}")
    await sender.close()
    assert (outcome, hook.requests) == (Outcome(None, Failure.TLS), [])


async def test_certificate_of_an_unknown_authority_is_refused(receiver, policy):
    hook = receiver()
    sender = Sender(replace(policy, ca=None), _to_loopback)
    outcome = await sender.send(uuid4(), hook.url, {}, b"{}")
    await sender.close()
    assert (outcome, hook.requests) == (Outcome(None, Failure.TLS), [])


async def test_receiver_that_is_gone_is_paused_and_can_be_resumed(
    receiver, create, append, deliverer, accepted, shown, hooks, integrator, tokens
):
    hook = receiver(mode="410")
    made = await create(hook.url)
    sent = [notice(agency=tokens.agency("unhcr")) for _ in range(2)]
    async with deliverer():
        await append(*sent)

        async def paused() -> bool:
            return await shown(made, state="paused", pause_reason="gone")

        await eventually(paused, what="the pause")
        hook.set_mode("accept")
        assert (await hooks.post(f"/webhooks/{made['id']}/resume", headers=integrator)).status_code == 200
        await accepted(hook, *sent)


async def test_webhook_that_accepts_nothing_for_three_days_is_paused_and_loses_nothing(
    receiver, create, append, deliverer, accepted, shown, hooks, integrator, tokens, service_database
):
    hook = receiver(mode="500")
    made, sent = await create(hook.url), notice(agency=tokens.agency("unhcr"))
    with psycopg.connect(service_database.admin) as admin:
        admin.execute(
            "UPDATE data.webhook SET failures = 9, failing_since = now() - interval '73 hours' WHERE id = %s",
            [made["id"]],
        )
    async with deliverer():
        await append(sent)

        async def paused() -> bool:
            return await shown(made, state="paused", pause_reason="failing")

        await eventually(paused, what="the pause")
        later = notice(agency=tokens.agency("unhcr"))
        await append(later)
        hook.set_mode("accept")
        await hooks.post(f"/webhooks/{made['id']}/resume", headers=integrator)
        await accepted(hook, sent, later)


def test_pauses_take_a_little_more_than_three_days():
    pauses = [pause_after(attempt) for attempt in range(1, len(SCHEDULE) + 1)]
    assert 72 * 3600 * 0.9 < sum(pause.total_seconds() for pause in pauses) < 80 * 3600 * 1.1
    assert pause_after(len(SCHEDULE) + 1) is None
    assert [probe_after(n).total_seconds() for n in (1, 2, 3, 4, 5, 100)] == [0, 0, 5, 10, 20, 300]


WORKER = """
import asyncio, sys
from ipaddress import ip_address
from subscriptions.service import service
from subscriptions.webhooks.deliveries import names
from solidary.platform.settings import from_environment

async def resolve(self, agency, name, port):
    return [ip_address("127.0.0.1")]

names.Resolver.__call__ = resolve
settings = from_environment(service.secrets)
asyncio.run(service.work(settings, ["jobs"], asyncio.Event()))
"""


async def test_worker_that_is_killed_loses_nothing(
    run, service, service_database, receiver, create, append, deliverer, accepted, certificate, tokens
):
    """Kill the worker while it waits for an answer: another one delivers after the lease."""
    hook = receiver(mode="slow")
    await create(hook.url)
    settings = run.environment("subscriptions", "worker") | {
        "SOLIDARY_DATABASE_APP": service_database.roles["app"],
        "SOLIDARY_WEBHOOK_NETWORKS": "127.0.0.0/8",
        "SOLIDARY_WEBHOOK_CA": str(certificate),
        "PATH": os.environ["PATH"],
    }
    settings.pop("SOLIDARY_TELEMETRY_DIR")
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, env=settings)
    sent = [notice(agency=tokens.agency("unhcr")) for _ in range(3)]
    try:
        await append(*sent)

        async def has_sent() -> bool:
            return len(hook.requests) >= 3

        await eventually(has_sent, what="three requests without an answer")
    finally:
        worker.kill()
        await worker.wait()
    hook.set_mode("accept")
    with psycopg.connect(service_database.admin) as admin:  # instead of a minute's wait
        admin.execute("UPDATE data.delivery SET leased_until = now()")
    async with deliverer():
        await accepted(hook, *sent)


async def test_outcome_that_comes_after_the_lease_changes_nothing(
    receiver, create, append, deliverer, hooks, integrator, tokens, service_database
):
    hook = receiver(mode="slow")
    made, sent = await create(hook.url), notice(agency=tokens.agency("unhcr"))
    async with deliverer(seconds=4) as worker:
        await append(sent)

        async def has_sent() -> bool:
            return len(hook.requests) == 1

        await eventually(has_sent, what="the first attempt")
        with psycopg.connect(service_database.admin, autocommit=True) as admin:
            admin.execute("UPDATE data.delivery SET state = 'delivered', delivered = now(), lease = NULL")

        async def attempt_ended() -> bool:
            return not worker._attempts

        await eventually(attempt_ended, what="the end of the attempt")
    (entry,) = (await hooks.get(f"/webhooks/{made['id']}/deliveries", headers=integrator)).json()["items"]
    assert (entry["state"], entry["failure"]) == ("delivered", None)


async def test_deliveries_of_another_agency_are_not_shown(hooks, create, append, tokens):
    made = await create("https://receiver.example.org/x", paused=True)
    await append(notice(agency=tokens.agency("unhcr")))
    stranger = tokens.of("iom", Duty.INTEGRATOR)
    assert (await hooks.get(f"/webhooks/{made['id']}/deliveries", headers=stranger)).status_code == 404
