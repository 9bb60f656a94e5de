"""3 No look-ahead: the future is deleted, moved and added to; the features must not notice."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from features.build import feature_matrix
from features.facts import Facts, Keys
from features.tables import TABLES, Table, Tables
from training.statistics.discrimination import auc
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Section, at_most, holds

BUYERS = 400  # looked at
MOVED_DAYS = 17
LATER_COLUMNS = ("paid_on", "disputed_on")  # of invoices: filled in after the row became known


def section(case: Case) -> Section:
    """Leak tests on real rows of the test slice, and the suspicion of single features."""
    deleted, moved, rows = _futures(case)
    gain, before, after = _next_day(case)
    feature, alone = _strongest(case)
    in_default = int((case.test.feature("in_default") > 0).sum())
    checks = (
        holds("future deleted", deleted == 0, f"{deleted} of {rows:,} feature values change", "0"),
        holds("future moved", moved == 0, f"{moved} of {rows:,} feature values change", "0"),
        at_most(
            "one day of future",
            gain,
            *thresholds.NEXT_DAY,
            value=f"AUC {after:.4f} with features of the next day, {before:.4f} as served",
        ),
        at_most(
            "no feature gives it away",
            alone,
            thresholds.SINGLE_FEATURE,
            thresholds.SINGLE_FEATURE,
            value=f"AUC {alone:.3f} of {feature!r} alone, the strongest",
        ),
        holds(
            "buyers in default are out",
            in_default == 0,
            f"{in_default} rows of buyers known to be in default",
            "0",
            "WARN",
        ),
    )
    text = (
        f"For {BUYERS} buyers of the last test day, every row that became known after it, and "
        "every payment or dispute after it, is deleted, then moved by "
        f"{MOVED_DAYS} days; all features are built again and compared bit by bit. Then the whole "
        "test slice is scored with the features of the day after: a large gain would mean that the "
        "outcome is already written in the facts of the next day."
    )
    return Section("No look-ahead", checks, (text,))


def _futures(case: Case) -> tuple[int, int, int]:
    """Feature values that change when the future is deleted, when it is moved; of how many."""
    keys = case.test.keys
    day = int(keys.as_of.max())
    last = np.flatnonzero(keys.as_of == day)
    step = max(1, len(last) // BUYERS)
    codes = np.sort(keys.buyer[last[::step]])  # as Facts sorts them
    ids = case.facts.buyer_ids[codes]
    tables = {name: of_buyers(name, frame, ids) for name, frame in case.tables.items()}
    end = date(1970, 1, 1) + timedelta(days=day)
    matrices = [
        _features(changed, ids, day, case.config.currency)
        for changed in (tables, known_by(tables, end), _moved(tables, end))
    ]
    whole, *others = (matrix.view(np.int64) for matrix in matrices)
    deleted, moved = (int((whole != other).sum()) for other in others)
    return deleted, moved, whole.size


def _features(tables: Tables, ids: np.ndarray, day: int, currency: str) -> np.ndarray:
    facts = Facts.of(tables, currency)
    codes = np.arange(len(ids))
    return feature_matrix(facts, Keys(codes, np.full(len(codes), day, np.int32)))


def of_buyers(name: str, frame: pa.Table, ids: np.ndarray) -> pa.Table:
    """The rows of some buyers; tables that all buyers share stay whole."""
    if not TABLES[name].of_buyer:
        return frame
    return frame.filter(pc.is_in(frame["buyer_id"], value_set=pa.array(ids.tolist())))


def known_by(tables: Tables, end: date) -> Tables:
    """The tables as they stood on `end`: no later row, and nothing paid or disputed later."""
    return {name: _known_by(TABLES[name], frame, end) for name, frame in tables.items()}


def _known_by(table: Table, frame: pa.Table, end: date) -> pa.Table:
    frame = frame.filter(pc.invert(_later(table, frame, end)))
    for column in set(LATER_COLUMNS) & set(frame.column_names) - {table.known_on}:
        late = pc.fill_null(pc.greater(frame[column], pa.scalar(end)), False)
        value = pc.if_else(late, pa.scalar(None, pa.date32()), frame[column])
        frame = frame.set_column(frame.column_names.index(column), column, value)
    return frame


def _later(table: Table, frame: pa.Table, end: date) -> pa.ChunkedArray | pa.Array:
    """Whether a row became known after `end`, by the rule of its table."""
    if table.event_on is None or table.known_on is None:
        return pa.array(np.zeros(frame.num_rows, bool))
    event = frame[table.event_on].cast(pa.int32())
    known = pc.coalesce(frame[table.known_on].cast(pa.int32()), pc.add(event, table.lag_days))
    last = (end - date(1970, 1, 1)).days
    return pc.or_(pc.greater(known, last), pc.greater(event, last))


def _moved(tables: Tables, end: date) -> Tables:
    """Later rows, payments and disputes come MOVED_DAYS later still."""
    moved = {}
    for name, frame in tables.items():
        table = TABLES[name]
        rows = _later(table, frame, end)
        columns = dict(zip(frame.column_names, frame.columns, strict=True))
        dates = [column.name for column in table.columns if column.kind == "date"]
        for column in dates if table.event_on else ():
            days = frame[column].cast(pa.int32())
            if column in LATER_COLUMNS:
                late = pc.fill_null(pc.greater(days, (end - date(1970, 1, 1)).days), False)
            else:
                late = rows
            value = pc.if_else(late, pc.add(days, pa.scalar(MOVED_DAYS, pa.int32())), days).cast(
                pa.date32()
            )
            columns[column] = value
        moved[name] = pa.table(columns)
    return moved


def _next_day(case: Case) -> tuple[float, float, float]:
    """AUC gained by the features of the next day, and the AUC without and with."""
    test = case.test
    later = Keys(test.keys.buyer, (test.keys.as_of + 1).astype(np.int32))
    matrix = feature_matrix(case.facts, later)[:, case.model.columns]
    scored = case.model.default_model.log_odds(np.ascontiguousarray(matrix))
    before, after = auc(test.default, test.probability), auc(test.default, scored)
    return after - before, before, after


def _strongest(case: Case) -> tuple[str, float]:
    """The feature that ranks best alone, missing values in the middle, and its AUC."""
    rows = np.flatnonzero(case.sample.slices.train & (case.sample.place < 0.25))
    default = case.sample.default[rows]
    areas = pd.Series(
        [_alone(default, column) for column in case.sample.matrix[rows].T], case.sample.names
    )
    return str(areas.idxmax()), float(areas.max())


def _alone(default: np.ndarray, column: np.ndarray) -> float:
    middle = np.nanmedian(column) if not np.isnan(column).all() else 0.0
    area = auc(default, np.where(np.isnan(column), middle, column))
    return max(area, 1 - area)
