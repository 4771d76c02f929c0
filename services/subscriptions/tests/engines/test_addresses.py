"""The addresses and URLs that a webhook may have."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from subscriptions.engines.addresses.networks import is_allowed, is_public, read_networks
from subscriptions.engines.addresses.urls import fault_of

PRIVATE = (
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254"),
    *(
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.168.1.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.19.255.255",
    ),
    *("203.0.113.7", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1"),
    *(
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
    ),
    *("3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1"),
)
PUBLIC = (
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "172.32.0.1",
    "2606:4700:4700::1111",
    "2a00:1450:4003::200e",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_address_that_is_not_of_the_public_internet_is_refused(address):
    assert not is_public(ip_address(address))
    assert not is_allowed(ip_address(address), read_networks("192.0.2.0/30"))


@pytest.mark.parametrize("address", PUBLIC)
def test_address_of_the_public_internet_is_allowed(address):
    assert is_public(ip_address(address))


def test_operator_allows_networks():
    allowed = read_networks("10.20.0.0/16, fd12::/32")
    inside, outside = ("10.20.3.4", "fd12::1"), ("10.21.0.1", "fd13::1", "127.0.0.1", "::ffff:10.20.3.4")
    assert all(is_allowed(ip_address(address), allowed) for address in inside)
    assert not any(is_allowed(ip_address(address), allowed) for address in outside)


def test_network_that_is_none_is_refused():
    with pytest.raises(ValueError, match=r"10\.20\.0\.1/16"):
        read_networks("10.20.0.1/16")


@pytest.mark.parametrize(
    "url",
    [
        "https://receiver.example.org",
        "https://receiver.example.org:8443/a/b?c=d",
        "https://xn--refugio-bza.example.org./x",
        "https://1.1.1.1/x",
        "https://[2606:4700:4700::1111]/x",
    ],
)
def test_url_of_a_public_receiver_is_allowed(url):
    assert fault_of(url, plain_http=False, allowed=()) is None


@pytest.mark.parametrize(
    "url",
    [
        "http://receiver.example.org",
        "ftp://receiver.example.org",
        "file:///etc/passwd",
        "gopher://receiver.example.org",
        "//receiver.example.org",
        "receiver.example.org",
        "https://",
        "https:///x",
        "https://localhost",
        "https://postgres:5432",
        "https://receiver",
        "https://127.0.0.1",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://017700000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://user:password@receiver.example.org/",
        "https://receiver.example.org@127.0.0.1/",
        "https://127.0.0.1#@receiver.example.org/",
        "https://receiver.example.org\\@127.0.0.1/",
        "https://receiver.example.org/ x",
        "https://receiver.example.org/\r\nhost: internal",
        "https://receiver.example.org/#part",
        "https://receiver.example.org:22/",
        "https://receiver.example.org:99999/",
        "https://receiver.example.org:port/",
        "https://récépteur.example.org/",
        "https://①②⑦.⓪.⓪.①/",
        "https://example.org.0x7f/",
        "https://" + "a" * 1_000 + ".org/",
        "",
    ],
)
def test_url_that_may_lead_inside_or_has_two_readings_is_refused(url):
    fault = fault_of(url, plain_http=False, allowed=())
    assert fault is not None
    assert fault.endswith(".")


def test_operator_allows_http():
    assert fault_of("http://receiver.example.org:8080/x", plain_http=True, allowed=()) is None
    assert fault_of("http://10.20.0.1:8080/", plain_http=True, allowed=read_networks("10.20.0.0/16")) is None
