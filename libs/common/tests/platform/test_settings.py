import pytest
from solidary.files.command_line import CommandError
from solidary.platform.settings import from_environment

REQUIRED = {
    "SOLIDARY_COUNTRY": "PA",
    "SOLIDARY_DATABASE_APP": "postgresql://app@localhost/intake",
    "SOLIDARY_ISSUER": "http://identity.example",
    "SOLIDARY_JWKS_URL": "http://identity.example/certs",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in REQUIRED.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_peers_are_read_from_json(environment: pytest.MonkeyPatch) -> None:
    assert from_environment().peers == {}
    environment.setenv(
        "SOLIDARY_PEERS", '{"intake": "http://127.0.0.1:8000", "cash": "https://cash.example"}'
    )
    assert from_environment().peers == {"intake": "http://127.0.0.1:8000", "cash": "https://cash.example"}


@pytest.mark.parametrize("value", ["", "intake", "[]", '{"intake": 8000}', '{"intake": "ftp://intake"}'])
def test_unreadable_peers_stop_the_start_by_name(environment: pytest.MonkeyPatch, value: str) -> None:
    environment.setenv("SOLIDARY_PEERS", value)
    with pytest.raises(CommandError, match=r"SOLIDARY_PEERS: .*must be a JSON object"):
        from_environment()


def test_each_missing_setting_is_named(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("SOLIDARY_ISSUER")
    environment.delenv("SOLIDARY_COUNTRY")
    with pytest.raises(CommandError, match=r"SOLIDARY_COUNTRY: .*; SOLIDARY_ISSUER: "):
        from_environment()


@pytest.mark.parametrize(
    ("name", "advice"),
    [("SOLIDARY_RATE_LIMITS", "Did you mean SOLIDARY_RATE_LIMIT?"), ("SOLIDARY_ZZZ", "Remove it.")],
)
def test_unknown_setting_stops_the_start(environment: pytest.MonkeyPatch, name: str, advice: str) -> None:
    environment.setenv(name, "1")
    with pytest.raises(CommandError, match=f"{name} is not a setting of Solidary .* {advice}"):
        from_environment()


def test_country_without_a_pack_stops_the_start(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SOLIDARY_COUNTRY", "QQ")
    with pytest.raises(CommandError, match="SOLIDARY_COUNTRY=QQ: There is no country pack for 'QQ'"):
        from_environment()
