"""Public events of the generated economy: incidents and ESG ratings, known with a lag."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from training.economy.chain import INSOLVENT, PROTRACTED, SOLVENT, Lives
from training.economy.firms import Firms
from training.economy.world import COUNTRIES, EUROS, Calendar

DECLARED = (0.8, 0.95)  # shares of arrears that a supplier declares by their first, second month
JUDGMENTS = 0.0008  # monthly, at mean liquidity
CLAIMED, CLAIM_MONTHS = 0.6, 2
DISPUTED = 0.1  # of judgments
RATED_STAFF, RATED, RATING_MONTH = 50, 0.4, 5


def incidents(firms: Firms, calendar: Calendar, lives: Lives, rng: np.random.Generator) -> pa.Table:
    """Table `incidents`: what is known of them at the end of the window.

    The day of a default is that of its `insolvency_opened` or `protracted_default`; claims follow
    it. `cure` ends protracted default, or arrears that had been declared.
    """
    firm, month, kind = _events(firms, calendar, lives, rng)
    first, day = calendar.starts[month], lives.day[firm, month]
    day = np.where(kind == "overdue_declared", first + (day - first) // 2, day)
    slow = np.where(np.isin(kind, ["judgment", "insolvency_opened"]), 25, 8)
    known = day + rng.integers(1, slow + 1).astype(np.int32)
    euros = np.array([EUROS.get(c.currency, 1.0) for c in COUNTRIES])[firms.country]
    amount = 2500 * np.sqrt(firms.employees / 14)[firm] / euros[firm]
    amount = (amount * rng.lognormal(0, 0.8, len(firm))).round(2)
    disputed = (kind == "judgment") & (rng.random(len(firm)) < DISPUTED)
    order = np.lexsort((kind, day, firm))
    order = order[known[order] <= calendar.end]
    return pa.table(
        {
            "buyer_id": firms.ids.take(pa.array(firm[order])),
            "event_date": pa.array(day[order], pa.date32()),
            "known_on": pa.array(known[order], pa.date32()),
            "kind": kind[order],
            "amount": amount[order],
            "currency": firms.currency.take(pa.array(firm[order])),
            "disputed": disputed[order],
        }
    )


def _events(
    firms: Firms, calendar: Calendar, lives: Lives, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.str_]]:
    """Firm, month and kind of every event in the window."""
    now = lives.status
    before = np.pad(now[:, :-1], ((0, 0), (1, 0)))
    month = np.arange(calendar.months)
    luck = rng.random(now.shape)
    begun = np.take_along_axis(luck, np.maximum(month - before, 0), axis=1)  # as arrears began
    stress = np.minimum(JUDGMENTS * np.exp(-0.9 * lives.liquidity), 0.2)
    at_risk = (now < PROTRACTED) & (month >= firms.birth[:, None])
    defaulted = np.pad(lives.defaults[:, :-CLAIM_MONTHS], ((0, 0), (CLAIM_MONTHS, 0)))
    happens = {
        "overdue_declared": ((now == 1) & (luck < DECLARED[0]))
        | ((before == 1) & (now == 2) & (begun >= DECLARED[0]) & (begun < DECLARED[1])),
        "protracted_default": (now == PROTRACTED) & (before != PROTRACTED),
        "insolvency_opened": (now == INSOLVENT) & (before != INSOLVENT),
        "claim": defaulted & (now >= PROTRACTED) & (rng.random(now.shape) < CLAIMED),
        "judgment": at_risk & (rng.random(now.shape) < stress),
        "cure": (now == SOLVENT)
        & ((before == PROTRACTED) | ((before > SOLVENT) & (begun < DECLARED[0]))),
    }
    window = (month >= calendar.opening) & (month <= calendar.closing)
    found = [np.nonzero(when & window) for when in happens.values()]
    kinds = np.repeat(list(happens), [len(firm) for firm, _ in found])
    firm, month = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return firm, month, kinds


def esg(firms: Firms, calendar: Calendar, rng: np.random.Generator) -> pa.Table:
    """Table `esg`: yearly ratings of some larger firms, weakly related to their solidity."""
    rated = np.flatnonzero((firms.employees >= RATED_STAFF) & (rng.random(len(firms)) < RATED))
    month = np.flatnonzero(calendar.number[: calendar.closing + 1] == RATING_MONTH)
    firm = np.repeat(rated, len(month))
    shape = (3, len(rated), 1)
    lasting = rng.normal(55, 12, shape) + [[[0]], [[1]], [[3]]] * firms.solidity[rated][:, None]
    pillars = np.clip(lasting + rng.normal(0, 4, (3, len(rated), len(month))), 0, 100).round(1)
    environment, social, governance = pillars.reshape(3, -1)
    day = calendar.day(np.tile(month, len(rated)), rng.random(len(firm)))
    alive = day >= firms.founded[firm]
    return pa.table(
        {
            "buyer_id": firms.ids.take(pa.array(firm[alive])),
            "rated_on": pa.array(day[alive], pa.date32()),
            "environment": environment[alive],
            "social": social[alive],
            "governance": governance[alive],
            "controversy": rng.binomial(5, 0.08, len(firm))[alive].astype(float),
        }
    )
