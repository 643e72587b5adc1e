"""Queries in Kibana's own language, as far as the dashboards need them."""

from __future__ import annotations

import msgspec


def equals(field: str, value: str | bool) -> str:
    """Documents with this value, for keywords and booleans."""
    return f"{field}: {msgspec.json.encode(value).decode()}"


def exists(field: str) -> str:
    """Documents in which the field has a value."""
    return f"{field}: *"


def without(query: str) -> str:
    """Documents that one of the queries above does not find."""
    return f"not {query}"


def both(*queries: str) -> str:
    """Documents that all of the queries above find."""
    return " and ".join(queries)
