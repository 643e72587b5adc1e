"""``pipeline enrich``: lines in, lines out."""

import io
import json

import pytest
from typer.testing import CliRunner

from pipeline.cli.app import app
from pipeline.cli.text_lines import MAX_LINE_BYTES, TextLine, read_lines, result
from pipeline.errors import Rejected
from pipeline.records import Annotations, Reason

SPOKEN = "“The bridge is closed,” said Maria Lopez in Copenhagen."
GERMAN = "Der Bürgermeister sagte am Montag, dass die alte Brücke geschlossen bleibt."


def items(*lines: bytes, limit: int = 1_000):
    return list(read_lines([io.BytesIO(b"\n".join(lines))], limit))


def run(*arguments: str, text: str = ""):
    return CliRunner().invoke(app, ["enrich", *arguments], input=text)


def test_a_line_is_a_text_with_its_id_and_title():
    lines = (b'{"id": "a", "text": "One.", "title": "T", "more": 1}', b'{"id": 2, "text": "x"}')
    assert items(*lines) == [("a", TextLine("a", "One.", "T")), (2, TextLine(2, "x"))]


@pytest.mark.parametrize(
    ("line", "key", "reason"),
    [
        (b"not json", "line 2", Reason.UNDECODABLE),
        (b"\xff\xfe", "line 2", Reason.UNDECODABLE),
        (b'{"id": "a"}', "a", Reason.SCHEMA),
        (b'{"text": "a"}', "line 2", Reason.SCHEMA),
        (b"[]", "line 2", Reason.SCHEMA),
        (b'{"id": "a", "text": " "}', "a", Reason.EMPTY_TEXT),
        (b'{"id": "a", "text": "' + b"x" * 1_001 + b'"}', "a", Reason.TOO_LARGE),
        (b"x" * (MAX_LINE_BYTES + 1), "line 2", Reason.TOO_LARGE),
    ],
    ids=["json", "utf-8", "text", "id", "list", "empty", "long text", "long line"],
)
def test_a_line_that_cannot_be_used_is_refused_and_the_next_is_read(line, key, reason):
    good = b'{"id": 1, "text": "x"}'
    first, (found_key, refused), last = items(good, line, good)
    assert isinstance(refused, Rejected)
    assert (found_key, refused.reason) == (key, reason)
    assert first == last == (1, TextLine(1, "x"))


def test_empty_lines_are_passed_over():
    assert items(b"", b"  ") == []


def test_an_outcome_is_a_line_of_json():
    assert result("a", Rejected(Reason.NLP_CRASH, "lost"), "en") == {
        "id": "a",
        "error": {"reason": "nlp-crash", "detail": "lost"},
    }
    assert result("a", None, "de")["not_annotated"] == "no model for language 'de'"
    assert result("a", Annotations(), "en") == {
        "id": "a", "language": "en", "entities": (), "statements": (),
    }  # fmt: skip


def test_lines_come_out_in_order_with_errors_in_their_places():
    lines = [json.dumps({"id": n, "text": SPOKEN}) for n in (1, 2)]
    lines[1:1] = ["not json", json.dumps({"id": "f", "text": GERMAN})]
    done = run("--jsonl", text="\n".join(lines))
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in found] == [1, "line 2", "f", 2]
    assert found[1]["error"]["reason"] == "undecodable"
    assert found[2]["not_annotated"]
    (statement,) = found[0]["statements"]
    assert statement["speaker"] == {
        "text": "Maria Lopez", "span": [29, 40], "entity": "Maria Lopez", "unnamed": False,
    }  # fmt: skip
    assert statement["content"]["span"] == [0, 23]
    assert done.exit_code == 0


def test_many_lines_are_shared_among_processes_and_keep_their_order():
    lines = "\n".join(json.dumps({"id": n, "text": f"{SPOKEN} {n}"}) for n in range(30))
    done = run("--jsonl", text=lines)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["id"] for line in found] == list(range(30))
    assert all(line["statements"] for line in found)


def test_the_title_of_a_line_weighs_what_its_text_names():
    titles = ["Rain", "Copenhagen closes a bridge"]
    lines = "\n".join(json.dumps({"id": t, "text": SPOKEN, "title": t}) for t in titles)
    found = [json.loads(line) for line in run("--jsonl", text=lines).stdout.splitlines()]
    weights = [{e["name"]: e["salience"] for e in line["entities"]} for line in found]
    assert weights == [
        {"Maria Lopez": 1.0, "Copenhagen": 1.0},
        {"Maria Lopez": 0.5, "Copenhagen": 1.0},
    ]


def test_a_file_is_shown_as_a_table_and_with_json_as_a_document(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text(SPOKEN, "utf-8")
    table = run(str(path))
    assert "Who said what" in table.stdout
    assert "Maria Lopez" in table.stdout
    document = json.loads(run(str(path), "--json").stdout)
    assert document["id"] == str(path)
    assert {entity["name"] for entity in document["entities"]} == {"Maria Lopez", "Copenhagen"}


def test_a_file_in_another_language_is_told_as_a_line_in_one_is(tmp_path):
    path = tmp_path / "article.txt"
    path.write_text(GERMAN, "utf-8")
    told = run(str(path))
    assert "no model for language 'de'" in told.stderr
    assert told.stdout == ""
    document = json.loads(run(str(path), "--json").stdout)
    assert document["not_annotated"] == "no model for language 'de'"
    assert document["entities"] == document["statements"] == []


def test_a_file_that_cannot_be_used_is_told_and_the_others_are_done(tmp_path):
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe\xff")
    (tmp_path / "good.txt").write_text(SPOKEN, "utf-8")
    done = run(str(tmp_path / "bad.txt"), str(tmp_path / "good.txt"), "--json")
    assert done.exit_code == 1
    assert "not UTF-8" in done.stderr
    assert json.loads(done.stdout)["statements"]


def test_a_missing_file_and_a_missing_model_are_told_in_one_line(tmp_path):
    assert run(str(tmp_path / "none.txt")).exit_code == 2
    assert "no spaCy model" in str(run("--model", "none", text="x").exception)


@pytest.mark.parametrize(
    "line", [b'{"text":5,"id":"\xff"}', b'{"text":5,"x":' + b"[" * 5_000, b'{"text":5,"id":[]}']
)
def test_a_line_whose_id_cannot_be_read_either_is_named_by_its_number(line):
    ((key, refused),) = read_lines([io.BytesIO(line)], 100)
    assert key == "line 1"
    assert refused.reason is Reason.SCHEMA
