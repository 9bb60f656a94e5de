"""Dates as French, English, German and machine exports write them."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.ledgers.date_parsing import check_date_formats, dates, month

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))
FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
FRENCH_SHORT = "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."
ENGLISH = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"


def read(texts: list[str | None], *formats: str, **zones: str) -> list[date | None]:
    return dates(pa.array(texts, pa.string()), formats, **zones).to_pylist()


@given(st.lists(DAYS))
def test_french_english_iso_and_compact_dates_come_back(days: list[date]) -> None:
    written = {
        "dd/mm/yyyy": [f"{d:%d/%m/%Y}" for d in days],
        "mm/dd/yyyy": [f"{d:%m/%d/%Y}" for d in days],
        "d.m.yyyy": [f"{d.day}.{d.month}.{d.year}" for d in days],
        "yyyymmdd": [f"{d:%Y%m%d}" for d in days],
        "dd/mm/yy": [d.isoformat() for d in days],  # ISO is always read
    }
    for form, texts in written.items():
        assert read(texts, form) == days, form


@given(st.lists(DAYS))
def test_month_names_come_back(days: list[date]) -> None:
    for names in (FRENCH, FRENCH_SHORT, FRENCH.upper()):
        texts = [f"{d.day} {names.split()[d.month - 1]} {d.year}" for d in days]
        assert read(texts, "d mmm yyyy") == days
    texts = [f"{ENGLISH.split()[d.month - 1]} {d.day}, {d.year}" for d in days]
    assert read(texts, "mmm d, yyyy") == days


@given(st.lists(st.dates(date(1927, 6, 1), date(2100, 12, 31))))
def test_excel_serials_come_back(days: list[date]) -> None:
    texts = [str((day - date(1899, 12, 30)).days) for day in days]
    assert read(texts, "excel") == days


@pytest.mark.parametrize(
    ("text", "form", "day"),
    [
        ("31/12/69", "dd/mm/yy", date(2069, 12, 31)),
        ("31/12/70", "dd/mm/yy", date(1970, 12, 31)),
        ("1er févr. 2024", "d mmm yyyy", date(2024, 2, 1)),
        ("31\u00a0janv.\u202f2024", "d mmm yyyy", date(2024, 1, 31)),
        ("31-MRZ-2024", "d-mmm-yyyy", None),  # no month begins so
        ("31-Mär-2024", "d-mmm-yyyy", date(2024, 3, 31)),
        ("45322.75", "excel", date(2024, 1, 31)),
        ("29/02/2023", "dd/mm/yyyy", None),
        ("00/01/2023", "dd/mm/yyyy", None),
        ("12/13/2023", "dd/mm/yyyy", None),
        ("31/01/2024 25:00", "dd/mm/yyyy", None),
        ("5 jui 2024", "d mmm yyyy", None),  # June or July
        ("", "dd/mm/yyyy", None),
    ],
)
def test_one_date(text: str, form: str, day: date | None) -> None:
    assert read([text, None], form) == [day, None]


def test_a_time_with_an_offset_falls_on_the_local_date() -> None:
    texts = ["2024-01-31T23:30:00Z", "2024-01-31 23:30:00.5+0100", "2024-07-31 21:59:59-00:30"]
    local = [date(2024, 2, 1), date(2024, 1, 31), date(2024, 8, 1)]
    assert read(texts, time_zone="Europe/Paris") == local
    assert read(texts) == [date(2024, 1, 31), date(2024, 1, 31), date(2024, 7, 31)]


def test_a_naive_time_moves_only_where_its_clock_is_known() -> None:
    texts = ["31/01/2024 23:30", "31/01/2024", "1/31/2024 11:30 PM"]
    assert read(texts[:2], "dd/mm/yyyy", time_zone="Europe/Paris") == [date(2024, 1, 31)] * 2
    zones = {"time_zone": "Europe/Paris", "naive_time_zone": "UTC"}
    assert read(texts[:2], "dd/mm/yyyy", **zones) == [date(2024, 2, 1), date(2024, 1, 31)]
    assert read(texts[2:], "mm/dd/yyyy", **zones) == [date(2024, 2, 1)]


def test_a_format_that_means_nothing_is_refused_with_an_example() -> None:
    for form in ("dd/mm", "%d/%m/%Y", "dd/mm/yyy", "yyyy_mm_dd"):
        with pytest.raises(ValueError, match="write one like 'dd/mm/yyyy'"):
            check_date_formats([form])
    with pytest.raises(ValueError, match="twin"):
        check_date_formats(["dd/mm/yyyy", "m/d/yyyy"])
    check_date_formats(["dd/mm/yyyy", "yyyymmdd", "d mmm yyyy", "mmm d, yyyy", "excel"])


def test_months_are_told_by_any_unique_beginning() -> None:
    assert [month(name) for name in ("Sept.", "dic", "mag", "ma", "sep2")] == [9, 12, 5, 0, 0]


def test_seconds_since_1970_are_a_date_in_the_zone() -> None:
    text = pa.array(["1711927800", "1711927800000", "1711927800.5", "17119278", "171192780000"])
    assert dates(text, ["unix"], "Europe/Paris").to_pylist() == [
        *[date(2024, 4, 1)] * 3,
        None,
        date(1975, 6, 5),
    ]
    assert dates(text[:1], ["unix"]).to_pylist() == [date(2024, 3, 31)]
