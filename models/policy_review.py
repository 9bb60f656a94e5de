"""Review of a policy before it serves: what looks wrong in it, and who would move under it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.limits.limit import DECISIONS, limits
from models.limits.limit_inputs import LimitInputs
from models.limits.limit_reasons import CANDIDATES
from models.limits.loss import capital_requirement, return_on_capital
from models.policy import Policy, PolicyError


@dataclass(frozen=True)
class Finding:
    """An error keeps the policy from being used; a warning is for the committee to judge."""

    level: Literal["error", "warning"]
    message: str


def check(path: Path, as_of: date | None = None) -> list[Finding]:
    """What is wrong or odd in a policy file; overlays are checked against `as_of` where given."""
    try:
        policy = Policy.load(path)
    except PolicyError as error:
        header, *lines = str(error).splitlines()
        return [Finding("error", line.strip()) for line in lines or [header]]
    warnings = [*_scale(policy), *_ceilings(policy), *_returns(policy), *_overlays(policy, as_of)]
    return [Finding("warning", message) for message in warnings]


def _scale(policy: Policy) -> list[str]:
    found = []
    if (performing := len(policy.master_scale.names) - 1) < 7:
        found.append(f"master_scale has {performing} performing grades; Basel practice asks for 7")
    if max(policy.by_grade.review_months) > policy.validity_months:
        found.append("by_grade.review_months: some reviews come after the limit has expired")
    return found


def _ceilings(policy: Policy) -> list[str]:
    """Amounts out of order: one of them never binds."""
    single, smallest = policy.caps.single_name, policy.rounding[0].step
    ordered = {
        "caps.group": (policy.caps.group >= single, f"below caps.single_name {single:,.0f}"),
        "by_grade.cap": (policy.by_grade.cap[0] <= single, "above caps.single_name: cannot bind"),
        "discretionary_limit": (
            policy.discretionary_limit <= single,
            "above caps.single_name: nothing is ever referred for its amount",
        ),
        "thin_file.cap": (
            policy.thin_file.cap <= policy.stale_accounts.cap,
            "above stale_accounts.cap: no accounts would be better than old ones",
        ),
        "thin_file.cap, smallest step": (
            policy.thin_file.cap == 0 or policy.thin_file.cap >= smallest,
            f"below the smallest rounding step {smallest:,.0f}: rounds to nothing",
        ),
    }
    return [f"{key}: {message}" for key, (holds, message) in ordered.items() if not holds]


def _returns(policy: Policy) -> list[str]:
    """Grades before the cut-off that earn less than the hurdle, hence never get a limit."""
    rule, lgd = policy.return_on_capital, policy.loss_given_default.default
    typical = policy.master_scale.default_probabilities[: policy.cut_off_grade]
    typical = typical[typical < 1]
    earned = return_on_capital(
        rule.margin, typical * lgd, rule.cost, capital_requirement(typical, lgd)
    )
    return [
        f"return_on_capital: grade {policy.master_scale.names[grade]} returns {earned[grade]:.1%} "
        f"at its typical default probability, below the hurdle {rule.hurdle:.0%}: no limit"
        for grade in np.flatnonzero(earned <= rule.hurdle)
    ]


def _overlays(policy: Policy, as_of: date | None) -> list[str]:
    found = []
    for i, overlay in enumerate(policy.overlays):
        if as_of is not None and overlay.expires < as_of:
            found.append(f"overlays.{i}: expired on {overlay.expires}; renew or remove it")
        if overlay.factor == 1:
            found.append(f"overlays.{i}: a factor of 1 changes nothing; remove it")
    return found


def diff(
    before: Policy,
    after: Policy,
    inputs: LimitInputs,
    buyer_ids: NDArray[np.str_] | None = None,
) -> pd.DataFrame:
    """Each buyer's grade, limit, decision and binding constraint under both policies, the largest
    moves first; `change` is in the policies' common currency.

    Raises ValueError where the currencies differ.
    """
    if before.currency != after.currency:
        raise ValueError(
            f"policies in {before.currency} and {after.currency} cannot be compared; "
            "state both in one currency"
        )
    columns: dict[str, NDArray] = {}
    for when, policy in (("before", before), ("after", after)):
        result = limits(policy, inputs)
        columns[f"grade_{when}"] = np.array(policy.master_scale.names)[result.grade]
        columns[f"limit_{when}"] = result.limit
        columns[f"decision_{when}"] = np.array(DECISIONS)[result.decision]
        columns[f"binding_{when}"] = np.array(CANDIDATES)[result.binding]
    frame = pd.DataFrame(columns, index=pd.Index(_ids(buyer_ids, len(inputs)), name="buyer_id"))
    frame["change"] = frame["limit_after"] - frame["limit_before"]
    largest = np.argsort(-frame["change"].abs().to_numpy(), kind="stable")
    return frame.iloc[largest]


def _ids(buyer_ids: NDArray[np.str_] | None, rows: int) -> NDArray:
    return np.arange(rows) if buyer_ids is None else buyer_ids
