"""The network addresses that are public.

IPv4: everything but the special-purpose blocks of RFC 6890 (IANA's registry). IPv6: global unicast (2000::/3) only,
without its special-purpose blocks and without the blocks in which an IPv4 address is hidden (6to4, Teredo). What lies
outside 2000::/3 is no public receiver: loopback, link-local, unique-local, multicast, IPv4-mapped and -compatible
addresses, and NAT64, which leads to any IPv4 address.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

SPECIAL_IPV4 = tuple(
    map(
        IPv4Network,
        (
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
        ),
    )
)
GLOBAL_IPV6 = IPv6Network("2000::/3")
SPECIAL_IPV6 = tuple(
    map(IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"))
)


def is_public(address: Address) -> bool:
    """Return whether an address is one of the public internet."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_IPV4)
    return address in GLOBAL_IPV6 and not any(address in network for network in SPECIAL_IPV6)


def is_allowed(address: Address, allowed: Iterable[Network]) -> bool:
    """Return whether a webhook may be sent to an address; `allowed` are the networks that the operator permits."""
    return is_public(address) or any(
        address in network for network in allowed if network.version == address.version
    )


def read_address(text: str) -> Address | None:
    """Return the address that a text is, or None for a name. An address with a zone is none."""
    try:
        return ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def read_networks(text: str) -> tuple[Network, ...]:
    """Return networks that are separated by commas. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
