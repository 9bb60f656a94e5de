"""What buyers of the generated economy owe on a day: aged balances and exposures, by supplier."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from training.economy.chain import PROTRACTED, Lives
from training.economy.firms import Firms
from training.economy.ledger import SUPPLIERS, Ledger, Terms, supplier_ids
from training.economy.world import Calendar

AGEING_SNAPSHOTS, AGED_BUYERS = 8, 0.2
BUCKETS = ("not_due", "days_1_30", "days_31_60", "days_61_90", "days_91_180", "over_180")
BUCKET_ENDS = np.array([0, 30, 60, 90, 180])  # last day late of each bucket but the last
LIMIT_STEP = 1000.0


def ageing(
    firms: Firms, ledger: Ledger, terms: Terms, calendar: Calendar, rng: np.random.Generator
) -> pa.Table:
    """Table `ageing`: balances of some buyers at the last quarter-ends."""
    ledger = ledger.take((rng.random(len(firms)) < AGED_BUYERS)[ledger.firm])
    pairs, days, cells = [], [], []
    for day in calendar.last_day(calendar.snapshots[-AGEING_SNAPSHOTS:]):
        rows = ledger.take((ledger.issued <= day) & (ledger.paid > day))
        bucket = np.searchsorted(BUCKET_ENDS, np.maximum(day - rows.due, 0))
        bucket = np.where(rows.amount < 0, len(BUCKETS), bucket)
        pair, place = _pairs(rows)
        width = len(BUCKETS) + 1
        total = np.bincount(place * width + bucket, _unpaid(rows, day), len(pair) * width)
        pairs.append(pair)
        days.append(np.full(len(pair), day))
        cells.append(total.reshape(-1, width).round(2))
    pair, balance_date, cell = (np.concatenate(parts) for parts in (pairs, days, cells))
    order = np.lexsort((balance_date, pair))
    return pa.table(
        {
            **_identity(firms, terms, pair[order]),
            "balance_date": pa.array(balance_date[order], pa.date32()),
            **dict(zip((*BUCKETS, "unallocated_credits"), cell[order].T, strict=True)),
        }
    )


def exposures(
    firms: Firms,
    ledger: Ledger,
    terms: Terms,
    calendar: Calendar,
    lives: Lives,
    rng: np.random.Generator,
) -> pa.Table:
    """Table `exposures`: each pair that traded has a limit, renewed at each year of the window.

    The limit is a multiple of what the purchases of the year before need, if not in default.
    """
    pairs, months, limits, owed = [], [], [], []
    for month in range(calendar.opening + 12, calendar.closing, 12):
        day = calendar.starts[month]
        traded = (ledger.issued <= day) & (ledger.issued >= calendar.starts[month - 12])
        rows = ledger.take(traded & (lives.status[ledger.firm, month] < PROTRACTED))
        pair, place = _pairs(rows)
        bought = np.maximum(np.bincount(place, rows.amount, len(pair)), 0)  # net of credit notes
        need = bought * (terms.days[pair // SUPPLIERS] + 15) / 365
        limits.append(LIMIT_STEP * np.ceil(need * rng.uniform(1.2, 3, len(pair)) / LIMIT_STEP))
        owed.append(_owed(ledger, pair, day))
        pairs.append(pair)
        months.append(np.full(len(pair), month))
    pair, renewed, limit, outstanding = (
        np.concatenate(parts) for parts in (pairs, months, limits, owed)
    )
    order = np.lexsort((renewed, pair))
    pair, renewed = pair[order], renewed[order]
    return pa.table(
        {
            **_identity(firms, terms, pair),
            "limit": limit[order],
            "outstanding": outstanding[order],
            "valid_from": pa.array(calendar.starts[renewed], pa.date32()),
            "valid_until": pa.array(calendar.last_day(renewed + 11), pa.date32()),
        }
    )


def _pairs(rows: Ledger) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The (firm, supplier) pairs found, as one sorted number each; the pair of each row."""
    return np.unique(rows.firm * SUPPLIERS + rows.supplier, return_inverse=True)


def _owed(ledger: Ledger, pair: NDArray[np.int64], day: int) -> NDArray[np.float64]:
    """What each of the sorted pairs owes at the end of `day`."""
    rows = ledger.take((ledger.issued <= day) & (ledger.paid > day))
    owner = rows.firm * SUPPLIERS + rows.supplier
    place, asked = np.searchsorted(pair, owner), np.isin(owner, pair)
    total = np.zeros(len(pair))
    np.add.at(total, place[asked], _unpaid(rows, day)[asked])
    return total.round(2)


def _unpaid(rows: Ledger, day: int) -> NDArray[np.float64]:
    return rows.amount - np.where(rows.part_on <= day, rows.part, 0.0)


def _identity(firms: Firms, terms: Terms, pair: NDArray[np.int64]) -> dict[str, pa.Array]:
    firm = pair // SUPPLIERS
    return {
        "buyer_id": firms.ids.take(pa.array(firm)),
        "supplier_id": pa.array(supplier_ids(pair % SUPPLIERS)),
        "currency": pa.array(terms.currency[firm]),
    }
