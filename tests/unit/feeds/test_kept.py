"""What is kept stays within its room, and what was used last stays longest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.kept import Kept

_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "get", "discard"]), st.sampled_from("abcdef"), st.integers(0, 12)
    )
)


@given(_STEPS)
def test_the_room_is_never_exceeded_and_the_least_used_goes(
    steps: list[tuple[str, str, int]],
) -> None:
    kept: Kept[int] = Kept(10)
    model: list[tuple[str, int]] = []  # the least recently used first
    for what, name, size in steps:
        known = dict(model)
        if what == "get":
            assert kept.get(name) == known.get(name)
            if name in known:
                model = [each for each in model if each[0] != name] + [(name, known[name])]
            continue
        model = [each for each in model if each[0] != name]
        if what == "discard":
            kept.discard(name)
            continue
        kept.put(name, size, size)
        model.append((name, size))
        while sum(taken for _, taken in model) > 10:
            model.pop(0)
        assert kept.taken == sum(taken for _, taken in model) <= 10
        assert len(kept) == len(model)
