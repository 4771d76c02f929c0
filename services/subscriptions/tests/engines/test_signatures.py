"""Signatures by the Standard Webhooks specification."""

from __future__ import annotations

from base64 import b64decode

from subscriptions.engines.signatures import new_secret, signature, signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, TIMESTAMP, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'


def test_signature_is_that_of_the_published_vector():
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(SECRET, ID, TIMESTAMP, BODY) == expected


def test_each_valid_secret_signs():
    other = new_secret()
    headers = signed_headers([other, SECRET], ID, TIMESTAMP, BODY)
    assert headers["webhook-id"] == ID
    assert headers["webhook-timestamp"] == str(TIMESTAMP)
    assert headers["webhook-signature"].split(" ") == [
        signature(secret, ID, TIMESTAMP, BODY) for secret in (other, SECRET)
    ]


def test_secret_is_long_and_new_each_time():
    first, second = new_secret(), new_secret()
    assert first != second
    assert 24 <= len(b64decode(first.removeprefix("whsec_"))) <= 64
