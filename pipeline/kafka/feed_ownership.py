"""Which partitions of the feeds are ours, and of which all states were read. Pure.

Both are different sets: a partition is announced only when it is in both.
"""

from __future__ import annotations

import msgspec

from pipeline.kafka.layout import UNKNOWN, Layout

Partitions = frozenset[int]
_NONE: Partitions = frozenset()


class Membership(msgspec.Struct, frozen=True):
    """Our place in the group at one sharing out: the client's own words for it."""

    member: str = ""
    generation: int = -1

    def follows(self, before: Membership) -> bool:
        """Whether nobody can have had our partitions since ``before``."""
        generations = (before.generation, before.generation + 1)
        return self.member == before.member and self.generation in generations


class Ownership(msgspec.Struct, frozen=True, kw_only=True):
    """``owned`` are assigned to us, of the ``loaded`` all states were read after that.

    ``asked`` are those that are being read now, since they became ours.
    """

    layout: Layout = UNKNOWN
    membership: Membership = Membership()
    owned: Partitions = _NONE
    loaded: Partitions = _NONE
    asked: Partitions = _NONE

    @property
    def missing(self) -> Partitions:
        """What is ours and nobody reads yet."""
        return self.owned - self.loaded - self.asked


def assigned(
    before: Ownership, partitions: Partitions, membership: Membership, layout: Layout
) -> Ownership:
    """After a sharing out. What we had and have still stays loaded, or under way; where another may
    have had it in between, or the topic is not what it was, everything is read anew."""
    kept = layout == before.layout and membership.follows(before.membership)
    return Ownership(
        layout=layout,
        membership=membership,
        owned=partitions,
        loaded=before.loaded & partitions if kept else _NONE,
        asked=before.asked & partitions if kept else _NONE,
    )


def begun(before: Ownership) -> Ownership:
    """After reading all that is ours and not loaded has begun (again)."""
    return msgspec.structs.replace(before, asked=before.owned - before.loaded)


def read(before: Ownership) -> Ownership:
    """After what was asked for was read to its end."""
    return msgspec.structs.replace(before, loaded=before.loaded | before.asked, asked=_NONE)
