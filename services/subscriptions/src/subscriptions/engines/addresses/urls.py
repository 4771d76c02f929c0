"""The URLs that a webhook may have. What a name leads to is decided when it is resolved, before each delivery."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from subscriptions.engines.addresses.networks import Network, is_allowed, read_address

MAX_LENGTH = 1_000
LOWEST_PORT = 1_024
STANDARD_PORTS = {"https": 443, "http": 80}
NAME = re.compile(
    r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\.?", re.I
)
"""A name of several labels, whose last begins with a letter: no number is read as an address, in whatever base."""


def fault_of(url: str, *, plain_http: bool, allowed: Iterable[Network]) -> str | None:
    """Return what is wrong with a webhook's URL as a sentence, or None."""
    if len(url) > MAX_LENGTH or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return f"Write a URL of at most {MAX_LENGTH:,} plain characters; write a name of other letters in Punycode."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "Write a URL: https://receiver.example.org/solidary."
    if parts.scheme not in (("https", "http") if plain_http else ("https",)):
        return "Use https."
    if "@" in parts.netloc:
        return "Leave the user name and the password out. Deliveries are signed instead."
    if parts.fragment or "#" in url:
        return "Leave the part after # out."
    if port is not None and port != STANDARD_PORTS[parts.scheme] and port < LOWEST_PORT:
        return f"Use port {STANDARD_PORTS[parts.scheme]}, or one from {LOWEST_PORT:,} on."
    host = parts.hostname or ""
    address = read_address(host)
    if address is not None:
        return None if is_allowed(address, allowed) else "The address is not one of the public internet."
    if NAME.fullmatch(host) is None:
        return "Name the receiver by its full name in the public DNS, such as receiver.example.org."
    return None
