"""Names of XML elements. lxml's QName refuses names that its own parser lets through (``<a:>``)."""

from __future__ import annotations

from lxml import etree


def local_name(element: etree._Element) -> str:
    """The name without its namespace; empty for a comment or an instruction."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace_of(element: etree._Element) -> str:
    """The namespace; empty without one."""
    tag = element.tag
    return tag[1:].rpartition("}")[0] if isinstance(tag, str) else ""
