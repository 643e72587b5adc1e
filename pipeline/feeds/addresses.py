"""Which network addresses a feed may make us talk to."""

from __future__ import annotations

from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")
# Private, and what a private network is made of: its own addresses and the machine's.
_WITHIN = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("127.0.0.0/8"),
    IPv6Network("fc00::/7"),
    IPv6Network("::1/128"),
)


def is_allowed(host: str, *, allow_private: bool) -> bool:
    """Whether an IP address may be connected to.

    Public addresses may; loopback and private networks where ``allow_private``. Never: link-local
    (there live the metadata services of clouds), carrier-grade NAT, multicast, reserved ranges, and
    what wraps one of these in IPv6 (mapped, NAT64, 6to4). What is no address is not allowed.
    """
    try:
        address = _unwrapped(ip_address(host))
    except ValueError:
        return False
    if allow_private and any(address in network for network in _WITHIN):
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
