"""Work over the whole loaded portfolio, some thousand buyers at a time: scenarios, drafts of a
policy, calibration on what has happened since."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from features.facts import Keys
from models.assessment import ANEW, assess
from models.credit_model import CreditModel
from models.policy import Policy
from models.scenarios.scenario import Scenario
from serving.portfolio import Portfolio, legal_entities
from serving.workbench.jobs import Job, Progress

A_STEP = 10_000  # buyers
BUYERS = "buyers.parquet"
GROUPS = ("grade_before", "sector", "country")


def run_scenario(
    model: CreditModel, portfolio: Portfolio, scenario: Scenario, job: Job, progress: Progress
) -> dict[str, Any]:
    """Every legal entity before and after, into BUYERS; the totals and the groups.

    A mix of exposure by country concerns the whole at once; all else is done step by step. Raises
    ValueError where the mix cannot be reached.
    """
    import pandas as pd  # noqa: PLC0415  a second, which no request may wait for

    from models.scenarios.stress import ScenarioResult, run  # noqa: PLC0415

    facts = portfolio.facts
    keys = legal_entities(model.policy, facts, portfolio.last_known_day)
    steps = [keys] if scenario.export.country_mix else list(_steps(keys))
    parts = []
    for number, some in enumerate(steps):
        progress("shock", number, len(steps))
        parts.append(run(model, facts, some, scenario).buyers)
    result = ScenarioResult(
        scenario, model.policy.currency, model.policy.master_scale.names, pd.concat(parts)
    )
    pq.write_table(pa.Table.from_pandas(result.buyers.reset_index()), job.folder / BUYERS)
    buyers = result.buyers
    amounts = [
        f"{what}_{when}"
        for what in ("limit", "exposure", "expected_loss")
        for when in ("before", "after")
    ]
    return {
        "buyers": len(buyers),
        "moved": int((buyers["grade_before"] != buyers["grade_after"]).sum()),
        "as_of_date": str(portfolio.last_known_day),
        "totals": buyers[amounts].sum().to_dict(),
        "groups": {
            by: result.summary(by).rename_axis("key").reset_index().to_dict("records")
            for by in GROUPS
        },
        "migration": result.migration().to_numpy().tolist(),
        "model_version": model.version,
        "policy_version": model.policy.version,
        "data_version": portfolio.version,
    }


def compare_policies(
    model: CreditModel, portfolio: Portfolio, draft: Policy, job: Job, progress: Progress
) -> dict[str, Any]:
    """Every legal entity's limit, set anew under the policy in force and under a draft, into
    BUYERS. Raises ValueError where the currencies differ."""
    import pandas as pd  # noqa: PLC0415

    from models.policy_review import diff  # noqa: PLC0415
    from serving.reports.policies import totals  # noqa: PLC0415

    facts = portfolio.facts
    steps = list(_steps(legal_entities(model.policy, facts, portfolio.last_known_day)))
    parts = []
    for number, some in enumerate(steps):
        progress("compare", number, len(steps))
        inputs = assess(model, facts, some, ANEW).inputs
        parts.append(diff(model.policy, draft, inputs, facts.buyer_ids[some.buyer]))
    moves = pd.concat(parts)
    kept = moves.reset_index().assign(moved_by=moves["change"].abs().to_numpy())
    pq.write_table(pa.Table.from_pandas(kept), job.folder / BUYERS)
    summary = totals(moves).rename_axis("what").reset_index()
    return {
        "buyers": len(moves),
        "moved": int((moves["change"] != 0).sum()),
        "regraded": int((moves["grade_before"] != moves["grade_after"]).sum()),
        "totals": summary.to_dict("records"),
        "as_of_date": str(portfolio.last_known_day),
        "before": model.policy.version,
        "after": draft.version,
    }


def calibration(model: CreditModel, portfolio: Portfolio, progress: Progress) -> dict[str, Any]:
    """Predicted against observed, by grade, on the last day whose outcomes are all known: who was
    in default on it is left out, as in training. Intervals are Jeffreys' at 95 %."""
    from models.label import label  # noqa: PLC0415
    from models.statistics.jeffreys import jeffreys_interval  # noqa: PLC0415
    from serving.surveillance.realised import label_rule  # noqa: PLC0415

    rule = label_rule(model)
    day, facts = portfolio.last_known_day - rule.window, portfolio.facts
    names = model.policy.master_scale.names
    labelled = label(facts, legal_entities(model.policy, facts, day), rule)
    grades, probabilities = [], []
    steps = list(_steps(labelled.keys))
    for number, some in enumerate(steps):
        progress("score", number, len(steps))
        assessed = assess(model, facts, some)
        grades.append(assessed.limits.grade)
        probabilities.append(assessed.default_probability)
    grade, probability = np.concatenate(grades), np.concatenate(probabilities)
    rows = []
    for code in [*range(len(names)), None]:
        inside = np.ones(len(grade), bool) if code is None else grade == code
        if n := int(inside.sum()):
            defaults = int(labelled.default[inside].sum())
            interval = jeffreys_interval(n, defaults)
            rows.append(
                {
                    "grade": None if code is None else names[code],
                    "rows": n,
                    "defaults": defaults,
                    "predicted": float(probability[inside].mean()),
                    "observed": defaults / n,
                    "low": float(interval.low),
                    "high": float(interval.high),
                }
            )
    return {"as_of_date": str(day), "observed_until": str(day + rule.window), "rows": rows}


def _steps(keys: Keys) -> Iterator[Keys]:
    for first in range(0, len(keys), A_STEP):
        some = slice(first, first + A_STEP)
        yield Keys(keys.buyer[some], keys.as_of[some])
