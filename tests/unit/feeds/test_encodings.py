import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.encodings import corrected, guess, is_utf8

RUSSIAN = "Мэр города заявил, что старый мост закроют в понедельник из-за трещин."
FRENCH = "Le maire a déclaré que le vieux pont fermerait lundi, à cause de fissures."


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", "KOI8-R"])
def test_utf_8_that_is_declared_to_be_something_else_is_utf_8(declared: str) -> None:
    assert corrected(FRENCH.encode(), declared=declared) == "utf-8"


@pytest.mark.parametrize("declared", ["utf-8", None, "gb2312", "no-such-encoding"])
def test_utf_8_that_may_be_what_is_declared_is_left_alone(declared: str | None) -> None:
    assert corrected(FRENCH.encode(), declared=declared) is None


def test_what_a_text_declares_stands_where_it_fits() -> None:
    data = RUSSIAN.encode("windows-1251")
    assert corrected(data, declared="windows-1251", header="iso-8859-1") is None


@pytest.mark.parametrize("declared", [None, "utf-8", "us-ascii", "punycode"])
def test_the_header_serves_where_the_text_cannot_be_what_it_declares(declared: str | None) -> None:
    data = RUSSIAN.encode("koi8-r")
    assert corrected(data, declared=declared, header="koi8-r") == "koi8-r"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "windows-1251"),
        (RUSSIAN, "koi8-r"),
        (FRENCH, "windows-1252"),
        ("市长说旧桥将于星期一关闭，因为桥墩出现裂缝。", "gb2312"),
        ("시장은 교각에 금이 가서 월요일에 낡은 다리를 폐쇄한다고 말했다.", "euc-kr"),
    ],
)
def test_bytes_that_say_nothing_are_read_as_what_they_look_like(text: str, encoding: str) -> None:
    data = text.encode(encoding)
    assert data.decode(guess(data)) == text


def test_some_broken_characters_do_not_make_utf_8_another_encoding() -> None:
    assert is_utf8(FRENCH.encode() + b"\xe9 \xff")
    assert not is_utf8(FRENCH.encode("cp1252"))


@given(st.binary(max_size=400), st.sampled_from([None, "utf-8", "latin-1", "idna", "big5", "\0"]))
def test_any_bytes_can_be_read_in_what_is_found(data: bytes, said: str | None) -> None:
    for declared, header in ((said, None), (None, said)):
        encoding = corrected(data, declared=declared, header=header)
        data.decode(encoding or "utf-8", "replace")
