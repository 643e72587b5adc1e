"""What a person is told of an ingest."""

from __future__ import annotations

from pipeline.cli.ingest_progress import IngestView, summary
from pipeline.feeds.ingest import IngestCounts


def test_the_summary_says_what_became_of_everything() -> None:
    counts = IngestCounts(
        articles=70,
        dead_letters=1,
        passed_over={"not-html": 9, "home-page": 20},
        files=2,
        files_known=1,
    )
    assert summary(counts, 10.0).splitlines() == [
        (
            "70 articles published, 1 dead-lettered; 2 files read, 1 already done "
            "(--restart reads them anew); 100 records, 10/s"
        ),
        "passed over: home-page 20, not-html 9",
    ]


def test_nothing_read_in_no_time_is_said_as_well() -> None:
    assert "0 records, 0/s" in summary(IngestCounts(), 0.0)


def test_progress_is_shown_and_taken_back() -> None:
    with IngestView(1) as view:
        view.show(IngestCounts(articles=1))
    assert view.seconds > 0
