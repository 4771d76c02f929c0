"""The signature of webhooks: the specification's test vector, its own library, our service, and forged deliveries."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from solidary_client import NotSigned, verified_event
from standardwebhooks.webhooks import Webhook
from subscriptions.engines.signatures import new_secret, signed_headers

SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
AT = 1614265330
BODY = b'{"test": 2432232314}'
HEADERS = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(AT),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


@pytest.mark.parametrize("secret", [SECRET, f"whsec_{SECRET}"])
def test_test_vector_of_the_specification_is_verified(secret):
    upper = {name.title(): value for name, value in HEADERS.items()}
    for headers in (HEADERS, upper):
        assert verified_event(headers, BODY, secret, now=AT + 299) == {"test": 2432232314}


def test_delivery_of_the_platform_is_verified_here_and_by_the_specifications_library():
    now = int(datetime.now(UTC).timestamp())
    before, after = new_secret(), new_secret()
    body = json.dumps({"id": "1", "name": "Muñoz"}, ensure_ascii=False).encode()
    headers = signed_headers([after, before], "1", now, body)
    for secret in (before, after, [after, before], [before]):
        assert verified_event(headers, body, secret)["id"] == "1"
    assert Webhook(after).verify(body.decode(), headers)["id"] == "1"
    assert (
        Webhook(before).sign("1", datetime.fromtimestamp(now, UTC), body.decode())
        in headers["webhook-signature"]
    )


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"},
        {"webhook-timestamp": str(AT + 1)},
        {"webhook-timestamp": f"{AT}.0"},
        {"webhook-timestamp": "٣"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": HEADERS["webhook-signature"].replace("v1,", "v1a,")},
        {"webhook-signature": HEADERS["webhook-signature"].replace("v1,", "")},
        {"webhook-signature": "v1,é"},
    ],
)
def test_forged_delivery_is_refused(change):
    with pytest.raises(NotSigned):
        verified_event({**HEADERS, **change}, BODY, SECRET, now=AT)


def test_changed_old_or_foreign_delivery_is_refused():
    for body, secret, now in (
        (BODY + b" ", SECRET, AT),
        (BODY, new_secret(), AT),
        (BODY, SECRET, AT + 301),
        (BODY, SECRET, AT - 301),
    ):
        with pytest.raises(NotSigned):
            verified_event(HEADERS, body, secret, now=now)
    for name in HEADERS:
        with pytest.raises(NotSigned, match=name):
            verified_event({key: value for key, value in HEADERS.items() if key != name}, BODY, SECRET)


@pytest.mark.parametrize("secret", ["", "whsec_", base64.b64encode(b"short").decode(), "not base64!"])
def test_setting_that_is_no_secret_verifies_nothing(secret):
    with pytest.raises(ValueError):
        verified_event(HEADERS, BODY, secret, now=AT)
