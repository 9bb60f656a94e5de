"""Any table as a data set: features, label, and perhaps date and group, in CSV or Parquet."""

import csv
import gzip
import re
from dataclasses import replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from training.benchmark import columns
from training.benchmark.data_set import DataSet
from training.benchmark.folds import check, grouped, out_of_time, seen_before
from training.benchmark.footprints import footprint_auc

FOLDS = 10
TELLTALE = 0.995  # AUC of one column alone from which it may know the outcome
ASSEMBLED = 0.8  # AUC of a file's footprints alone from which it is flattering
COPIES = 0.5  # share of different rows, below which copies are no sign of one and the same firm
SAMPLE = 1 << 16
_MIDNIGHT = re.compile(r" 00:00:00(\+00:00)?$")
SHOWN = 10  # columns, in an error


def table_set(
    path: Path,
    *,
    label: str,
    group: str | None = None,
    date: str | None = None,
    positive: str | None = None,
    drop: tuple[str, ...] = (),
    folds: int = FOLDS,
    test_from: str | None = None,
) -> DataSet:
    """The data set in `path`, split out of time where `date` names a column, else in `folds` that
    keep each `group` together.

    Every other column is a feature, except those of `drop`. Rows without a label are left out.
    ValueError names the column, the value and what to do.
    """
    frame = read_frame(path)
    for column in (label, group, date, *drop):
        if column is not None and column not in frame:
            near = get_close_matches(column, list(frame), 1) or list(frame)[:SHOWN]
            raise ValueError(
                f"{path} has no column {column!r}; of its {len(frame.columns)}, the nearest or "
                f"first: {', '.join(near)}"
            )
    if len({label, group, date} - {None}) < sum(c is not None for c in (label, group, date)):
        raise ValueError("label, group and date must be different columns")
    default = columns.outcome(frame[label], positive)
    known = default.notna()
    frame, default = frame[known].reset_index(drop=True), default[known].to_numpy(bool)
    left = [name for name in (label, group, date, *drop) if name is not None]
    features, remarks = columns.usable(frame.drop(columns=left))
    if features.empty:
        raise ValueError(f"{path} has no feature beside {', '.join(left)} that varies")
    if not known.all():
        remarks += (f"{int((~known).sum()):,} rows without a label are left out",)
    data = DataSet(path.name, features, default, _groups(frame, features, group), remarks=remarks)
    data = _split(data, frame, date, folds, test_from)
    check(data)
    return data.remarked(*_warnings(data, group))


def read_frame(path: Path) -> pd.DataFrame:
    """A CSV (any of , ; tab |, plain or gzip) or Parquet file; ValueError names what is wrong."""
    if not path.is_file():
        raise ValueError(f"{path} is no file")
    try:
        frame = pd.read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
    except (ValueError, UnicodeError, OSError) as error:  # pandas and Arrow raise their own kinds
        raise ValueError(f"{path} cannot be read as CSV or Parquet: {error}") from error
    named = [name for name in frame.index.names if name is not None]
    frame = frame.reset_index(named)  # as pandas keeps an index in Parquet
    frame.columns = frame.columns.map(str)
    if not frame.columns.is_unique:
        twice = frame.columns[frame.columns.duplicated()][0]
        raise ValueError(f"{path} has two columns {twice!r}; rename one")
    if not len(frame):
        raise ValueError(f"{path} has no rows")
    return frame.reset_index(drop=True)


def _read_csv(path: Path) -> pd.DataFrame:
    """In UTF-8 or, where it is not, as old Windows programs write. Names as they stand in the file:
    pandas would make a second `y` a feature of its own, `y.1`."""
    read = partial(pd.read_csv, path, sep=_delimiter(path), low_memory=False, skipinitialspace=True)
    encoding = "utf-8"
    try:
        frame = read()
    except UnicodeDecodeError:
        encoding = "cp1252"
        frame = read(encoding=encoding)
    header = read(encoding=encoding, header=None, nrows=1, dtype=str, keep_default_na=False)
    names = header.iloc[0][header.iloc[0] != ""]
    if names.duplicated().any():
        raise ValueError(f"two columns {names[names.duplicated()].iloc[0]!r}; rename one")
    return frame


def _delimiter(path: Path) -> str:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8-sig", errors="replace") as file:
        header = file.readline(SAMPLE)
    counts = {mark: len(next(csv.reader([header], delimiter=mark), [])) for mark in ",;\t|"}
    return max(counts, key=counts.__getitem__)


def _groups(frame: pd.DataFrame, features: pd.DataFrame, group: str | None) -> NDArray[np.int64]:
    """The group's number, each empty one its own; without groups, rows that are copies of one
    another belong together, unless most are, as where all columns are categories."""
    if group is None:
        keys = pd.util.hash_pandas_object(features, index=False)
        if keys.nunique() < COPIES * len(keys):
            return np.arange(len(keys))
    else:
        alone = "row " + frame.index.astype(str).to_series(index=frame.index)
        keys = frame[group].astype(str).where(frame[group].notna(), alone)
    return pd.factorize(keys)[0].astype(np.int64)


def _split(
    data: DataSet, frame: pd.DataFrame, date: str | None, folds: int, test_from: str | None
) -> DataSet:
    if date is None:
        if test_from is not None:
            raise ValueError("--test-from needs --date")
        how = f"{folds} folds, groups kept together"
        return replace(data, folds=grouped(data.default, data.group, folds), split=how)
    time = columns.days(frame[date]).to_numpy(float)
    if empty := int(np.isnan(time).sum()):
        raise ValueError(
            f"date column {date!r} is empty in {empty:,} of {len(time):,} rows; fill them in, or "
            "leave these rows out"
        )
    fold = out_of_time(time, _moment(test_from, frame[date]))
    ends = fold.test[[time[fold.test].argmin(), time[fold.test].argmax()]]
    first, last = (_MIDNIGHT.sub("", str(moment)) for moment in frame[date].iloc[ends])
    return replace(
        data, time=time, folds=[fold], split=f"out of time, tested on {date} {first} to {last}"
    )


def _moment(text: str | None, dates: pd.Series) -> float | None:
    """`text` in the unit of the column: a year where it holds years, else a date."""
    if text is None:
        return None
    value = pd.Series([text], name="--test-from")
    if pd.api.types.is_numeric_dtype(dates):
        value = pd.to_numeric(value, errors="coerce")
        if value.isna().any():
            raise ValueError(f"--test-from {text!r} is no number, as the date column has")
    return float(columns.days(value).iloc[0])


def _warnings(data: DataSet, group: str | None) -> list[str]:
    """What would make a benchmark flatter than the model is."""
    found = []
    copies = int(data.features.duplicated().sum())
    if copies:
        found.append(f"{copies:,} rows are copies of another in every feature")
    telltale = [name for name in data.features if _knows(data.features[name], data.default)]
    if telltale:
        found.append(
            f"{', '.join(telltale)}: ranks the outcome almost perfectly alone; if it is known only "
            "after the outcome, leave it out with --drop"
        )
    assembled = footprint_auc(data)
    if assembled is not None and assembled > ASSEMBLED:
        found.append(
            f"which cells are empty, zero or follow from another of their row, no amount among "
            f"them, ranks the outcome with AUC {assembled:.3f}: the file's making tells it; expect "
            "less on rows made in one way"
        )
    share, _ = seen_before(data)
    if group is not None and share:
        constant = pd.Series(data.default).groupby(data.group).nunique().max() == 1
        found.append(
            f"{share:.0%} of the test rows are of a {group} that also trains"
            + (", with the same label: models may know it again" if constant else "")
        )
    return found


def _knows(column: pd.Series, default: NDArray[np.bool]) -> bool:
    if column.dtype != float:
        return False
    known = column.notna().to_numpy()
    if len(np.unique(default[known])) < 2:
        return False
    auc = roc_auc_score(default[known], column[known])
    return max(auc, 1 - auc) > TELLTALE
