"""16 Stress: the shipped scenarios on the last test day, and that no shock is no change."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from features.facts import Keys
from models.scenarios.scenario import SHIPPED, Scenario
from models.scenarios.stress import run
from training.validation.case import Case
from training.validation.check import Check, Section, holds, not_judged

SHOCKS = (0.0, -1.0, -2.0, -3.0)


def section(case: Case) -> Section:
    """Expected loss before and after each scenario; order of ever worse shocks."""
    keys = _last_day(case)
    shocks = [run(case.model, case.facts, keys, Scenario(name="shock", shock=z)) for z in SHOCKS]
    shipped = _shipped(case, keys)
    losses = [result.expected_loss[1] for result in shocks]
    before, after = shocks[0].expected_loss
    unmoved = bool(
        (shocks[0].buyers["default_probability_before"]
         == shocks[0].buyers["default_probability_after"]).all()
    )  # fmt: skip
    ranks = shocks[2].buyers.sort_values("default_probability_before")["default_probability_after"]
    checks: list[Check] = [
        holds(
            "no shock, no change",
            unmoved and before == after,
            f"expected loss {before:,.0f} before, {after:,.0f} after",
            "equal to the bit",
        ),
        holds(
            "worse shocks cost more",
            bool((np.diff(losses) > 0).all()),
            " → ".join(f"{loss:,.0f}" for loss in losses),
            f"rising over {len(SHOCKS)} shocks",
        ),
        holds(
            "probabilities move one way",
            bool((shocks[2].buyers["default_probability_after"]
                  >= shocks[2].buyers["default_probability_before"]).all()),
            f"{len(ranks):,} buyers at two standard deviations",
            "none falls",
        ),
    ]  # fmt: skip
    if len(shipped) < len(list(SHIPPED.glob("*.toml"))):
        checks.append(not_judged("every shipped scenario", "one does not fit this portfolio"))
    currency = case.model.policy.currency
    figure = go.Figure(
        [
            go.Bar(name=when, x=list(shipped.index), y=shipped[f"expected loss {when}"])
            for when in ("before", "after")
        ]
    ).update_layout(title="Expected loss by scenario", yaxis_title=currency)
    return Section(
        "Stress",
        tuple(checks),
        (
            "Expected loss on what was granted, before and after each shipped scenario "
            f"(`encours stress`), {len(keys):,} buyers on "
            f"{np.datetime64(int(keys.as_of[0]), 'D')}.",
            figure,
            shipped,
        ),
    )


def _last_day(case: Case) -> Keys:
    keys = case.test.keys
    last = keys.as_of == keys.as_of.max()
    return Keys(keys.buyer[last], keys.as_of[last])


def _shipped(case: Case, keys: Keys) -> pd.DataFrame:
    rows = {}
    for path in sorted(SHIPPED.glob("*.toml")):
        try:
            result = run(case.model, case.facts, keys, Scenario.load(path))
        except ValueError:  # a country mix that this portfolio does not reach
            continue
        before, after = result.expected_loss
        moved = result.buyers["grade_before"] != result.buyers["grade_after"]
        rows[path.stem] = {
            "expected loss before": before,
            "expected loss after": after,
            "change": f"{after / before - 1:+.0%}" if before else "",
            "buyers who change grade": f"{moved.mean():.0%}",
        }
    columns = ["expected loss before", "expected loss after", "change", "buyers who change grade"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("scenario")
