import asyncio
import base64
import contextlib
import hmac
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey
from solidary.platform.identity import (
    Duty,
    IdentityError,
    KeyRing,
    KeysUnavailable,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    TokenVerifier,
    bearer_token,
)

from .conftest import (
    AUDIENCE,
    EC,
    ISSUER,
    OTHER_RSA,
    RSA,
    SUBJECT,
    UNHCR,
    Clock,
    IdentityProvider,
    payload,
    sign,
    sign_raw,
)


async def test_token_has_its_subject_and_duties(verifier: TokenVerifier, clock: Clock) -> None:
    claims = await verifier.verify(sign(payload(clock)))
    assert claims.subject == SUBJECT
    assert claims.service is None
    assert claims.expires == int(clock()) + 300
    (unhcr,) = claims.memberships.values()
    assert (unhcr.agency, unhcr.alias, unhcr.country) == (UNHCR, "unhcr", "PA")
    assert unhcr.duties == {Duty.CASH_MAKER}


@pytest.mark.parametrize(("key", "alg"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256")])
async def test_each_listed_algorithm_is_accepted(
    verifier: TokenVerifier, clock: Clock, key: RSAKey | ECKey, alg: str
) -> None:
    assert (await verifier.verify(sign(payload(clock), key, alg))).subject == SUBJECT


async def test_group_that_is_no_duty_is_ignored(verifier: TokenVerifier, clock: Clock) -> None:
    groups = ["/auditor", "/choir", "auditor", "/cash_maker/deputy", 7]
    claimed = payload(clock, organization={"unhcr": {"id": str(UNHCR), "groups": groups}})
    claims = await verifier.verify(sign(claimed))
    assert claims.memberships["unhcr"].duties == {Duty.AUDITOR}


async def test_own_token_of_a_service_is_recognised(verifier: TokenVerifier, clock: Clock) -> None:
    own = payload(clock, organization=None, azp="svc-cash", client_id="svc-cash")
    claims = await verifier.verify(sign(own))
    assert (claims.service, claims.caller, claims.memberships) == ("cash", "cash", {})


@pytest.mark.parametrize("logged_in", [None, "unhcr-integrator", ["svc-cash"]])
async def test_exchanged_token_is_that_of_its_human_and_names_the_caller(
    verifier: TokenVerifier, clock: Clock, logged_in: object
) -> None:
    claims = await verifier.verify(sign(payload(clock, azp="svc-cash", client_id=logged_in, service="cash")))
    assert (claims.service, claims.caller, claims.subject) == (None, "cash", SUBJECT)
    assert claims.memberships["unhcr"].duties == {Duty.CASH_MAKER}


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"acr": "otp", "factors": {"1": 7, "2": 1_800_000_000}}, 1_800_000_000),
        ({"acr": "pwd", "factors": {"1": 7, "2": 1_800_000_000}}, None),
        ({"acr": "otp", "factors": {"1": 1_800_000_000}}, None),
        ({"acr": "otp", "factors": {"2": "1800000000"}}, None),
        ({"acr": ["otp"], "factors": {"1": 7, "2": 1_800_000_000}}, None),
        ({"acr": "otp", "factors": 1_800_000_000}, None),
        ({}, None),
    ],
)
async def test_second_factor_has_a_time(
    verifier: TokenVerifier, clock: Clock, claims: dict[str, object], expected: int | None
) -> None:
    assert (await verifier.verify(sign(payload(clock, **claims)))).second_factor_at == expected


async def test_software_of_an_agency_is_no_service(verifier: TokenVerifier, clock: Clock) -> None:
    own = payload(clock, azp="unhcr-integrator", client_id="unhcr-integrator", service="cash")
    claims = await verifier.verify(sign(own))
    assert (claims.service, claims.caller) == (None, None)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "http://elsewhere.example/realms/solidary"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another-platform"}, "aud"),
        ({"aud": None}, "aud"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"typ": "ID"}, "typ"),
        ({"typ": "Refresh"}, "typ"),
        ({"typ": None}, "typ"),
        ({"sub": None}, "sub"),
        ({"sub": "maria"}, "sub"),
        ({"organization": ["unhcr"]}, "addOrganizationId"),
        ({"organization": "unhcr"}, "not an object"),
        ({"organization": {"unhcr": []}}, "no object for unhcr"),
        ({"organization": {"unhcr": {}}}, "organization.unhcr.id"),
        ({"azp": ["console"]}, "azp"),
        ({"azp": None}, "azp"),
    ],
)
async def test_claim_of_another_form_is_refused(
    verifier: TokenVerifier, clock: Clock, changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(TokenInvalid, match=reason):
        await verifier.verify(sign(payload(clock, **changes)))


async def test_expired_token_is_refused_after_the_leeway(verifier: TokenVerifier, clock: Clock) -> None:
    token = sign(payload(clock, exp=int(clock()) - 5))
    assert await verifier.verify(token)
    clock.now += 6
    with pytest.raises(TokenExpired):
        await verifier.verify(token)


async def test_token_that_is_not_yet_valid_is_refused(verifier: TokenVerifier, clock: Clock) -> None:
    with pytest.raises(TokenInvalid):
        await verifier.verify(sign(payload(clock, nbf=int(clock()) + 60)))


def part(content: dict[str, object]) -> str:
    return encoded(json.dumps(content).encode())


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


async def test_token_without_signature_is_refused(verifier: TokenVerifier, clock: Clock) -> None:
    unsigned = f"{part({'alg': 'none', 'typ': 'JWT', 'kid': RSA.kid})}.{part(payload(clock))}."
    with pytest.raises(TokenInvalid, match="algorithm"):
        await verifier.verify(unsigned)


async def test_public_key_is_not_accepted_as_a_shared_secret(verifier: TokenVerifier, clock: Clock) -> None:
    signed = f"{part({'alg': 'HS256', 'typ': 'JWT', 'kid': RSA.kid})}.{part(payload(clock))}"
    signature = hmac.digest(RSA.as_pem(private=False), signed.encode(), "sha256")
    with pytest.raises(TokenInvalid, match="algorithm"):
        await verifier.verify(f"{signed}.{encoded(signature)}")


async def test_accepted_algorithm_with_the_wrong_kind_of_key_is_refused(
    verifier: TokenVerifier, clock: Clock
) -> None:
    _, body, signature = sign(payload(clock), EC, "ES256").split(".")
    with pytest.raises(TokenInvalid):
        await verifier.verify(f"{part({'alg': 'RS256', 'typ': 'JWT', 'kid': EC.kid})}.{body}.{signature}")


async def test_strong_but_unlisted_algorithm_is_refused(verifier: TokenVerifier, clock: Clock) -> None:
    with pytest.raises(TokenInvalid, match="algorithm"):
        await verifier.verify(sign(payload(clock), RSA, "RS512"))


async def test_key_is_valid_only_for_its_published_algorithm(
    provider: IdentityProvider, verifier: TokenVerifier, clock: Clock
) -> None:
    bound = RSAKey.generate_key(2048, {"kid": "bound", "alg": "RS256"})
    provider.keys = [bound]
    unbound = RSAKey.import_key(bound.as_pem(private=True), {"kid": "bound"})
    assert await verifier.verify(sign(payload(clock), unbound, "RS256"))
    with pytest.raises(TokenInvalid, match="another algorithm"):
        await verifier.verify(sign(payload(clock), unbound, "PS256"))


@pytest.mark.parametrize("typ", ["logout+jwt", "dpop+jwt"])
async def test_another_kind_of_signed_object_is_refused(
    verifier: TokenVerifier, clock: Clock, typ: str
) -> None:
    with pytest.raises(TokenInvalid, match="typ"):
        await verifier.verify(sign(payload(clock), typ=typ))


async def test_other_key_with_the_same_id_is_refused(verifier: TokenVerifier, clock: Clock) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": "rsa"})
    with pytest.raises(TokenInvalid, match="signature"):
        await verifier.verify(sign(payload(clock), stranger))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(position=st.integers(min_value=0), replacement=st.sampled_from("AQgw05_-."))
async def test_changed_token_is_refused(
    verifier: TokenVerifier, clock: Clock, position: int, replacement: str
) -> None:
    token = sign(payload(clock))
    at = position % (len(token) - 1)  # the last character has bits that carry nothing
    changed = token[:at] + replacement + token[at + 1 :]
    if changed != token:
        with pytest.raises(TokenInvalid):
            await verifier.verify(changed)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text() | st.from_regex(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*", fullmatch=True))
async def test_any_text_is_refused_without_an_internal_error(verifier: TokenVerifier, text: str) -> None:
    with pytest.raises(TokenInvalid):
        await verifier.verify(text)


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b'"text"', b"\xff"])
async def test_signed_payload_that_is_no_object_is_refused(verifier: TokenVerifier, body: bytes) -> None:
    with pytest.raises(TokenInvalid):
        await verifier.verify(sign_raw(body))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(claim=st.sampled_from(["organization", "exp", "sub", "aud", "iat", "azp", "client_id"]), value=JSON)
async def test_claim_of_any_form_is_read_or_refused(
    verifier: TokenVerifier, clock: Clock, claim: str, value: object
) -> None:
    claimed = payload(clock) | {claim: value}
    with contextlib.suppress(TokenInvalid):
        assert (await verifier.verify(sign_raw(json.dumps(claimed).encode()))).subject == SUBJECT


async def test_verified_token_is_cached_until_it_expires(verifier: TokenVerifier, clock: Clock) -> None:
    token = sign(payload(clock))
    first = await verifier.verify(token)
    assert await verifier.verify(token) is first
    clock.now += 311
    with pytest.raises(TokenExpired):
        await verifier.verify(token)


async def test_cache_of_tokens_is_bounded(keys: KeyRing, clock: Clock) -> None:
    verifier = TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys, remember=2, clock=clock)
    tokens = [sign(payload(clock, jti=str(number))) for number in range(3)]
    first, _, third = [await verifier.verify(token) for token in tokens]
    assert await verifier.verify(tokens[2]) is third
    assert await verifier.verify(tokens[0]) is not first


async def test_withdrawn_key_invalidates_its_tokens(
    provider: IdentityProvider, verifier: TokenVerifier, clock: Clock
) -> None:
    token = sign(payload(clock, exp=int(clock()) + 3600))
    await verifier.verify(token)
    provider.keys = [OTHER_RSA]
    clock.now += 601
    await verifier.verify(sign(payload(clock), OTHER_RSA))
    with pytest.raises(TokenInvalid, match="does not publish"):
        await verifier.verify(token)


async def test_unknown_key_refreshes_the_set_once_in_an_interval(
    provider: IdentityProvider, verifier: TokenVerifier, clock: Clock
) -> None:
    await verifier.verify(sign(payload(clock)))
    provider.keys.append(OTHER_RSA)
    rotated = sign(payload(clock), OTHER_RSA)
    for _ in range(5):
        with pytest.raises(TokenInvalid, match="does not publish"):
            await verifier.verify(rotated)
    assert provider.key_requests == 1
    clock.now += 31
    assert await verifier.verify(rotated)
    assert provider.key_requests == 2


async def test_simultaneous_callers_share_one_request_for_the_keys(
    provider: IdentityProvider, verifier: TokenVerifier, clock: Clock
) -> None:
    provider.answer_after = 0.05
    tokens = [sign(payload(clock, jti=str(number))) for number in range(20)]
    await asyncio.gather(*(verifier.verify(token) for token in tokens))
    assert provider.key_requests == 1


async def test_cancelled_caller_does_not_cancel_the_fetch_of_others(
    provider: IdentityProvider, verifier: TokenVerifier, clock: Clock
) -> None:
    provider.answer_after = 0.2
    impatient = asyncio.create_task(verifier.verify(sign(payload(clock, jti="impatient"))))
    patient = asyncio.create_task(verifier.verify(sign(payload(clock))))
    await asyncio.wait({impatient}, timeout=0.05)
    impatient.cancel()
    assert (await patient).subject == SUBJECT


@pytest.mark.parametrize("status", [404, 500, 503])
async def test_unavailable_keys_are_a_503(
    provider: IdentityProvider, verifier: TokenVerifier, clock: Clock, status: int
) -> None:
    provider.status = status
    with pytest.raises(KeysUnavailable) as refused:
        await verifier.verify(sign(payload(clock)))
    assert refused.value.status == 503
    provider.status = 200
    clock.now += 2
    assert await verifier.verify(sign(payload(clock)))


async def test_unreachable_identity_provider_is_a_503(clock: Clock) -> None:
    keys = KeyRing("http://127.0.0.1:9/certs", clock=clock)
    verifier = TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys, clock=clock)
    with pytest.raises(KeysUnavailable):
        await verifier.verify(sign(payload(clock)))


async def test_cached_keys_are_used_while_the_identity_provider_is_down(
    provider: IdentityProvider, verifier: TokenVerifier, clock: Clock
) -> None:
    await verifier.verify(sign(payload(clock)))
    provider.status = 503
    clock.now += 3600
    assert await verifier.verify(sign(payload(clock)))
    with pytest.raises(KeysUnavailable):
        await verifier.verify(sign(payload(clock), OTHER_RSA))


async def test_keys_that_are_not_for_signatures_are_skipped(
    provider: IdentityProvider, verifier: TokenVerifier, clock: Clock
) -> None:
    shared = OctKey.import_key("a secret that somebody published", {"kid": "oct"})
    provider.extra_keys = [
        {**OTHER_RSA.as_dict(private=False), "use": "enc"},
        shared.as_dict(private=True),
        {"kty": "EC", "crv": "P-0", "kid": "odd", "x": "AA", "y": "AA"},
        {"kty": "AKP", "kid": "later", "alg": "ML-DSA-65"},
    ]
    assert await verifier.verify(sign(payload(clock)))
    for key in (OTHER_RSA, shared):
        with pytest.raises(TokenInvalid):
            await verifier.verify(sign(payload(clock), key, "HS256" if key is shared else "RS256"))


@pytest.mark.parametrize("header", [None, "", "Basic bWFyaWE6cHc=", "Bearer", "Bearer  "])
def test_missing_token_is_refused_with_the_way_to_send_one(header: str | None) -> None:
    with pytest.raises(TokenMissing) as missing:
        bearer_token(header)
    assert missing.value.status == 401
    assert missing.value.headers["WWW-Authenticate"] == "Bearer"


def test_scheme_is_read_in_any_case() -> None:
    assert bearer_token("bearer abc.def.ghi") == "abc.def.ghi"


def test_every_error_has_its_own_status_slug_and_title() -> None:
    def below(error: type[IdentityError]) -> list[type[IdentityError]]:
        return [error, *(found for child in error.__subclasses__() for found in below(child))]

    kinds = below(IdentityError)[1:]
    assert len({kind.slug for kind in kinds}) == len(kinds) >= 7
    assert all(400 <= kind.status < 600 and kind.title for kind in kinds)


@pytest.mark.parametrize(
    ("claims", "software"),
    [
        ({"azp": "unhcr-records", "client_id": "unhcr-records"}, "unhcr-records"),
        (
            {"azp": "unhcr-records", "client_id": "unhcr-records", "software": "unhcr-records"},
            "unhcr-records",
        ),
        ({"azp": "svc-referrals", "software": "unhcr-records"}, "unhcr-records"),
        ({"azp": "svc-referrals", "client_id": "svc-referrals"}, None),
        ({"azp": "svc-referrals"}, None),
        ({}, None),
    ],
    ids=["made by hand", "marked", "carried", "a service", "a carried person", "a person"],
)
async def test_software_is_known_also_where_a_service_carries_it(
    verifier: TokenVerifier,
    clock: Clock,
    provider: IdentityProvider,
    claims: dict[str, str],
    software: str | None,
) -> None:
    assert (await verifier.verify(sign(payload(clock, **claims)))).software == software
