"""Finding quotes by their marks."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.enrich.paragraphs import paragraphs
from pipeline.enrich.quotes import find_quotes

SAID = re.compile(r",(?= he said\b)")
SPEECH = st.text(alphabet="abc “”\"'‘’«»\n.,!?—(", max_size=120)


def quoted(text: str, attribution: re.Pattern[str] | None = None) -> list[str]:
    return [
        " | ".join(part.of(text) for part in quote.parts)
        for quote in find_quotes(text, attribution)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“Yes,” he said.", ["“Yes,”"]),
        ('"Yes," he said. "No."', ['"Yes,"', '"No."']),
        ("«Yes,» he said.", ["«Yes,»"]),
        ("„Yes,” he said.", ["„Yes,”"]),
        ("« Oui », dit-il. « Non. »", ["« Oui »", "« Non. »"]),
        (
            "«\N{NO-BREAK SPACE}Oui\N{NO-BREAK SPACE}», dit-il.",
            ["«\N{NO-BREAK SPACE}Oui\N{NO-BREAK SPACE}»"],
        ),
        ("« Il a dit “non” », dit-elle.", ["« Il a dit “non” »"]),
        ("« Une marque manque, “oui”, dit-il.", ["“oui”"]),
        ("‘Yes,’ he said.", ["‘Yes,’"]),
        ("'The drivers' side is bad,' he said.", ["'The drivers' side is bad,'"]),
        ("The drivers' side, since the '90s, isn't bad.", []),
        ('a 32" screen and a 40" one', []),
        ("“She said ‘no’ to me,” he said.", ["“She said ‘no’ to me,”"]),
        ("''Yes,'' he said. ''The drivers' side is.''", ["''Yes,''", "''The drivers' side is.''"]),
        ("``Yes,'' he said.", ["``Yes,''"]),
        ("‘’It’s not him,’’ she said.", ["‘’It’s not him,’’"]),
        ("", []),
    ],
)
def test_quotes_are_found_whatever_their_marks(text, expected):
    assert quoted(text) == expected


@pytest.mark.parametrize(
    ("text", "inner"),
    [
        ("“She said, ‘I will try,’ and left,” he said.", "‘I will try,’"),
        ("« Elle a dit : “J’essaierai”, puis elle est partie », dit-il.", "“J’essaierai”"),
        ('« Elle a dit : "J’essaierai", puis elle est partie », dit-il.', '"J’essaierai"'),
    ],
)
def test_a_quote_within_a_quote_is_nested(text, inner):
    (outer,) = find_quotes(text)
    assert [quote.parts[0].of(text) for quote in outer.nested] == [inner]


def test_a_missing_closing_mark_costs_one_quote():
    text = "“We waited, and left.\nHe slept.\n“Nobody came,” she said. “Nobody.”"
    assert quoted(text) == ["“Nobody came,”", "“Nobody.”"]


def test_a_missing_closing_mark_is_put_where_the_attribution_begins():
    assert quoted('"We waited, he said.\n"Nobody came," she said.', SAID) == [
        '"We waited,',
        '"Nobody came,"',
    ]


def test_a_missing_opening_mark_costs_one_quote():
    assert quoted("We waited,” he said. “Nobody came.”") == ["“Nobody came.”"]


def test_a_quote_that_opens_again_in_the_next_paragraph_goes_on():
    text = "“One. Two.\n“Three.\n“Four,” she said."
    assert quoted(text) == ["“One. Two. | “Three. | “Four,”"]


def test_a_quote_that_is_not_taken_up_again_ends_nowhere():
    assert quoted("“One. Two.\nThree.") == []


@given(SPEECH)
def test_quotes_are_disjoint_in_order_and_within_the_text(text):
    place = 0
    for quote in find_quotes(text, SAID):
        for part in quote.parts:
            assert place <= part.start < part.end <= len(text)
            place = part.end
        for inner in quote.nested:
            assert quote.start < inner.start < inner.end < quote.end


@given(SPEECH)
def test_a_paragraph_without_quotes_does_not_change_the_next(second):
    alone = [q.parts for q in find_quotes(second)]
    after = "He left.\n\n" + second
    shifted = [
        tuple((part.start - 10, part.end - 10) for part in quote.parts)
        for quote in find_quotes(after)
    ]
    if second[:1].strip():
        assert shifted == [tuple((p.start, p.end) for p in parts) for parts in alone]


@given(st.text(alphabet="aB.\n ", max_size=80))
def test_paragraphs_cover_all_that_is_not_space(text):
    covered = "".join(text[start:end] for start, end in paragraphs(text))
    assert "".join(covered.split()) == "".join(text.split())


def test_a_wrapped_line_is_no_paragraph():
    wrapped = "The mayor of the town said that the bridge would be closed\nuntil the autumn."
    assert len(paragraphs(wrapped)) == 1
    assert len(paragraphs("Bridge closed\nThe mayor said so.")) == 2
