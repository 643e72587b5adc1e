"""Who said what, one construction a test."""

import pytest


def said(annotate, text: str) -> list[tuple[str | None, str]]:
    """(speaker, content) of each statement; the parts of a split content are joined by a bar."""
    return [
        (
            statement.speaker and statement.speaker.entity,
            " | ".join(part.of(text) for part in statement.content.parts),
        )
        for statement in annotate(text).statements
    ]


def only(annotate, text: str):
    statements = annotate(text).statements
    assert len(statements) == 1, statements
    return statements[0]


@pytest.mark.parametrize(
    ("text", "speaker", "content"),
    [
        ("Maria Lopez said that the bridge was closed.", "Maria Lopez", "the bridge was closed"),
        ("Maria Lopez said the bridge was closed.", "Maria Lopez", "the bridge was closed"),
        ("The bridge was closed, Maria Lopez said.", "Maria Lopez", "The bridge was closed"),
        ("The bridge was closed, said Maria Lopez.", "Maria Lopez", "The bridge was closed"),
        ("“The bridge is closed,” Maria Lopez said.", "Maria Lopez", "“The bridge is closed,”"),
        ("“The bridge is closed,” said Maria Lopez.", "Maria Lopez", "“The bridge is closed,”"),
        ("Maria Lopez said: “The bridge is closed.”", "Maria Lopez", "“The bridge is closed.”"),
        ("Maria Lopez said, “The bridge is closed.”", "Maria Lopez", "“The bridge is closed.”"),
        ('"Is it closed?" Maria Lopez asked.', "Maria Lopez", '"Is it closed?"'),
        (
            "The bridge is closed, according to Maria Lopez.",
            "Maria Lopez",
            "The bridge is closed",
        ),
        (
            "According to Maria Lopez, the bridge is closed.",
            "Maria Lopez",
            "the bridge is closed",
        ),
        (
            "Maria Lopez stressed the importance of the bridge.",
            "Maria Lopez",
            "the importance of the bridge",
        ),
        ("Officials said the bridge was closed.", "Officials", "the bridge was closed"),
        (
            "Maria Lopez denied at the time that the bridge was closed.",
            "Maria Lopez",
            "the bridge was closed",
        ),
        (
            "Maria Lopez said the bridge was old and that it would be closed.",
            "Maria Lopez",
            "the bridge was old and that it would be closed",
        ),
        (
            "“The bridge is closed,” Ms Lopez-Ruiz said.",
            "Lopez-Ruiz",
            "“The bridge is closed,”",
        ),
        (
            "Maria Lopez dismissed his plan as “theatre”.",
            "Maria Lopez",
            "his plan as “theatre”",
        ),
        (
            "Maria Lopez repeated her claim that the bridge was closed.",
            "Maria Lopez",
            "the bridge was closed",
        ),
        (
            "Mayor Maria Lopez warned drivers that the bridge was closed.",
            "Maria Lopez",
            "the bridge was closed",
        ),
    ],
)
def test_each_construction_gives_its_speaker_and_content(annotate, text, speaker, content):
    assert said(annotate, text) == [(speaker, content)]


@pytest.mark.parametrize(
    ("text", "content"),
    [
        (
            "“The plan,” said Maria Lopez, “will cost jobs.”",
            "“The plan,” | “will cost jobs.”",
        ),
        (
            "The bridge, Maria Lopez said, will open in May.",
            "The bridge | will open in May",
        ),
        (
            "“One thing. And more.\n“And the last,” said Maria Lopez.",
            "“One thing. And more. | “And the last,”",
        ),
    ],
)
def test_what_is_interrupted_is_one_statement_in_parts(annotate, text, content):
    assert said(annotate, text) == [("Maria Lopez", content)]


def test_a_quote_after_a_full_stop_is_a_statement_of_the_same_speaker(annotate):
    text = "“The plan is good,” Maria Lopez said. “It will cost nothing.”"
    assert said(annotate, text) == [
        ("Maria Lopez", "“The plan is good,”"),
        ("Maria Lopez", "“It will cost nothing.”"),
    ]


def test_a_quote_that_reports_another_is_one_itself(annotate):
    text = "“We asked,” Maria Lopez said. “They told us, ‘Sell the bridge.’ We did not laugh.”"
    assert said(annotate, text)[1] == (
        "Maria Lopez",
        "“They told us, ‘Sell the bridge.’ We did not laugh.”",
    )


def test_a_quote_in_an_opening_clause_is_not_of_who_speaks_behind_it(annotate):
    text = "While Oscar Ruiz called it “broad,” Maria Lopez said that the bridge was narrow."
    assert ("Maria Lopez", "the bridge was narrow") in said(annotate, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“The bridge is closed,” Maria Lopez said.", "direct"),
        ("Maria Lopez said that “the bridge is closed for ever.”", "direct"),
        ("Maria Lopez said the bridge was “closed for ever”.", "mixed"),
        ("Maria Lopez said the bridge was closed.", "indirect"),
        ("Maria Lopez said “The Salt Road” was a long book.", "indirect"),
    ],
)
def test_the_type_tells_how_much_is_quoted(annotate, text, expected):
    assert only(annotate, text).type == expected


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("Maria Lopez did not say whether the bridge was safe.", True),
        ("Maria Lopez declined to say whether the bridge was safe.", True),
        ("Maria Lopez never said that the bridge was safe.", True),
        ("Maria Lopez denied that the bridge was safe.", False),
        ("Maria Lopez said the bridge was not safe.", False),
    ],
)
def test_what_was_not_said_is_negated_and_a_denial_is_said(annotate, text, negated):
    assert only(annotate, text).negated is negated


@pytest.mark.parametrize(
    "text",
    [
        "Maria Lopez acted according to plan.",
        "Maria Lopez wrote a book called “The Salt Road” in a kitchen.",
        "The so-called “culture tax” was introduced in May.",
    ],
)
def test_what_was_not_spoken_is_no_statement(annotate, text):
    assert said(annotate, text) == []


def test_addressee_and_medium_are_told(annotate):
    text = "Maria Lopez told reporters in a statement that the bridge was closed."
    statement = only(annotate, text)
    assert (statement.addressee, statement.medium) == ("reporters", "a statement")


def test_an_addressee_who_is_an_entity_has_its_name(annotate):
    text = "Peter Hansen built the bridge. Maria Lopez told Hansen that it was closed."
    assert only(annotate, text).addressee == "Peter Hansen"


def test_a_statement_within_a_statement_is_linked_to_it(annotate):
    text = "Maria Lopez said the engineers had warned that the bridge was old."
    outer, inner = annotate(text).statements
    assert (inner.reported_by, outer.reported_by) == (outer.id, None)
    assert inner.content.text == "the bridge was old"


@pytest.mark.parametrize(
    ("reference", "speaker"),
    [
        ("She said", "Maria Lopez"),
        ("He said", "Peter Hansen"),
        ("The mayor said", "Maria Lopez"),
        ("The engineer said", "Peter Hansen"),
        ("Hansen said", "Peter Hansen"),
        ("Ms Lopez said", "Maria Lopez"),
        ("Her office said", "Lopez's office"),
    ],
)
def test_references_lead_to_the_person_meant(annotate, reference, speaker):
    text = (
        "Mayor Maria Lopez met Peter Hansen, an engineer, on Monday. "
        f"{reference} the bridge was closed."
    )
    assert said(annotate, text) == [(speaker, "the bridge was closed")]


def test_i_within_a_quote_is_who_is_quoted(annotate):
    text = "“I said that the bridge was old,” Maria Lopez told reporters."
    inner = next(s for s in annotate(text).statements if s.reported_by)
    assert inner.speaker.entity == "Maria Lopez"


def test_confidence_is_that_of_the_construction(annotate):
    direct = only(annotate, "“The bridge is closed,” Maria Lopez said.")
    object_ = only(annotate, "Maria Lopez stressed the importance of the bridge.")
    assert direct.confidence > object_.confidence > 0
