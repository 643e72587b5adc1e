import pytest

from pipeline.feeds.titles import choose_title, without_site


def test_the_headline_of_the_page_comes_first() -> None:
    assert choose_title("Bridge to close", ["Old bridge shut"] * 2) == "Bridge to close"
    assert choose_title("", ["Old bridge shut"] * 3) == ""


def test_a_headline_that_stands_alone_yields_to_what_three_others_say() -> None:
    others = ["Bridge to close", "Bridge to close!", "", "Bridge to close"]
    assert choose_title("All on the old bridge", others) == "Bridge to close"
    assert choose_title("“Bridge to close”", others) == "“Bridge to close”"


def test_a_headline_that_the_page_repeats_elsewhere_does_not_stand_alone() -> None:
    others, headline = ["Bridge to close"] * 3, "All on the old bridge"
    assert choose_title(headline, others, ["", "All on the old bridge"]) == headline
    assert choose_title(headline, others, ["", "Bridges of the town"]) == "Bridge to close"


@pytest.mark.parametrize(
    ("title", "plain"),
    [
        ("Bridge to close - The Courier", "Bridge to close"),
        ("Bridge to close | Daily Post", "Bridge to close"),
        ("Bridge to close - a chronicle", "Bridge to close - a chronicle"),
        ("The Courier", "The Courier"),
        ("What readers of The Courier", "What readers of The Courier"),
    ],
)
def test_the_name_of_the_site_behind_a_title_is_cut(title: str, plain: str) -> None:
    assert without_site(title, name="The Courier", host="www.daily-post.example") == plain
