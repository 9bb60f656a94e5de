"""What the columns of any table are: numbers, days, categories, or nothing to learn from."""

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.types import (
    is_bool_dtype,
    is_datetime64_any_dtype,
    is_numeric_dtype,
    is_timedelta64_dtype,
)

from features.ledgers.date_parsing import dates

ABSURD = 1e30  # beyond, float32 of other people's libraries overflows
FEW = 20  # values that a category has at the least for each of its rows to be told apart
NAMES = 0.5  # share of distinct values from which text names rows rather than kinds
LISTED = 8  # names of columns, in a remark
YES = frozenset({
    *("1", "y", "yes", "true", "t", "oui", "o", "vrai"),
    *("default", "defaulted", "bad", "failed", "bankrupt", "insolvent"),
})  # fmt: skip
NO = frozenset({
    *("0", "n", "no", "false", "f", "non", "faux"),
    *("good", "alive", "healthy", "solvent", "current"),
})  # fmt: skip
ORDERS = ("d/m/yyyy", "m/d/yyyy")  # and ISO, which is always read
QUARTER = r"\d{4}-?Q[1-4]"
COMMA = r"\s*[-+]?\d+(,\d+)?([eE][-+]?\d+)?\s*"  # numbers with a decimal comma, throughout
OUTCOMES = "give two values, such as 0 and 1 or no and yes"


def outcome(column: pd.Series, positive: str | None = None) -> pd.Series:
    """The label as True (default), False and <NA>.

    The default is `positive`; else the greater of two numbers, or the word that says so.
    ValueError where there are not two values, or none of them says which is the default.
    """
    known = column.dropna()
    values = list(known.unique())
    if len(values) != 2:
        shown = ", ".join(map(repr, map(str, values[:5])))
        raise ValueError(
            f"label {str(column.name)!r} has {len(values)} values ({shown}"
            f"{', …' if len(values) > 5 else ''}), not two: {OUTCOMES}"
        )
    bad = _bad(values, str(column.name), positive)
    return column.map({value: value == bad for value in values}).astype("boolean")


def _bad(values: Sequence[Any], name: str, positive: str | None) -> Any:
    """Which of the two values is the default."""
    if positive is None and all(isinstance(value, numbers.Real) for value in values):
        return max(values)
    texts = {_text(value): value for value in values}
    if positive is not None:
        found = [value for text, value in texts.items() if text == _text(positive)]
    else:
        said = [value for text, value in texts.items() if text in YES]
        found = said or [value for text, value in texts.items() if text not in NO]
    if len(found) == 1:
        return found[0]
    shown = " or ".join(repr(str(value)) for value in values)
    if positive is not None:
        raise ValueError(f"label {name!r} is {shown}, never {positive!r}: correct --positive")
    raise ValueError(f"label {name!r} is {shown}: say which is the default with --positive")


def _text(value: object) -> str:
    """A value as people write it: 1.0 is 1."""
    text = str(value).strip().casefold()
    return text.removesuffix(".0")


def days(column: pd.Series) -> pd.Series:
    """A column of dates, or of years, as numbers that grow with time; NaN where empty.

    ValueError names a value that is no date.
    """
    if is_datetime64_any_dtype(column):
        moments = column.dt.tz_localize(None) if column.dt.tz is not None else column
        return (moments - pd.Timestamp(0)) / pd.Timedelta(days=1)
    if is_numeric_dtype(column) and not is_bool_dtype(column):
        return column.astype(float)
    moments = _written_days(column.map(str, na_action="ignore"), str(column.name))
    strange = column[moments.isna() & column.notna()]
    if len(strange):
        raise ValueError(
            f"date column {str(column.name)!r} has {str(strange.iloc[0])!r}, which is no date; "
            "write it as 2024-12-31, or give years"
        )
    return moments


def _written_days(texts: pd.Series, name: str) -> pd.Series:
    """Text as days, NaN where it is no date. Day and month in figures are told apart by the whole
    column; ValueError where it can be read both ways."""
    known = texts.dropna()
    read = {order: _in_order(known, order) for order in ORDERS}
    whole = {order: found for order, found in read.items() if found.notna().all()}
    if len(whole) == 2 and not whole["d/m/yyyy"].equals(whole["m/d/yyyy"]):
        raise ValueError(
            f"date column {name!r} has {known.iloc[0]!r}: is the day or the month first? Write it "
            "as 2024-12-31"
        )
    if whole:
        return next(iter(whole.values())).reindex(texts.index)
    if known.str.fullmatch(QUARTER).all():
        starts = pd.PeriodIndex(known, freq="Q").to_timestamp()
        return days(pd.Series(starts, known.index)).reindex(texts.index)
    moments = pd.to_datetime(texts, format="mixed", errors="coerce", utc=True)
    return days(moments)


def _in_order(known: pd.Series, order: str) -> pd.Series:
    text = pa.array(known.str.replace(r"[-.](?=\d{1,2}[-.]\d{4})|[-.](?=\d{4}$)", "/", regex=True))
    found = dates(text, [order]).cast(pa.int32()).to_numpy(zero_copy_only=False)
    return pd.Series(found, known.index, float)


def usable(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The columns a model can read, and remarks on those left out.

    Numbers, flags and dates become float64 (NaN for missing and infinite), other text categories.
    """
    columns: dict[str, pd.Series] = {}
    constant, names, counted = [], [], []
    for name, column in frame.items():
        values = read(column)
        distinct = values.nunique(dropna=True)
        if distinct + bool(values.isna().any()) <= 1 or distinct == 0:
            constant.append(str(name))
        elif _names_rows(values, distinct):
            names.append(str(name))
        elif _counts_rows(values):
            counted.append(str(name))
        else:
            columns[str(name)] = values
    remarks = []
    if constant:
        remarks.append(f"left out, never varying: {_list(constant)}")
    if names:
        remarks.append(f"left out, text that names rows rather than kinds: {_list(names)}")
    if counted:
        remarks.append(f"left out, it counts the rows: {_list(counted)}")
    return pd.DataFrame(columns, index=frame.index), tuple(remarks)


def read(column: pd.Series) -> pd.Series:
    """One column as float64 or, where it is text, as strings with None for missing."""
    if is_bool_dtype(column):
        return column.astype("float64")
    if is_numeric_dtype(column):
        values = column.astype("float64")
        return values.where(np.isfinite(values)).clip(-ABSURD, ABSURD)
    if is_datetime64_any_dtype(column):
        return days(column)
    if is_timedelta64_dtype(column):
        return column / pd.Timedelta(days=1)
    texts = column.map(str, na_action="ignore").astype(object)
    texts = texts.where(texts.notna(), None)
    written = texts.dropna()
    if len(written) and written.str.fullmatch(COMMA).all():
        texts = texts.str.replace(",", ".")
        written = texts.dropna()
    numbers = pd.to_numeric(written, errors="coerce")
    if len(written) and numbers.notna().all():
        return read(pd.to_numeric(texts, errors="coerce").astype("float64"))
    return _dates(texts, written)


def _dates(texts: pd.Series, written: pd.Series) -> pd.Series:
    """Text that is dates throughout, as days; any other as it is."""
    if not len(written) or not written.str.match(r"\d{4}-\d{2}-\d{2}").all():
        return texts
    moments = pd.to_datetime(texts, format="ISO8601", errors="coerce", utc=True)
    return texts if moments[written.index].isna().any() else days(moments)


def _names_rows(values: pd.Series, distinct: int) -> bool:
    return values.dtype != float and distinct > max(FEW, NAMES * values.notna().sum())


def _counts_rows(values: pd.Series) -> bool:
    """The number of the row, as files that were saved with an index have it."""
    if values.dtype != float or len(values) <= FEW or values.iloc[0] not in (0, 1):
        return False
    return bool((values.diff().iloc[1:] == 1).all())


def _list(names: Sequence[str]) -> str:
    rest = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + rest
