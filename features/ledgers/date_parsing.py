"""Text to dates, whole columns at a time; what cannot be read becomes null.

A format is written with `d`, `m`, `mmm` (the name of a month in English, French, German, Spanish or
Italian), `yy` or `yyyy`, or is "excel" (days since 1899-12-30) or "unix" (seconds or milliseconds
since 1970). ISO dates are always read.
"""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features.ledgers.parsing import fold, plain_spaces

ISO = "yyyy-mm-dd"
PIVOT = 70  # two-digit years: 70 is 1970, 69 is 2069
_EXCEL_DAY_0 = -25_569  # 1899-12-30, in days since 1970-01-01
_SERIALS = ("excel", "unix")
_TIME = (
    r"(?:[ T,]+(?P<hour>[0-9]{1,2})[:h](?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    r" ?(?P<half>[AaPp][Mm])? ?(?P<zone>Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_MONTHS = (
    "january janvier januar enero gennaio",
    "february fevrier februar febrero febbraio",
    "march mars marz maerz marzo",
    "april avril abril aprile",
    "may mai mayo maggio",
    "june juin juni junio giugno",
    "july juillet juli julio luglio",
    "august aout agosto",
    "september septembre septiembre settembre",
    "october octobre oktober octubre ottobre",
    "november novembre noviembre",
    "december decembre dezember diciembre dicembre",
)


def month(name: str) -> int:
    """The month that `name` abbreviates with three letters or more, 0 where it is not one month.

    >>> month("janv."), month("Aug"), month("jui")
    (1, 8, 0)
    """
    start = fold(name)
    found = [
        number
        for number, names in enumerate(_MONTHS, 1)
        if any(word.startswith(start) for word in names.split())
    ]
    return found[0] if len(start) >= 3 and len(found) == 1 else 0


def check_date_formats(formats: Sequence[str]) -> None:
    """Raise ValueError for a format that means nothing, or two that read one text differently."""
    orders = set()
    for text in formats:
        if text in _SERIALS:
            continue
        _date_pattern(text)
        order = re.sub(r"(.)\1+", r"\1", text)
        if "mmm" not in text and order.translate(str.maketrans("dm", "md")) in orders:
            raise ValueError(f"{text!r} and its twin with day and month exchanged: keep one")
        orders.add(order)


def dates(
    text: pa.Array,
    formats: Sequence[str],
    time_zone: str | None = None,
    naive_time_zone: str | None = None,
) -> pa.Array:
    """Dates (date32) from text, each by the first format that reads it.

    A time with an offset becomes the date in `time_zone`; a time without one does too where
    `naive_time_zone` says what clock it was read on; a date without a time is never moved.

    >>> dates(pa.array(["31/01/2024", "1er févr. 2024", "45322"]),
    ...       ["dd/mm/yyyy", "d mmm yyyy", "excel"]).to_pylist()
    [datetime.date(2024, 1, 31), datetime.date(2024, 2, 1), datetime.date(2024, 1, 31)]
    """
    coded = text.dictionary_encode()  # a ledger repeats few dates
    distinct = plain_spaces(coded.dictionary)
    days = pa.nulls(len(distinct), pa.date32())
    for form in (ISO, *formats):
        if form == "excel":
            read = _excel_dates(distinct)
        elif form == "unix":
            read = _unix_dates(distinct, time_zone or "UTC")
        else:
            read = _civil_dates(distinct, _date_pattern(form), time_zone, naive_time_zone)
        days = pc.coalesce(days, read)
    return days.take(coded.indices)


def _date_pattern(form: str) -> str:
    """The regular expression of a date format, with groups day, month (or name) and year."""
    tokens = re.findall(r"d+|m+|y+|[^dmy]+", form)
    digits = "[0-9]{2}" if re.fullmatch("[dmy]+", form) else "[0-9]{1,2}"
    named = "mmm" in form
    known = {
        "d": rf"(?P<day>{digits})" + ("(?:er|st|nd|rd|th)?" if named else ""),
        "m": rf"(?P<month>{digits})",
        "mmm": r"(?P<name>\pL{3,})\.?",
        "yy": "(?P<short>[0-9]{2})",
        "yyyy": "(?P<year>[0-9]{4})",
    }
    known |= {"dd": known["d"], "mm": known["m"], "mmmm": known["mmm"]}
    literal = re.compile("[ /.,-]+")
    fields = sorted(token[0] for token in tokens if token in known)
    if fields != ["d", "m", "y"] or not all(t in known or literal.fullmatch(t) for t in tokens):
        raise ValueError(
            f"date format {form!r}: write one like 'dd/mm/yyyy', 'mm/dd/yyyy', 'yyyymmdd', "
            "'d mmm yyyy', 'excel' or 'unix'"
        )
    parts = (known.get(t) or re.escape(t).replace(r"\ ", " +") for t in tokens)
    return "^" + "".join(parts) + _TIME + "$"


def _civil_dates(
    text: pa.Array, pattern: str, time_zone: str | None, naive_time_zone: str | None
) -> pa.Array:
    groups = pc.extract_regex(text, pattern)
    part = {field.name: pc.struct_field(groups, field.name).fill_null("") for field in groups.type}
    year = _integers(part["year"]) if "year" in part else _full_years(_integers(part["short"]))
    month_number = _month_numbers(part["name"]) if "name" in part else _integers(part["month"])
    day, hour = _integers(part["day"]), _hours(part["hour"], part["half"])
    first = ((year - 1970) * 12 + month_number - 1).astype("datetime64[M]")
    date = first.astype("datetime64[D]") + (day - 1)
    valid = groups.is_valid().to_numpy(zero_copy_only=False)
    valid &= (month_number >= 1) & (month_number <= 12) & (day >= 1)
    valid &= (date.astype("datetime64[M]") == first) & (hour < 24)
    if time_zone is not None:
        clock = hour * 3600 + _integers(part["minute"]) * 60 + _integers(part["second"])
        read = date.astype("datetime64[s]") + clock
        moved = _local_dates(read, part["zone"], time_zone, naive_time_zone)
        date = np.where(pc.equal(part["hour"], "").to_numpy(zero_copy_only=False), date, moved)
    return pa.array(date, pa.date32(), mask=~valid)


def _local_dates(
    read: NDArray[np.datetime64], zone: pa.Array, time_zone: str, naive_time_zone: str | None
) -> NDArray[np.datetime64]:
    """The date in `time_zone` at the time read on a clock of `zone`, "" being the naive zone."""
    offset = pc.replace_substring_regex(zone, "Z|UTC|:", "")
    sign = np.where(pc.starts_with(offset, "-").to_numpy(zero_copy_only=False), -1, 1)
    size = _integers(pc.replace_substring_regex(offset, "[+-]", ""))
    utc = read - sign * (size // 100 * 3600 + size % 100 * 60)
    clock = pc.assume_timezone(
        pa.array(read), naive_time_zone or time_zone, ambiguous="earliest", nonexistent="earliest"
    )
    naive = pc.equal(zone, "").to_numpy(zero_copy_only=False)
    utc = np.where(naive, clock.cast(pa.timestamp("s")).to_numpy(), utc)
    return (
        pc.local_timestamp(pa.array(utc).cast(pa.timestamp("s", time_zone)))
        .to_numpy()
        .astype("datetime64[D]")
    )


def _hours(hour: pa.Array, half: pa.Array) -> NDArray[np.int64]:
    """Hours of the day; `half` is am, pm or nothing."""
    half = pc.utf8_lower(half).to_numpy(zero_copy_only=False)
    hours = _integers(hour)
    return np.where(half == "", hours, hours % 12 + 12 * (half == "pm"))


def _full_years(short: NDArray[np.int64]) -> NDArray[np.int64]:
    return short + np.where(short < PIVOT, 2000, 1900)


def _excel_dates(text: pa.Array) -> pa.Array:
    serial = pc.struct_field(pc.extract_regex(text, r"^(?P<day>[0-9]{5})(?:[.,][0-9]+)?$"), "day")
    return pc.add(serial.cast(pa.int32()), pa.scalar(_EXCEL_DAY_0, pa.int32())).cast(pa.date32())


def _unix_dates(text: pa.Array, time_zone: str) -> pa.Array:
    """The date in `time_zone` of seconds (9 or 10 digits) or milliseconds (12 or 13)."""
    serial = pc.extract_regex(text, r"^(?P<second>[0-9]{9,10})(?:[0-9]{3})?(?:[.,][0-9]+)?$")
    second = pc.struct_field(serial, "second").cast(pa.int64())
    return pc.local_timestamp(second.cast(pa.timestamp("s", time_zone))).cast(pa.date32())


def _integers(digits: pa.Array) -> NDArray[np.int64]:
    """Integers of digits; nothing is 0."""
    return pc.if_else(pc.equal(digits, ""), "0", digits).cast(pa.int64()).to_numpy()


def _month_numbers(names: pa.Array) -> NDArray[np.int64]:
    coded = names.dictionary_encode()
    numbers = np.array([month(name) for name in coded.dictionary.to_pylist()], np.int64)
    return numbers[coded.indices.to_numpy()]
