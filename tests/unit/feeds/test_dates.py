from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.feeds.dates import first_time, parse_time

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1971, 1, 2), datetime(2099, 12, 30), timezones=ZONES)  # noqa: DTZ001


@given(TIMES)
def test_an_iso_time_is_read_as_it_was_written(time: datetime) -> None:
    assert parse_time(time.isoformat()) == time


@given(TIMES)
def test_a_mail_time_is_read_to_the_second(time: datetime) -> None:
    written = time.strftime("%a, %d %b %Y %H:%M:%S %z")
    assert parse_time(written) == time.replace(microsecond=0)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01 14:05:00", datetime(2026, 3, 1, 14, 5, tzinfo=UTC)),
        ("March 1, 2026 2:05 PM", datetime(2026, 3, 1, 14, 5, tzinfo=UTC)),
        ("1 Mar 2026", datetime(2026, 3, 1, tzinfo=UTC)),
        (" 2026-03-01T14:05:00Z\n", datetime(2026, 3, 1, 14, 5, tzinfo=UTC)),
    ],
)
def test_looser_forms_are_read_in_utc(text: str, time: datetime) -> None:
    assert parse_time(text) == time


@pytest.mark.parametrize(
    ("zone", "hours"),
    [
        ("GMT", 0), ("UT", 0), ("Z", 0), ("utc", 0), ("-0000", 0), ("+0000 (UTC)", 0), ("", 0),
        ("+0000 UTC", 0), ("EST", -5), ("EDT", -4), ("PST", -8), ("PDT", -7), ("ET", -5),
        ("-0500 (EST)", -5), ("GMT-0500 (Eastern Standard Time)", -5), ("BST", 1), ("CET", 1),
        ("CEST", 2), ("MESZ", 2), ("MSK", 3), ("IST", 5.5), ("JST", 9), ("AEDT", 11), ("+01:00", 1),
        ("+0530", 5.5), ("+5:30", 5.5), ("+1", 1), ("+100", 1), ("GMT+1", 1), ("GMT+0100", 1),
        ("UTC+01:00", 1), ("UTC +1", 1), ("\u22120300", -3), ("XYZ", 0), ("America/New_York", 0),
    ],
)  # fmt: skip
def test_zones_are_read_as_people_write_them(zone: str, hours: float) -> None:
    offset = timezone(timedelta(hours=hours))
    time = datetime(2026, 3, 1, 14, 5, 7, tzinfo=offset)
    assert parse_time(f"Sun, 01 Mar 2026 14:05:07 {zone}") == time
    assert parse_time(f"Sun, 1 Mar 26 14:05 {zone}") == time.replace(second=0)


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("2026-03-01 14:05:00 EST", -5),
        ("2026-03-01T14:05:00CEST", 2),
        ("2026-03-01T14:05:00 +01:00", 1),
        ("2026-03-01 14:05:00 +0000 UTC", 0),
        ("March 1, 2026 2:05 pm EST", -5),
        ("Mar 1, 2026, 2:05 p.m. ET", -5),
        ("Sun Mar  1 14:05:00 CET 2026", 1),
        ("Sun Mar 01 2026 14:05:00 GMT-0500 (Eastern Standard Time)", -5),
        ("Sunday, 01 March 2026 14:05:00 GMT", 0),
        ("Sun,01 Mar 2026 14:05:00 GMT", 0),
        ("01-Mar-26 14:05:00 GMT", 0),
        ("01.03.2026 14:05", 0),
    ],
)
def test_a_time_is_read_in_its_zone_in_any_form(text: str, hours: float) -> None:
    offset = timezone(timedelta(hours=hours))
    assert parse_time(text) == datetime(2026, 3, 1, 14, 5, tzinfo=offset)


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("dim., 01 mars 2026 14:05:00 +0100", 3), ("dim, 01 févr. 2026 14:05:00 +0100", 2),
        ("jeu. 1er août 2026 à 14:05 CET", 8), ("mer., 01 juil. 2026 14:05:00 +0100", 7),
        ("lun., 01 juin 2026 14:05:00 +0100", 6), ("mar., 01 de\u0301c. 2026 14:05 +0100", 12),
        ("So, 01 Mär 2026 14:05:00 +0100", 3), ("So., 01. März 2026, 14:05 MEZ", 3),
        ("Di, 01 Dez 2026 14:05:00 +0100", 12), ("Fr, 01 Mai 2026 14:05:00 +0100", 5),
        ("dom, 01 ene 2026 14:05:00 +0100", 1), ("1 de marzo de 2026 14:05 CET", 3),
        ("gio, 01 ott 2026 14:05:00 +0100", 10), ("ven, 01 mag 2026 14:05:00 +0100", 5),
        ("qui, 01 out 2026 14:05:00 +0100", 10), ("sáb, 01 fev 2026 14:05:00 +0100", 2),
        ("zo, 01 mrt 2026 14:05:00 +0100", 3), ("vr, 01 mei 2026 14:05:00 +0100", 5),
        ("fre, 01 maj 2026 14:05:00 +0100", 5), ("tir., 01 des. 2026 14:05:00 +0100", 12),
        ("śr, 01 paź 2026 14:05:00 +0100", 10), ("Per, 01 Eki 2026 14:05:00 +0100", 10),
        ("Вс, 01 мар 2026 14:05:00 +0100", 3), ("Пт, 01 мая 2026 14:05:00 +0100", 5),
        ("Thurs, 01 Sept 2026 14:05:00 +0100", 9),
    ],
)  # fmt: skip
def test_months_are_read_in_the_language_of_the_feed(text: str, month: int) -> None:
    zone = timezone(timedelta(hours=1))
    assert parse_time(text) == datetime(2026, month, 1, 14, 5, tzinfo=zone)


@pytest.mark.parametrize("text", ["01 jui 2026 14:05", "1 marines 2026", "01 foo 2026 14:05"])
def test_what_may_be_two_months_or_none_is_none(text: str) -> None:
    assert parse_time(text) is None


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("Sun, 01 Mar 2026 24:00:00 GMT", datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-02-28T24:00:00Z", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-02-28 24:00", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-02-28T24:00:00.000Z", datetime(2026, 3, 1, tzinfo=UTC)),
        ("Wed, 31 Dec 2025 23:59:60 GMT", datetime(2025, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_the_end_of_a_day_is_the_beginning_of_the_next(text: str, time: datetime) -> None:
    assert parse_time(text) == time


@pytest.mark.parametrize(
    ("year", "meant"), [("26", 2026), ("68", 2068), ("70", None), ("99", 1999)]
)
def test_years_of_two_digits_are_near(year: str, meant: int | None) -> None:
    time = parse_time(f"Sun, 01 Mar {year} 14:05:00 GMT")
    assert (time.year if time else None) == meant


@pytest.mark.parametrize(
    "text",
    ["", None, "today", "14:05", "March 2026", "2026", "0001-01-01", "2226-01-01", "2026-02-30",
     "1" * 64, "9" * 1_000_000, "2026-03-01T14:05:00+99:99", "2026-03-01T24:01:00Z",
     "Sun, 31 Feb 2026 14:05:00 GMT", "Sun, 01 Mar 2026 25:00:00 GMT",
     "Sun, 01 Mar 2026 14:05:00 +9959"],
)  # fmt: skip
def test_what_names_no_day_of_our_time_is_none(text: str | None) -> None:
    assert parse_time(text) is None


@given(st.text(max_size=70))
def test_any_text_is_a_time_with_a_zone_or_none(text: str) -> None:
    time = parse_time(text)
    assert time is None or time.tzinfo is not None


def test_a_time_without_a_zone_gets_that_of_the_same_time_elsewhere() -> None:
    said = ["", "2026-03-02 20:59:59.0", "02.03.2026", "2026-03-02T20:59:59+02:00"]
    time = first_time(said)
    assert time is not None
    assert time.isoformat() == "2026-03-02T20:59:59+02:00"


def test_another_time_lends_no_zone() -> None:
    assert first_time(["2026-03-02 20:59", "2026-03-02T21:30+02:00"]) == datetime(
        2026, 3, 2, 20, 59, tzinfo=UTC
    )


@pytest.mark.parametrize("zone", ["+9999", "-24:00", "+99:99", "GMT+25", "UTC-2400"])
def test_an_offset_of_a_day_and_more_makes_no_time(zone: str) -> None:
    for text in (f"2026-03-01 12:00:00{zone}", f"1 Mar 2026 12:00 {zone}", f"12:00{zone} 2026-3-1"):
        assert parse_time(text) is None or parse_time(text).utcoffset() <= timedelta(hours=14)


def test_an_offset_that_only_the_loosest_reader_sees_makes_no_time() -> None:
    assert parse_time("2026-03-01T1200+9999 x") is None
    assert parse_time("1 Mar 26 1:0:0+2500 AD") is None
