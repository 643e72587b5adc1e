"""What each process of the line may take of memory, with all that it started, in megabytes."""

from __future__ import annotations

BOUNDS = {
    "feeds-1": 1_500,  # its parsers with it
    "enrich": 1_800,
    "index-1": 400,
    "alert": 400,
    "serve": 400,
}
"""Proportional set sizes; docs/THREATS.md says them to people."""
