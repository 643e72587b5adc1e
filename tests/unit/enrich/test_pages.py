"""Pages that the code writes tell what the code does."""

from tests.pages.statements import EXAMPLES, PAGE, page


def test_the_page_about_statements_is_up_to_date(annotate):
    assert page(annotate) == PAGE.read_text("utf-8"), "run `make docs`"


def test_every_example_has_a_statement(annotate):
    assert [e.heading for e in EXAMPLES if not annotate(e.text).statements] == []
