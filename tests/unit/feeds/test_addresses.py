from ipaddress import IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from pipeline.feeds.addresses import Address, is_allowed, is_named

REFUSED_ALWAYS = [
    "0.0.0.0",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "ff02::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001:db8::1",
    "2002:a9fe:a9fe::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "192.0.0.192",
    "168.63.129.16",
    "::ffff:168.63.129.16",
    "fd00:ec2::254",
    "fd20:ce::254",
    "fec0::1",
    "3fff::1",
    "100::1",
    "5f00::1",
    "::7f00:1",
    "::a9fe:a9fe",
    "2001:10::1",
    "2620:4f:8000::1",
    "4000::1",
    "not-an-address",
    "",
    "2130706433",
]
PRIVATE = [
    "127.0.0.1",
    "127.9.9.9",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "::1",
    "fd00::1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]


@pytest.mark.parametrize("address", REFUSED_ALWAYS)
def test_reserved_addresses_are_refused_even_to_feeds_of_the_own_network(address: str) -> None:
    assert not is_allowed(address, allow_private=True)
    assert not is_allowed(address, allow_private=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_for_feeds_that_may(address: str) -> None:
    assert is_allowed(address, allow_private=True)
    assert not is_allowed(address, allow_private=False)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:1.1.1.1"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(address, allow_private=False)


@given(st.ip_addresses())
def test_nothing_is_public_that_the_interpreter_knows_to_be_special(address: Address) -> None:
    wraps = isinstance(address, IPv6Address) and (
        address.sixtofour or address.ipv4_mapped or address in IPv6Network("64:ff9b::/96")
    )
    if not wraps and is_allowed(str(address), allow_private=False):
        assert not address.is_loopback
        assert not address.is_link_local
        assert not address.is_multicast
        assert not address.is_reserved
        assert address.is_global


@given(st.ip_addresses(v=4))
def test_an_address_wrapped_in_ipv6_is_judged_as_itself(address: object) -> None:
    plain = is_allowed(str(address), allow_private=False)
    assert is_allowed(f"::ffff:{address}", allow_private=False) == plain


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://wiki.intern:8080/page", True),
        ("http://WIKI.intern:8080", True),
        ("http://wiki.intern/", False),
        ("http://wiki.intern:8081/", False),
        ("http://x.wiki.intern:8080/", False),
        ("http://user:key@wiki.intern:8080/", True),
        ("https://10.0.0.7/", True),
        ("http://10.0.0.7/", False),
        ("http://[::1]:8080/", True),
        ("http://[::1]/", False),
    ],
)
def test_an_exemption_is_for_a_host_and_a_port(url: str, named: bool) -> None:
    assert is_named(URL(url), ("wiki.intern:8080", "10.0.0.7:443", "[::1]:8080")) is named
