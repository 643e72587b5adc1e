"""A parsed text as a tree that can be changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_DEEPEST = 200
_MOST = 200


@dataclass(slots=True)
class Tree:
    """A parsed text by token, to be rewritten in place. ``head`` of a root is the root itself;
    ``lower`` is in lower case, with straight apostrophes; ``part`` and ``features`` are those of
    Universal Dependencies, and empty where a model has none."""

    lower: list[str]
    part: list[str]
    features: list[Mapping[str, str]]
    dep: list[str]
    head: list[int]
    tag: list[str]
    _links: list[dict[int, None]] = field(default_factory=list, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.head)

    @property
    def _below(self) -> list[dict[int, None]]:
        """Made at the first change: most trees have none. As keys, for a token without full stops
        around it may have thousands of them."""
        if len(self._links) != len(self.head):
            self._links = [{} for _ in self.head]
            for token, head in enumerate(self.head):
                if head != token:
                    self._links[head][token] = None
        return self._links

    def children(self, token: int) -> list[int]:
        """What hangs on a token, in text order; nothing where that is more than any sentence of a
        language has, so that no text takes long."""
        below = self._below[token]
        return sorted(below) if len(below) <= _MOST else []

    def may_hang(self, token: int, other: int) -> bool:
        """Whether ``token`` can be moved below ``other``: in the same sentence, and not above
        it."""
        above = self._path(other)
        return bool(above) and token not in above and self._path(token)[-1:] == above[-1:]

    def _path(self, token: int) -> list[int]:
        """From a token up to its root; nothing where that is very far."""
        head, path = self.head, [token]
        while head[token] != token:
            token = head[token]
            path.append(token)
            if len(path) > _DEEPEST:
                return []
        return path

    def swap(self, above: int, below: int, relation: str, becomes: str) -> None:
        """The lower of two tokens takes the place of the upper one, and all that hangs on it."""
        for child in self.children(above):
            if child != below:
                self.move(child, below, self.dep[child])
        if self.head[above] == above:
            del self._below[above][below]
            self.head[below] = below
        else:
            self.move(below, self.head[above], relation)
        self.dep[below] = relation
        self.move(above, below, becomes)

    def move(self, token: int, head: int, relation: str) -> None:
        """Hang a token on another one, which must not be below it."""
        if self.head[token] != token:
            del self._below[self.head[token]][token]
        self.head[token], self.dep[token] = head, relation
        self._below[head][token] = None
