import pytest

from pipeline.feeds.boilerplate import is_boilerplate, is_dateline

FIRST = "The council closed the old bridge on Monday because its piers had cracked."


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement", "Article content", "You may also like...", "Read more: Ferry to be free",
        "Image: Ada Lind / The Courier", "Copyright © 2026 The Courier, Ltd.",
        "Sign up for our free weekly newsletter", "Follow us on Facebook",
        "Ada Lind contributed to this report.", "Lesen Sie auch: Fähre kostenlos",
        "Reporting by Ada Lind; Editing by Bo Ek",
    ],
)  # fmt: skip
def test_what_is_no_part_of_the_story_is_boilerplate(line: str) -> None:
    assert is_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        FIRST, "He read more than any other mayor.", "Related deaths rose in the spring.",
        "Image is everything, she said.", "Comments by the mayor were not welcome.",
        "“Follow me,” he said on Monday.",
    ],
)  # fmt: skip
def test_sentences_that_begin_like_boilerplate_stay(line: str) -> None:
    assert not is_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        "02.03.2026, 20:59 Uhr", "기사입력 :[ 2018-08-25 15:24 ]", "Lesedauer: 4 Minuten",
        "sexta-feira, 22 de outubro de 2010 às 20:13", "Tempo de leitura: 1 minuto", "5 min read",
    ],
)  # fmt: skip
def test_the_time_of_a_page_is_a_dateline(line: str) -> None:
    assert is_dateline(line)


@pytest.mark.parametrize(
    "line",
    [
        "Bridge closed for 20 minutes, the council said", "In 2026", "The ferry at 20:59", FIRST,
        "She had waited 40 minutes. The ferry was late.",
    ],
)  # fmt: skip
def test_a_line_of_the_story_is_no_dateline(line: str) -> None:
    assert not is_dateline(line)
