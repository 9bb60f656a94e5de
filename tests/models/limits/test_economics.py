from typing import Any

import numpy as np
import pytest

from models.limits.economics import economics
from models.limits.limit import Limits, limits
from models.limits.limit_inputs import LimitInputs
from models.limits.limit_reasons import CANDIDATES
from models.policy import Policy

POLICY = Policy.load()


def buyer(**facts: float) -> LimitInputs:
    known = {"requested_amount": 100_000.0, "country_grade": 1.0, "purchases": 600_000.0, **facts}
    columns = {name: np.array([value]) for name, value in known.items()}
    accounts: dict[str, Any] = {"net_worth": np.array([1e9]), "turnover": np.array([1e9])}
    return LimitInputs(
        as_of=np.array([20_000]), accounts_age_months=np.ones(1), **accounts, **columns
    )


def figures(policy: Policy = POLICY, **facts: float) -> tuple[Limits, dict[str, float]]:
    inputs = buyer(**facts)
    found = limits(policy, inputs)
    return found, {
        k: float(v[0])
        for k, v in economics(policy, inputs, found.loss_given_default, found.limit).items()
    }


def test_a_limit_of_100_000_at_2_percent() -> None:
    found, money = figures(default_probability=0.02)
    assert found.limit[0] == 100_000
    assert money["expected_loss"] == pytest.approx(1_200)
    assert money["insurer_expected_loss"] == pytest.approx(1_080)
    assert money["technical_premium_rate"] == pytest.approx(1_080 * 1.6 / 600_000)
    assert money["sales_to_recover"] == pytest.approx(600_000)


def test_insurable_turnover_leaves_vat_out_where_it_is_not_covered() -> None:
    without = POLICY.revise({"cover.vat_included": False})
    rates = [
        figures(p, default_probability=0.02)[1]["technical_premium_rate"] for p in (POLICY, without)
    ]
    assert rates[1] == pytest.approx(rates[0] * 1.2)


def test_where_the_return_binds_it_is_the_hurdle() -> None:
    rich = POLICY.revise(
        {"expected_loss_budget": 1e9, "by_grade.cap": [1e9] * 11, "caps.single_name": 1e9}
        | {"caps.group": 1e9, "caps.country": [1e9] * 8, "rounding": [{"step": 1e-2}]}
    )
    found, money = figures(rich, default_probability=0.02, requested_amount=1e8)
    assert CANDIDATES[found.binding[0]] == "return_hurdle"
    assert money["return_on_capital"] == pytest.approx(rich.return_on_capital.hurdle)


def test_nothing_granted_loses_and_earns_nothing() -> None:
    _, money = figures(default_probability=0.5, purchases=np.nan)
    assert money["expected_loss"] == money["sales_to_recover"] == 0
    assert np.isnan(money["return_on_capital"])
    assert np.isnan(money["technical_premium_rate"])
