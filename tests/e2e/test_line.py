"""The main job as a person runs it: feeds in, answers out, on real servers."""

from __future__ import annotations

import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from pipeline.cli.search_commands import search, statements
from pipeline.records import DeadLetter, Reason, decode
from pipeline.settings import Settings
from pipeline.stack import ports
from tests.reading import read_topic
from tests.running import PROJECT, environment, pipeline, pipeline_json
from tests.stacks import updated
from tests.waiting import eventually

SEED = PROJECT.parent / "shared" / "seed" / "article.txt"
SAMPLE_ARTICLES = len(list((PROJECT / "deploy" / "sample" / "articles").glob("*.html"))) - 1


def counted(output: str) -> dict[str, int]:
    """The numbers of the closing line, by name."""
    return {name: int(n) for name, n in re.findall(r"([a-z-]+): (\d+)", output)}


def test_one_run_makes_the_sample_feed_searchable_and_a_second_finds_nothing_new(
    line: Settings,
) -> None:
    started = time.monotonic()
    first = pipeline(line, "run", "--once")
    first_seconds = time.monotonic() - started
    assert first.returncode == 0, first.stderr
    found = counted(first.stderr)
    assert found["published"] == found["indexed"] + found["unchanged"] + found["duplicate"]
    assert found["dead-lettered"] == 1
    (letter,) = (decode(v, DeadLetter) for v in read_topic(line, line.topics.dead_letters))
    assert letter.reason is Reason.NOT_AN_ARTICLE
    assert letter.payload_bytes()
    # The sample has a syndicated copy: the same text under another title in another paper.
    assert re.search(r"enriched \d+ \(1 reused\)", first.stderr), first.stderr

    started = time.monotonic()
    second = pipeline(line, "run", "--once")
    assert second.returncode == 0, second.stderr
    assert time.monotonic() - started < 0.7 * first_seconds
    again = counted(second.stderr)
    assert (again["published"], again["indexed"], again["dead-lettered"]) == (0, 0, 0)

    _check_search(line)


def _check_search(line: Settings) -> None:
    articles = pipeline_json(line, "search", "--limit", "100")
    assert len(articles) == SAMPLE_ARTICLES
    (corrected,) = pipeline_json(line, "search", '"River Mell"', "withdrawn")
    assert corrected["url"].endswith("/articles/bridge-collapse.html")
    said = pipeline_json(line, "statements", "--limit", "500")
    assert len({hit["article_id"] for hit in said}) > SAMPLE_ARTICLES / 2
    assert any(hit["negated"] for hit in said)
    assert any(hit["addressee"] for hit in said)
    assert {hit["type"] for hit in said} == {"direct", "indirect", "mixed"}
    for example in _examples():
        assert pipeline_json(line, *example), example
    french = [hit for hit in articles if hit["language"] == "fr"]
    assert french
    assert {hit["article_id"] for hit in said} & {hit["id"] for hit in french}
    (unread,) = [hit for hit in articles if hit["language"] == "pt"]
    assert unread["id"] not in {hit["article_id"] for hit in said}


def _examples() -> list[list[str]]:
    """The searches that README and help recommend, made to print JSON."""
    texts = (PROJECT / "README.md").read_text("utf-8"), search.__doc__, statements.__doc__
    lines = re.findall(
        r"^ *pipeline ((?:search|statements) .*)$", "\n".join(map(str, texts)), re.MULTILINE
    )
    split = [shlex.split(line, comments=True) for line in lines]
    return [[word for word in words if word != "--json"] for words in split]


@pytest.mark.skipif(
    not SEED.is_file(), reason=f"{SEED.name} of the seed is not beside the checkout"
)
def test_the_seed_article_is_found_by_speaker_and_by_words(line: Settings) -> None:
    assert pipeline(line, "ingest", str(SEED)).returncode == 0
    assert pipeline(line, "run", "--once").returncode == 0
    said = pipeline_json(line, "statements", "--speaker", "Yoav Gallant")
    (warning,) = [hit for hit in said if "tie itself" in hit["content"]]
    assert warning["addressee"] == "Amos Hochstein"
    assert warning["cue"] == "warned"
    titles = [hit["title"] for hit in pipeline_json(line, "search", "diplomatic agreement")]
    assert any("Amos Hochstein" in title for title in titles)


def test_the_same_file_twice_is_one_unchanged_article(line: Settings, tmp_path: Path) -> None:
    file = tmp_path / "bridge.txt"
    file.write_text("Mayor Ada Lind said on Monday that the bridge will open in May.")
    quiet = _without_sample(line)
    for expected in ({"indexed": 1, "unchanged": 0}, {"indexed": 0, "unchanged": 1}):
        assert pipeline(quiet, "ingest", "--restart", str(file)).returncode == 0
        found = counted(pipeline(quiet, "run", "--once").stderr)
        assert {name: found[name] for name in expected} == expected
    file.write_text(
        "Mayor Ada Lind said on Monday that the bridge over the Lowe will open in June."
    )
    pipeline(quiet, "ingest", str(file))
    assert counted(pipeline(quiet, "run", "--once").stderr)["indexed"] == 1
    (statement,) = pipeline_json(quiet, "statements")
    assert "June" in statement["content"]


def _without_sample(line: Settings) -> Settings:
    return updated(line, {"sample": {"enabled": False}})


def test_monitoring_goes_on_until_ctrl_c_and_ends_cleanly(line: Settings) -> None:
    output: list[str] = []
    process = subprocess.Popen(
        [sys.executable, "-m", "pipeline", "run"],
        env=environment(line),
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for text in process.stderr:
        output.append(text)
        if "Ctrl-C" in text:
            break
    page = f"http://{line.api.listen}"
    assert eventually(lambda: _is_served(f"{page}/readyz"))
    assert "Harbour Minister" in _text_of(f"{page}/statements?speaker=Ilse+Varga")
    process.send_signal(signal.SIGINT)
    rest = process.communicate(timeout=60)[1]
    assert process.returncode == 0, rest
    assert "Traceback" not in "".join(output) + rest


def _is_served(url: str) -> bool:
    try:
        return bool(_text_of(url))
    except OSError:
        return False


def _text_of(url: str) -> str:
    with urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


def test_no_server_is_one_line_with_the_remedy(line: Settings) -> None:
    nowhere = updated(line, {"elasticsearch": {"hosts": ("http://127.0.0.1:9",)}})
    done = pipeline(nowhere, "search", "bridge")
    assert done.returncode == 4
    assert len(done.stderr.strip().splitlines()) == 1
    assert "pipeline up" in done.stderr


def test_a_taken_sample_port_is_said_with_its_remedy(line: Settings) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(line.sample.port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as holder:
        try:
            assert eventually(lambda: _listens(line.sample.port))
            done = pipeline(line, "run", "--once")
        finally:
            holder.kill()
    assert done.returncode == 3
    assert "PIPELINE_SAMPLE__PORT" in done.stderr


def _listens(port: int) -> bool:
    return not ports.is_free(port)
