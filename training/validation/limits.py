"""15 Limit engine: its promises swept over the test slice, and what its limits would have cost."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.assessment import Assessment
from models.limits.limit import Limits, limits
from models.limits.limit_inputs import LimitInputs
from models.limits.limit_reasons import CANDIDATES
from training.backtest import Backtest, backtest_of
from training.rules import FLAT, OURS, SAME_SALES
from training.validation.case import Case
from training.validation.check import Check, Part, Section, holds, not_judged

ROWS = 6000
FACTORS = (0.25, 0.5, 0.8, 1.25, 2.0, 4.0)
LOSSES = (0.2, 0.4, 0.6, 0.8, 1.0)
DRAWS = 200
PROMISES: dict[str, tuple[str, int]] = {
    "default probability": ("default_probability", -1),
    "net worth": ("net_worth", 1),
    "turnover": ("turnover", 1),
    "need": ("purchases", 1),
}


def section(case: Case) -> Section:
    """Monotone in what it reads, under every cap, the same twice; the backtest's both sides."""
    inputs = _inputs(case.test.assessment)
    checks = [_monotone(case, inputs, name, *promise) for name, promise in PROMISES.items()]
    checks += [_loss(case, inputs), _caps(case, inputs), _again(case, inputs)]
    judged, parts = _backtest(case)
    parts += ["How far granted limits are used, and which constraint binds, in the test slice:"]
    return Section("Limit engine", (*checks, judged), (*parts, _binding(case), _utilisation(case)))


def _inputs(assessment: Assessment) -> LimitInputs:
    step = max(1, len(assessment.keys) // ROWS)
    columns = {
        name: column if len(column) == 1 else column[::step]
        for name, column in vars(assessment.inputs).items()
    }
    return LimitInputs(**columns)


def _monotone(case: Case, inputs: LimitInputs, name: str, field: str, sign: int) -> Check:
    """The limit as one column is multiplied, each factor against the one before."""
    value = getattr(inputs, field)
    top = 1.0 if field == "default_probability" else np.inf
    answers = [
        limits(case.model.policy, replace(inputs, **{field: np.minimum(value * factor, top)}))
        for factor in FACTORS
    ]
    broken = _against(answers, sign)
    word = "never rises with" if sign < 0 else "never falls with"
    return holds(
        f"{word} {name}",
        broken == 0,
        f"{broken} violations in {len(inputs):,} buyers × {len(FACTORS)} factors",
        "0",
    )


def _against(answers: list[Limits], sign: int) -> int:
    """Steps of the limit, and of the amount before rounding, against `sign`."""
    broken = 0
    for before, after in pairwise(answers):
        broken += int((sign * (after.limit - before.limit) < 0).sum())
        broken += int((sign * (after.exact - before.exact) < -1e-6 * np.abs(before.exact)).sum())
    return broken


def _loss(case: Case, inputs: LimitInputs) -> Check:
    policy, given = case.model.policy, case.model.policy.loss_given_default.model_dump()
    answers = [
        limits(policy.revise({"loss_given_default": given | {"default": share}}), inputs)
        for share in LOSSES
    ]
    broken = _against(answers, -1)
    return holds(
        "never rises with loss given default",
        broken == 0,
        f"{broken} violations in {len(inputs):,} buyers × {len(answers)} levels",
        "0",
    )


def _caps(case: Case, inputs: LimitInputs) -> Check:
    found = limits(case.model.policy, inputs)
    over = (found.limit[:, None] > found.candidates + 1e-9).any(axis=1) | (found.limit < 0)
    return holds(
        "within every candidate amount",
        not over.any(),
        f"{int(over.sum())} of {len(found):,} above one of {len(CANDIDATES)}, or below 0",
        "0",
    )


def _again(case: Case, inputs: LimitInputs) -> Check:
    once, twice = (limits(case.model.policy, inputs) for _ in range(2))
    same = all(
        np.array_equal(getattr(once, name), getattr(twice, name), equal_nan=True)
        for name in vars(once)
    )
    return holds("the same twice", same, "bit for bit" if same else "answers differ", "equal")


def _backtest(case: Case) -> tuple[Check, list[Part]]:
    name = "losses avoided"
    try:
        result = backtest_of(case.facts, case.config, case.model, draws=DRAWS)
    except ValueError as error:
        return not_judged(name, str(error)), []
    ours, flat = result.measured[OURS], result.measured[f"{FLAT}, {SAME_SALES}"]
    check = holds(
        name,
        flat.ours_avoids_more.low > 0,
        f"{_percent(ours.avoided)} of losses for {_percent(ours.refused)} of sales; "
        f"{_percent(flat.ours_avoids_more, '+')} of losses beyond flat limits that refuse as much",
        "more than flat limits, interval above 0",
        "WARN",
    )
    return check, _told(result)


def _told(result: Backtest) -> list[Part]:
    text = (
        "Had these limits been set over the test slice: losses avoided against sales refused, for "
        "the model with its policy and for simpler rules at every level. Higher and further left "
        f"is better. {result.notes[0]}."
    )
    return [text, *(part for part in result.parts() if not isinstance(part, str))]


def _percent(interval: tuple[float, float, float], sign: str = "") -> str:
    value, low, high = (f"{100 * part:{sign}.1f}" for part in interval)
    return f"{value} % [{low}, {high}]"


def _binding(case: Case) -> pd.DataFrame:
    found = case.test.assessment.limits
    counts = np.bincount(found.binding, minlength=len(CANDIDATES))
    table = pd.DataFrame(
        {"buyers": counts, "share": [f"{c / len(found):.1%}" for c in counts]},
        index=pd.Index(CANDIDATES, name="binding constraint"),
    )
    return table[table["buyers"] > 0].sort_values("buyers", ascending=False)


def _utilisation(case: Case) -> pd.DataFrame:
    limit, owed = case.test.assessment.limits.limit, np.fmax(case.test.feature("open_amount"), 0.0)
    share: Callable[[NDArray], str] = lambda rows: f"{np.nanmean(rows):.1%}"  # noqa: E731
    granted = limit > 0
    used = owed[granted] / limit[granted]
    return pd.DataFrame(
        {
            "share": {
                "buyers with a limit": share(granted),
                "of which owe more than it": share(used > 1),
                "mean utilisation, capped at 100 %": share(np.minimum(used, 1.0)),
            }
        }
    ).rename_axis("utilisation")
