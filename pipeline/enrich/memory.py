"""What was found in texts is remembered, so that a copy of a text is not annotated again.

Copies of an agency's story come under a headline of each paper's own; what is found in a text does
not depend on it. Only the same text, character for character, is a copy here: the spans of one that
differs in spacing or case would be wrong.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence

from pipeline.enrich.text_input import Annotate, Outcome, TextInput
from pipeline.metrics import REUSED
from pipeline.records import Annotations, decode, encode

# Of an entry beside its annotations: the digest, the objects and the place in the dictionary.
_ENTRY_BYTES = 300


class Memory:
    """The annotations of the texts met last, ``limit`` bytes of them; a text is known again by its
    SHA-256.

    They are kept as JSON, a third of what the objects take: 5.6 KB for 770 characters of news. A
    count of texts would be no bound: 32,000 characters of "he said he said" make 5.3 MB.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()

    def known(self, texts: Iterable[TextInput]) -> dict[TextInput, Outcome]:
        """What is remembered of these, which counts as meeting them again."""
        found: dict[TextInput, Outcome] = {}
        for text in dict.fromkeys(texts):
            digest = _digest(text)
            if digest in self._kept:
                self._kept.move_to_end(digest)
                found[text] = decode(self._kept[digest], Annotations)
        return found

    def remember(self, outcomes: Mapping[TextInput, Outcome]) -> None:
        """Keep the annotations among these; a rejected text is tried again when it comes again."""
        for text, outcome in outcomes.items():
            if isinstance(outcome, Annotations):
                self._keep(_digest(text), encode(outcome))

    def _keep(self, digest: bytes, annotations: bytes) -> None:
        before = self._kept.pop(digest, None)
        self._size += _size(annotations) - (_size(before) if before is not None else 0)
        self._kept[digest] = annotations
        while self._size > self._limit:
            _, forgotten = self._kept.popitem(last=False)
            self._size -= _size(forgotten)


def _size(annotations: bytes) -> int:
    return _ENTRY_BYTES + len(annotations)


def _digest(text: TextInput) -> bytes:
    return hashlib.sha256(f"{text.language}\n{text.text}".encode("utf-8", "surrogatepass")).digest()


async def annotate_new(
    texts: Sequence[TextInput], memory: Memory, annotate: Annotate
) -> list[Outcome]:
    """One outcome for each text, in order. ``annotate`` is asked only for what is not remembered,
    and once for equal texts."""
    known = memory.known(texts)
    fresh = [text for text in dict.fromkeys(texts) if text not in known]
    found = dict(zip(fresh, await annotate(fresh), strict=True))
    memory.remember(found)
    REUSED.inc(len(texts) - len(fresh))
    outcomes = known | found
    return [outcomes[text] for text in texts]
