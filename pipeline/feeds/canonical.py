"""One address for one article, however it was linked."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
from urllib.parse import unquote, urljoin

from w3lib.url import safe_download_url, safe_url_string
from yarl import URL

URL_LIMIT = 2_048

# Parameters that say where a reader came from, never which article. From the lists of the ClearURLs
# project and of browsers that strip them; add here, nowhere else.
_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "at_", "oly_", "vero_", "_hs", "wt_")
_TRACKING = frozenset([
    "__twitter_impression", "_ga", "_gl", "_openstat", "cmp_id", "cmpid", "dclid", "fbclid",
    "ftag", "gbraid", "gclid", "gclsrc", "guccounter", "guce_referrer", "guce_referrer_sig",
    "icid", "igsh", "igshid", "li_fat_id", "mc_cid", "mc_eid", "mkt_tok", "msclkid",
    "ns_campaign", "ns_fee", "ns_linkname", "ns_mchannel", "ns_source", "ocid", "ref_src",
    "ref_url", "rss", "s_cid", "share_source", "smid", "smtyp", "spm", "sr_share", "ttclid",
    "twclid", "wbraid", "xtor", "yclid",
])  # fmt: skip
# Addresses that are in normal form beyond doubt, which most are: see ``is_normal``. The last label
# begins with a letter, so that it is no IP address.
_NORMAL = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9]*"
    r"/(?:(?!\.)[A-Za-z0-9_~.-]+/)*(?:(?!\.)[A-Za-z0-9_~.-]+)?"
    r"(?:\?[A-Za-z0-9_~=&.-]+)?"
)
_SLASHES = re.compile("/{2,}")
_NO_HOST = re.compile(r"[\s/?#@:%\\\[\]<>^|!$&'()*+,;=~\x00-\x1f\x7f]|\.\.")
# What browsers take in no host (the URL standard's forbidden host code points) and yarl does.
_NEVER_IN_HOST = re.compile(r"[\x00-\x20\x7f#/<>?@\[\\\]^|]")
# Escapes of what may stand in a query as it is, which yarl undoes; the signs that keep them are
# characters for private use, from U+E000 on, of which only the last byte in UTF-8 differs.
_ESCAPE = re.compile(r"%(21|24|27|28|29|2a|2c|2f|3a|3b|3f)", re.IGNORECASE)
_SIGNS = 0xE000
_SIGN = "%EE%80%"
_KEPT = re.compile(r"%EE%80%([AB][0-9A-F])")
_WHITESPACE = re.compile(r"[\t\n\r]")
_DOTS_AT_END = re.compile(r"[^/\\]\.\.[/\\]")


def canonical_url(url: str) -> str | None:
    """The normal form of an http(s) address; None for what is none. Idempotent.

    As in RFC 3986, 6.2: scheme and host in lower case, no default port, percent-encoding in one
    form, no dot segments; besides no empty segments, no fragment, no user name, no parameters that
    track or are empty, the others in the order of their names.

    Source: crawler-commons' BasicURLNormalizer, whose pairs for http(s) all hold.
    """
    parsed = parse_url(url)
    if parsed is None:
        return None
    pairs = parsed.raw_query_string.split("&")
    kept = [_parameter(pair) for pair in pairs if not _is_passed_over(pair)]
    query = "&".join(sorted(kept, key=_name))
    path = _SLASHES.sub("/", parsed.raw_path)
    plain = str(parsed.with_user(None).with_path(path, encoded=True))
    canonical = _with_mapped_host(plain, parsed.raw_host or "") + (f"?{query}" if query else "")
    return canonical if len(canonical) <= URL_LIMIT else None


def parse_url(url: str) -> URL | None:
    """An absolute http(s) address, checked and percent-encoded as browsers do it, or None.

    That of what it gives is the same.
    """
    if len(url) > URL_LIMIT * 2:
        return None
    try:
        # Both: w3lib knows encoded dot segments and odd characters, yarl the normal form.
        text = _with_escapes_kept(_WHITESPACE.sub("", url.strip()))
        # w3lib takes the dots of "/a../b" for a step to the parent folder.
        made_safe = safe_url_string if _DOTS_AT_END.search(text) else safe_download_url
        parsed = URL(made_safe(text))
        usable = parsed.scheme in {"http", "https"} and parsed.host and parsed.port is not None
        if _NEVER_IN_HOST.search(parsed.raw_host or ""):
            return None
        if usable and ("%" in parsed.raw_authority or (parsed.raw_host or "").endswith(".")):
            host = _plain_host(parsed.raw_host or "")
            if host != parsed.raw_host:  # once more: what was decoded may be no host
                return parse_url(str(parsed.with_host(host)))
    except ValueError:  # UnicodeError included: a host that IDNA refuses
        return None
    if not usable:
        return None
    found = _with_escapes(parsed)
    return found if len(str(found)) <= URL_LIMIT * 2 else None


def absolute_url(link: str, base: str) -> str | None:
    """``link``, which may be relative to ``base``, as an absolute http(s) address, or None."""
    link = link.strip()
    if not link:
        return None
    if is_normal(link):
        return link
    try:
        parsed = parse_url(urljoin(base, link))
    except ValueError:
        return None
    return str(parsed) if parsed else None


def is_normal(url: str) -> bool:
    """Whether ``parse_url`` would leave the address as it is; no may be wrong, yes is right."""
    return _NORMAL.fullmatch(url) is not None and len(url) <= URL_LIMIT and "xn--" not in url


def is_home(url: str) -> bool:
    """Whether a canonical address is that of a site's front page."""
    parsed = URL(url)
    return parsed.path in {"", "/"} and not parsed.raw_query_string


def host_of(url: str | None) -> str | None:
    """The host of an address, in lower case and without port."""
    parsed = parse_url(url) if url else None
    return parsed.host if parsed else None


def same_server(one: str | None, other: str | None) -> bool:
    """Whether two addresses name one host and one port."""
    first, second = (parse_url(url) if url else None for url in (one, other))
    return (
        first is not None
        and second is not None
        and (first.host, first.port) == (second.host, second.port)
    )


def _plain_host(host: str) -> str:
    """A host without percent-encoding and without the dot that ends it. Raises ValueError."""
    decoded = unquote(host, errors="strict")
    if decoded in {"", "."} or _NO_HOST.search(decoded):
        raise ValueError("no host")
    return decoded.removesuffix(".")


def _with_escapes_kept(url: str) -> str:
    """``url`` with a sign in place of each escape in its query that would be undone: "/" and "%2F"
    may be two things to a server. :func:`_escape` takes the sign back."""
    start, mark, query = url.partition("?")
    return start + mark + _ESCAPE.sub(lambda found: chr(_SIGNS + int(found[1], 16)), query)


def _with_escapes(url: URL) -> URL:
    """``url`` with the escapes that signs stand for."""
    if _SIGN not in url.raw_query_string:
        return url
    start, mark, query = str(url).partition("?")
    return URL(start + mark + _KEPT.sub(_escape, query), encoded=True)


def _escape(sign: re.Match[str]) -> str:
    return f"%{int(sign[1], 16) - 0x80:02X}"


def _with_mapped_host(url: str, host: str) -> str:
    """An IPv4 address within an IPv6 one, with dots. Source: RFC 5952, 5."""
    mapped = ip_address(host) if ":" in host else None
    if isinstance(mapped, IPv6Address) and mapped.ipv4_mapped:
        return url.replace(f"[{host}]", f"[::ffff:{mapped.ipv4_mapped}]", 1)
    return url


def _name(pair: str) -> str:
    return pair.partition("=")[0]


def _parameter(pair: str) -> str:
    """``a=`` says no more than ``a``."""
    name, _, value = pair.partition("=")
    return pair if value else name


def _is_passed_over(pair: str) -> bool:
    name = pair.partition("=")[0].lower()
    return not name or name in _TRACKING or name.startswith(_TRACKING_PREFIXES)
