"""Table `peers` of a portfolio: the quantiles of its buyers' ratios, day by day, as known then."""

from collections.abc import Iterable
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features.accounts import accounts
from features.accounts.peers import RANKED, SHARES
from features.facts import Facts, Keys
from features.tables import PEER_SHARES, TABLES, peer_column

FEWEST = 100  # firms with a value, below which their quantiles would be noise
OLDEST = 14.0  # months since closing: older accounts are of firms that stopped publishing


def peer_table(facts: Facts, as_of_dates: Iterable[date]) -> pa.Table:
    """Quantiles of every ranked ratio on each day, over the firms whose accounts were recent then.

    Logs of amounts are in the currency of `facts`; read the table with the same.
    """
    rows = [row for day in as_of_dates for row in _quantiles(facts, day)]
    return pa.Table.from_pylist(rows, TABLES["peers"].schema)


def _quantiles(facts: Facts, day: date) -> list[dict[str, object]]:
    matrix = accounts.build(facts, Keys.on(day, np.arange(len(facts.buyers))))
    recent = matrix[matrix[:, accounts.NAMES.index("accounts_age_months")] <= OLDEST]
    measures = {name: recent[:, accounts.NAMES.index(name)] for name in sorted(RANKED)}
    return [
        {"measure": name, "published_on": day, **_levels(known)}
        for name, values in measures.items()
        if len(known := values[~np.isnan(values)]) >= FEWEST
    ]


def _levels(known: NDArray[np.float64]) -> dict[str, float]:
    levels = np.quantile(known, SHARES).tolist()
    return {peer_column(share): level for share, level in zip(PEER_SHARES, levels, strict=True)}
