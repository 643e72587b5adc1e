"""The operations of one article: statements first, what is surplus deleted, the article last."""

from __future__ import annotations

from pipeline import settings
from pipeline.index.bulk_outcome import Conflict, Ok, Refused
from pipeline.index.outcome import IndexStatus, indexed
from pipeline.index.plan import Stored, decide
from pipeline.index.prepare import Job, Settled, prepare
from pipeline.index.stories import Story
from pipeline.records import EnrichedArticle, Reason
from tests.fakes.debates import a_debate
from tests.fakes.indexed import SEEN, only
from tests.fakes.indexed import stored as indexed_as
from tests.fakes.records import NOW, an_enriched_article

INDEX = settings.load().index
STORY = Story(id="0" * 32)


def stored(statements: int, revision: int = 1) -> Stored:
    other = a_debate(statements=statements, revision=revision)
    return indexed_as(other, content_sha256="0" * 64, text_id="0" * 32)


def prepared(enriched: EnrichedArticle, before: Stored | None = None) -> Job | Settled:
    candidate = only(enriched)
    return prepare(candidate, decide(candidate, before, "2026.02"), STORY, INDEX, NOW)


def a_job(enriched: EnrichedArticle, before: Stored | None = None) -> Job:
    job = prepared(enriched, before)
    assert isinstance(job, Job)
    return job


def test_statements_carry_the_standing_as_version() -> None:
    job = a_job(a_debate(revision=7), stored(statements=4))
    assert {each.version for each in (*job.statements, *job.undo)} == {7}


def test_an_article_is_written_over_what_was_seen_or_only_where_nothing_is() -> None:
    over, new = a_job(a_debate(revision=7), stored(statements=4)), a_job(a_debate())
    assert (over.article.over, over.article.version) == (SEEN, None)
    assert (new.article.over, new.article.version) == (None, None)


def test_a_revision_with_fewer_statements_deletes_the_surplus_by_id() -> None:
    enriched = a_debate(statements=1, revision=2)
    job = a_job(enriched, stored(statements=3))
    assert [(each.id[-2:], each.document is None) for each in job.statements] == [
        ("-1", False),
        ("-2", True),
        ("-3", True),
    ]


def test_statements_go_to_the_month_of_their_article() -> None:
    job = a_job(a_debate(revision=2), stored(statements=2))
    assert job.article.index == f"{INDEX.articles}-2026.02"
    assert {each.index for each in job.statements} == {f"{INDEX.statements}-2026.02"}


def test_an_article_of_which_everything_was_taken_is_indexed() -> None:
    job = a_job(a_debate())
    assert job.after_statements([Ok(), Conflict()]) is None
    assert job.after_article(Ok()) == Settled(position=0, outcome=indexed(job.article.index))


def test_a_refused_statement_refuses_the_article_and_takes_the_others_back() -> None:
    job = a_job(a_debate(statements=2))
    end = job.after_statements([Ok(), Refused("no", Reason.TOO_LARGE)])
    assert end is not None
    assert (end.outcome.status, end.outcome.reason) == (IndexStatus.REFUSED, Reason.TOO_LARGE)
    assert [each.id for each in end.cleanup] == [each.id for each in job.statements]
    assert all(each.document is None for each in end.cleanup)


def test_a_refused_article_takes_its_statements_back() -> None:
    end = a_job(a_debate()).after_article(Refused("no"))
    assert end is not None
    assert end.outcome.status is IndexStatus.REFUSED
    assert len(end.cleanup) == 2


def test_an_article_that_another_worker_was_faster_with_is_not_settled() -> None:
    assert a_job(a_debate()).after_article(Conflict()) is None


def test_a_refusal_that_is_ours_says_so() -> None:
    end = a_job(a_debate()).after_article(Refused("no", Reason.MAPPING))
    assert end is not None
    assert end.outcome.reason is Reason.MAPPING


def test_an_older_revision_deletes_only_what_the_newer_one_has_not() -> None:
    end = prepared(a_debate(statements=3), stored(statements=1, revision=2))
    assert isinstance(end, Settled)
    assert end.outcome.status is IndexStatus.DUPLICATE
    assert [each.id[-2:] for each in end.cleanup] == ["-2", "-3"]


def test_what_json_cannot_carry_is_refused_before_anything_is_written() -> None:
    end = prepared(an_enriched_article(title="\udcff"))
    assert isinstance(end, Settled)
    assert (end.outcome.status, end.outcome.reason) == (IndexStatus.REFUSED, Reason.SCHEMA)
    assert end.cleanup == ()
