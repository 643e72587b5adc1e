import gzip
import json
from datetime import timedelta
from pathlib import Path

import pytest

from pipeline.feeds.archives import read_file
from pipeline.feeds.files import find_files
from pipeline.feeds.reads import settled
from pipeline.records import Article, DeadLetter, Reason
from tests.fakes.archives import LIMIT, reading
from tests.fakes.feeds import MORNING, PARAGRAPH, html_page


def read(path: Path, **changes: object) -> list[Article | DeadLetter]:
    reads = read_file(path, reading(**changes))
    return [outcome for outcome, _ in settled(reads, 4)]  # type: ignore[misc]


def one_article(path: Path, **changes: object) -> Article:
    (article,) = read(path, **changes)
    assert isinstance(article, Article)
    return article


def reasons(path: Path) -> list[Reason]:
    return [record.reason for record in read(path) if isinstance(record, DeadLetter)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "newsroom"
    folder.mkdir()
    return folder


def test_a_text_is_an_article_headed_by_its_first_sentence(folder: Path) -> None:
    file = folder / "bridge.txt"
    file.write_text(PARAGRAPH + "\n\n" + PARAGRAPH)
    article = one_article(file)
    assert article.title.startswith("The old bridge over the Mell")
    assert len(article.title) <= 120
    assert article.text == f"{PARAGRAPH.strip()}\n{PARAGRAPH.strip()}"
    assert article.source.name == "newsroom"
    assert article.url is None


def test_a_first_line_that_is_a_title_is_the_title(folder: Path) -> None:
    file = folder / "bridge.txt"
    file.write_text(f"Bridge to close\n\n{PARAGRAPH}")
    article = one_article(file)
    assert (article.title, article.text) == ("Bridge to close", PARAGRAPH.strip())


def test_the_same_file_is_the_same_article_and_another_is_another(folder: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text(PARAGRAPH)
    one, other = (one_article(folder / name) for name in ("a.txt", "b.txt"))
    again = one_article(folder / "a.txt", now=MORNING + timedelta(hours=1))
    assert one.id == again.id != other.id
    assert again.revision > one.revision


@pytest.mark.parametrize("name", ["a.txt.gz", "a.html.gz", "a.htm", "A.HTML", "a.jsonl.gz"])
def test_each_kind_is_read_compressed_or_not(folder: Path, name: str) -> None:
    data = {
        "txt": PARAGRAPH.encode(),
        "htm": html_page(),
        "jso": json.dumps({"text": PARAGRAPH}).encode(),
    }[name.lower()[2:5]]
    file = folder / name
    file.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    assert "old bridge" in one_article(file).text


def test_a_saved_page_keeps_its_address_and_date(folder: Path) -> None:
    head = (
        b"<head><link rel=canonical href='https://courier.example/bridge'>"
        b"<meta property='article:published_time' content='2026-03-01T12:00:00Z'>"
    )
    file = folder / "page.html"
    file.write_bytes(html_page().replace(b"<head>", head))
    article = one_article(file)
    assert article.canonical_url == "https://courier.example/bridge"
    assert article.source.domain == "courier.example"
    assert article.published_at is not None


def test_lines_of_json_are_articles_with_what_they_name(folder: Path) -> None:
    file = folder / "news.jsonl"
    lines = [
        {
            "id": 5,
            "text": PARAGRAPH,
            "title": "Bridge to close",
            "url": "https://courier.example/a?utm_source=x",
            "published": "2026-03-01T12:00:00+01:00",
            "source": "The Courier",
            "authors": ["Ada Lind"],
            "language": "en-GB",
            "unknown": [],
        },
        {"text": PARAGRAPH, "authors": "Bo Ek"},
    ]
    file.write_text("\n\n".join(map(json.dumps, lines)))
    first, second = read(file)
    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert first.canonical_url == "https://courier.example/a"
    assert (first.source.name, first.language, first.authors) == (
        "The Courier",
        "en",
        ("Ada Lind",),
    )
    assert (first.guid or "").endswith("news.jsonl#5")
    assert (second.guid or "").endswith("news.jsonl#3")
    assert (second.source.name, second.authors) == ("newsroom", ("Bo Ek",))


def test_bad_lines_cost_only_themselves(folder: Path) -> None:
    file = folder / "news.jsonl"
    good = json.dumps({"text": PARAGRAPH}).encode()
    bad = [b"{", b'{"title": "no text"}', b'{"text": 5}', b"\xff", b'{"text": " \\u200b"}']
    long = b'{"text": "' + b"x" * (3 * LIMIT) + b'"}'
    file.write_bytes(b"\n".join([good, *bad, long, good]))
    records = read(file)
    assert [type(record) for record in records[:: len(records) - 1]] == [Article, Article]
    assert reasons(file) == [
        Reason.UNDECODABLE,
        Reason.SCHEMA,
        Reason.SCHEMA,
        Reason.UNDECODABLE,
        Reason.EMPTY_TEXT,
        Reason.TOO_LARGE,
    ]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.txt", b"", Reason.EMPTY_TEXT),
        ("a.txt", "Größe".encode("latin-1"), Reason.UNREADABLE_FILE),
        ("a.txt", b"a\x00b", Reason.UNREADABLE_FILE),
        ("a.txt", b"x" * (LIMIT + 1), Reason.TOO_LARGE),
        ("a.txt.gz", gzip.compress(b"\0" * 50_000_000), Reason.TOO_LARGE),
        ("a.txt.gz", b"no gzip", Reason.UNREADABLE_FILE),
        ("a.txt.gz", gzip.compress(b"x" * 999)[:-9], Reason.UNREADABLE_FILE),
        ("a.jsonl.gz", gzip.compress(b"\n" * 10_000_000), Reason.UNREADABLE_FILE),
        ("a.html", b"<html><body><p>Cookies?</p></body></html>", Reason.NOT_AN_ARTICLE),
        ("a.pdf", b"%PDF", Reason.UNREADABLE_FILE),
        ("a", b"text", Reason.UNREADABLE_FILE),
    ],
)
def test_what_cannot_be_read_is_a_dead_letter(
    folder: Path, name: str, data: bytes, reason: Reason
) -> None:
    file = folder / name
    file.write_bytes(data)
    assert reasons(file) == [reason]


def test_a_missing_file_is_a_dead_letter(folder: Path) -> None:
    (letter,) = read(folder / "gone.txt")
    assert isinstance(letter, DeadLetter)
    assert letter.reason is Reason.UNREADABLE_FILE
    assert "No such file" in letter.detail


def test_folders_are_searched_in_order_for_what_can_be_read(folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / ".hidden").mkdir()
    for name in ("b.txt", "a.html", "c.png", ".d.txt", "inner/e.jsonl.gz", ".hidden/f.txt"):
        (folder / name).touch()
    found = [str(path.relative_to(folder)) for path in find_files([folder])]
    assert found == ["a.html", "b.txt", "inner/e.jsonl.gz"]


def test_a_folder_that_links_to_itself_ends(folder: Path) -> None:
    (folder / "a.txt").write_text(PARAGRAPH)
    (folder / "loop").symlink_to(folder)
    assert len(list(find_files([folder]))) == 1
