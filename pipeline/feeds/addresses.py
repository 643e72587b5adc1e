"""Which network addresses a feed may make us talk to.

One list, of our own: what Python calls global depends on its version (3.11 knows nothing of
3fff::/20), and nobody's list has the metadata service of a cloud that lies at a public address.
Sources: the IANA registries of special-purpose IPv4 and IPv6 addresses (RFC 6890 and what updates
it), of IPv6 address space and of IPv4 multicast; what Azure says of 168.63.129.16, AWS of
fd00:ec2::/32 and Google Cloud of fd20:ce::/32.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
)

from yarl import URL

Address = IPv4Address | IPv6Address

# Private, and what a private network is made of: its own addresses and the machine's.
_WITHIN = (
    IPv4Network("10.0.0.0/8"),  # RFC 1918
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("127.0.0.0/8"),  # RFC 1122: loopback
    IPv6Network("fc00::/7"),  # RFC 4193: unique local
    IPv6Network("::1/128"),
)
_NEVER = (
    IPv4Network("0.0.0.0/8"),  # RFC 791: this network
    IPv4Network("100.64.0.0/10"),  # RFC 6598: carrier-grade NAT
    IPv4Network("168.63.129.16/32"),  # Azure: its agent and its DNS
    IPv4Network("169.254.0.0/16"),  # RFC 3927: link-local, metadata services among them
    IPv4Network("192.0.0.0/24"),  # RFC 6890: protocol assignments; Oracle's metadata service
    IPv4Network("192.0.2.0/24"),  # RFC 5737: documentation
    IPv4Network("192.31.196.0/24"),  # RFC 7535: AS112
    IPv4Network("192.52.193.0/24"),  # RFC 7450: AMT
    IPv4Network("192.88.99.0/24"),  # RFC 7526: 6to4 relays that were
    IPv4Network("192.175.48.0/24"),  # RFC 7534: AS112
    IPv4Network("198.18.0.0/15"),  # RFC 2544: benchmarks
    IPv4Network("198.51.100.0/24"),  # RFC 5737
    IPv4Network("203.0.113.0/24"),  # RFC 5737
    IPv4Network("224.0.0.0/4"),  # RFC 5771: multicast
    IPv4Network("240.0.0.0/4"),  # RFC 1112: reserved, broadcast
    IPv6Network("fd00:ec2::/32"),  # AWS: metadata, time, DNS
    IPv6Network("fd20:ce::/32"),  # Google Cloud: metadata
)
# RFC 4291: what is routed lies in 2000::/3, and of it not this.
_ROUTED = IPv6Network("2000::/3")
_UNROUTED = (
    IPv6Network("2001::/23"),  # RFC 2928: protocol assignments, Teredo among them
    IPv6Network("2001:db8::/32"),  # RFC 3849: documentation
    IPv6Network("2620:4f:8000::/48"),  # RFC 7534: AS112
    IPv6Network("3fff::/20"),  # RFC 9637: documentation
)
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052


def is_named(url: URL, servers: Collection[str]) -> bool:
    """Whether the host and the port of ``url`` are among ``servers``, each ``host:port``."""
    host = url.raw_host or ""
    return (f"[{host}]" if ":" in host else host).lower() + f":{url.port}" in servers


def is_allowed(host: str, *, allow_private: bool) -> bool:
    """Whether an IP address may be connected to.

    Public addresses may; loopback and private networks where ``allow_private``. Never: link-local
    and other homes of the metadata services of clouds, carrier-grade NAT, multicast, reserved
    ranges, and what wraps one of these in IPv6 (mapped, NAT64, 6to4). What is no address is not
    allowed.
    """
    try:
        address = _unwrapped(ip_address(host))
    except ValueError:
        return False
    if any(address in network for network in _NEVER):
        return False
    if any(address in network for network in _WITHIN):
        return allow_private
    if isinstance(address, IPv4Address):
        return True
    return address in _ROUTED and not any(address in network for network in _UNROUTED)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
