"""14 Sensitivity: what missing, stale and extreme input do to ranks and level."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from numpy.typing import NDArray
from scipy.special import expit

from features.build import feature_matrix
from features.facts import Facts, Keys, Rows
from training.statistics.discrimination import auc
from training.validation import thresholds
from training.validation.case import Case
from training.validation.check import Section, at_least, at_most, holds

Floats = NDArray[np.float64]

SOURCES = {
    "no ledger": ("invoices", "payments", "ageing"),
    "no accounts": ("statements",),
    "no incidents": ("incidents",),
    "no ESG": ("esg",),
    "no country or sector risk": ("country_risk", "sector_risk"),
    "nothing but the register": (
        "invoices", "payments", "ageing", "statements", "incidents", "esg", "exposures",
        "country_risk", "sector_risk",
    ),
}  # fmt: skip
STALE_DAYS = (90, 365)
ROWS = 12_000
EXTREMES = (-1e12, -1.0, 0.0, 1.0, 1e12, np.nan)


def section(case: Case) -> Section:
    """Tables taken away, facts grown old, values absurd: AUC and mean probability each time."""
    table = _table(case)
    wild, low, high = _extremes(case)
    served = table.loc["as served"]
    bare, stale = table.loc["nothing but the register"], table.loc[f"all {STALE_DAYS[0]} days old"]
    checks = (
        holds(
            "extreme input",
            wild == 0,
            f"{wild} answers not finite; all in {low:.2e} to {high:.3f}",
            "0",
        ),
        at_least(
            "without any source",
            float(bare["mean probability"] / served["mean probability"]),
            0.5,
            value=f"mean probability {bare['mean probability']:.2%} against "
            f"{served['mean probability']:.2%} as served (silence should be no good news)",
        ),
        at_most(
            f"facts {STALE_DAYS[0]} days old",
            float(served["AUC"] - stale["AUC"]),
            *thresholds.GAP,
            value=f"AUC {stale['AUC']:.3f} against {served['AUC']:.3f}",
        ),
        at_least(
            "without the ledger",
            float(table.loc["no ledger", "AUC"]),
            thresholds.AUC_LOW[1],
            0.5,
            value=f"AUC {table.loc['no ledger', 'AUC']:.3f}: a prospect without payment history",
        ),
    )  # fmt: skip
    figure = go.Figure(go.Bar(x=table["AUC"], y=table.index, orientation="h"))
    figure.update_layout(
        title="AUC when facts are missing or old",
        height=400,
        xaxis={"title": "AUC", "range": [0.5, 1]},
        yaxis={"autorange": "reversed", "automargin": True},
    )
    return Section(
        "Missing, stale and extreme input",
        checks,
        (
            f"The tables themselves are emptied, or known only as of earlier, features are built "
            f"again and scored ({int(served['rows']):,} rows, {int(served['defaults'])} defaults). "
            "The shorter a bar, the more the model lives on that source.",
            figure,
            table,
        ),
    )


def _table(case: Case) -> pd.DataFrame:
    test = case.test
    some = np.flatnonzero(test.once)
    some = some[:: max(1, len(some) // ROWS)]
    keys = Keys(test.keys.buyer[some], test.keys.as_of[some])
    default = test.default[some]
    buyers = len(case.facts.buyer_ids)
    probabilities = {"as served": test.probability[some]}
    for name, missing in SOURCES.items():
        none = {table: Rows.none(table, buyers) for table in missing}
        facts = Facts(case.facts.buyers, {**case.facts.tables, **none}, case.facts.currency)
        probabilities[name] = _scored(case, facts, keys)
    for days in STALE_DAYS:
        then = Keys(keys.buyer, (keys.as_of - days).astype(np.int32))
        probabilities[f"all {days} days old"] = _scored(case, case.facts, then)
    rows = {
        name: {
            "rows": len(p),
            "defaults": int(default.sum()),
            "AUC": auc(default, p),
            "mean probability": float(p.mean()),
        }
        for name, p in probabilities.items()
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("input")


def _scored(case: Case, facts: Facts, keys: Keys) -> Floats:
    matrix = feature_matrix(facts, keys)[:, case.model.columns]
    return case.model.default_model.default_probability(np.ascontiguousarray(matrix))


def _extremes(case: Case) -> tuple[int, float, float]:
    """Every feature, then all together, set to absurd values on a few rows."""
    rows = case.inputs(case.test.rows[:: max(1, len(case.test) // 20)][:20])
    grids = []
    for value in EXTREMES:
        for i in range(rows.shape[1]):
            grid = rows.copy()
            grid[:, i] = value
            grids.append(grid)
        grids.append(np.full_like(rows, value))
    p = expit(case.model.default_model.log_odds(np.concatenate(grids)))
    bad = ~(np.isfinite(p) & (p > 0) & (p < 1))
    return int(bad.sum()), float(np.nanmin(p)), float(np.nanmax(p))
