"""One million limits with all candidates, and one at a time, against pandas on the same rules."""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from models.limits.limit import limits
from models.limits.limit_inputs import LimitInputs
from models.limits.limit_reasons import CANDIDATES
from models.policy import Policy
from tests.bench.table import Result, publish, seconds

POLICY = Policy.load()
AS_OF = 20_500
ALONE = 1_000  # rows asked one at a time, too


def portfolio(n: int, seed: int = 7) -> pd.DataFrame:
    """Facts of `n` buyers, with the gaps real files have."""
    rng = np.random.default_rng(seed)

    def some(values: np.ndarray, missing: float) -> np.ndarray:
        return np.where(rng.random(n) < missing, np.nan, values)

    no_accounts = rng.random(n) < 0.2
    accounts = {
        "net_worth": np.where(no_accounts, np.nan, rng.lognormal(13, 1.5, n) - 50_000),
        "turnover": np.where(no_accounts, np.nan, rng.lognormal(15, 1.5, n)),
        "accounts_age_months": np.where(no_accounts, np.nan, rng.uniform(3, 36, n)),
    }
    return pd.DataFrame(
        {
            "default_probability": rng.beta(0.8, 30, n),
            **accounts,
            "purchases": some(rng.lognormal(12, 1.5, n), 0.1),
            "terms_days": some(rng.uniform(0, 90, n), 0.1),
            "delay_days": some(rng.exponential(12, n), 0.1),
            "requested_amount": some(rng.lognormal(11, 1.5, n), 0.6),
            "guarantee_amount": np.where(rng.random(n) < 0.02, 50_000.0, 0.0),
            "retention_of_title": (rng.random(n) < 0.3).astype(float),
            "insolvency_open": (rng.random(n) < 0.005).astype(float),
            "in_default": (rng.random(n) < 0.01).astype(float),
            "group_headroom": some(rng.lognormal(13, 1, n), 0.9),
            "held_limit": some(rng.lognormal(10, 1, n).round(2), 0.9),
            "country_grade": some(rng.integers(1, 9, n).astype(float), 0.05),
            "country": rng.choice(["FR", "DE", "IT", "ES", "US"], n),
            "sector": rng.choice(["C10", "F41", "G46", "I55", "J62"], n),
            "entity_type": rng.choice(
                ["company", "public_body", "sole_trader"], n, p=[0.9, 0.05, 0.05]
            ),
        }
    )


def inputs_of(frame: pd.DataFrame) -> LimitInputs:
    """The engine's columns."""
    columns = {
        name: frame[name].to_numpy(str if frame[name].dtype == "str" else float) for name in frame
    }
    return LimitInputs(as_of=np.array([AS_OF]), **columns)


def pandas_limits(frame: pd.DataFrame) -> pd.DataFrame:
    """The candidates, the least of them on the grid, and its name: pandas, column by column."""
    p, scale, tables = POLICY, POLICY.master_scale, POLICY.lists
    failed = (frame.insolvency_open > 0) | (frame.in_default > 0)
    edges = [-1.0, *scale.bounds[1:-1], 2.0]
    grade = pd.cut(frame.default_probability, edges, right=False, labels=False)
    grade = grade.mask(failed, scale.default_grade)
    lgd = pd.Series(p.loss_given_default.default, frame.index)
    lgd = lgd.mask(frame.retention_of_title > 0, lgd * p.loss_given_default.retention_of_title)
    probability = frame.default_probability.clip(scale.bounds[0], 0.9999)
    thin = frame.net_worth.isna() & frame.turnover.isna()
    recent = frame.accounts_age_months <= p.stale_accounts.after_months
    section = frame.sector.str[0]

    out = pd.DataFrame(index=frame.index)
    out["need"] = on_grid(need(frame), up=True)
    out["net_worth_share"] = (
        grade.map(dict(enumerate(tables.net_worth_share))) * frame.net_worth
    ).clip(0)
    out["turnover_share"] = (
        grade.map(dict(enumerate(tables.turnover_share))) * frame.turnover
    ).clip(0)
    out["expected_loss_budget"] = p.expected_loss_budget / (probability * lgd)
    out["return_hurdle"] = hurdle(probability, lgd)
    out["grade_cap"] = grade.map(dict(enumerate(tables.grade_cap)))
    out["thin_file_cap"] = np.where(thin, p.thin_file.cap, np.nan)
    out["stale_accounts_cap"] = np.where(~thin & ~recent, p.stale_accounts.cap, np.nan)
    (overlay,) = p.overlays  # in force on AS_OF, on one sector
    out["overlay"] = (out.iloc[:, 1:].min(axis=1) * overlay.factor).where(section == overlay.sector)
    out.iloc[:, 1:] = out.iloc[:, 1:].add(frame.guarantee_amount, axis=0)
    out["single_name_cap"] = p.caps.single_name
    out["group_cap"] = frame.group_headroom.clip(0)
    out["country_cap"] = frame.country_grade.map(dict(enumerate(p.caps.country, 1))).fillna(
        p.caps.country_unrated
    )
    out["sector_cap"] = section.map(p.caps.sector)
    out["unconfirmed_raise"] = frame.held_limit
    stopped = failed | frame.entity_type.isin(p.refused_entities)
    out["hard_stop"] = np.where(stopped, 0.0, np.nan)
    least = out.min(axis=1)
    limit = on_grid(least, up=False).mask(least == frame.held_limit, least)
    return out.assign(binding=out.idxmin(axis=1).mask(stopped, "hard_stop"), limit=limit)


def need(frame: pd.DataFrame) -> pd.Series:
    """The request, else the exposure that purchases imply."""
    rule = POLICY.need
    delay = frame.delay_days.fillna(rule.delay_days).clip(0, rule.most_delay_days)
    days = frame.terms_days.fillna(rule.terms_days) + delay
    trade = frame.purchases.where(frame.purchases > 0) * days * (rule.peak_factor / 365)
    return frame.requested_amount.fillna(trade)


def hurdle(probability: pd.Series, lgd: pd.Series) -> pd.Series:
    """The exposure at which the return falls to the hurdle."""
    rule = POLICY.return_on_capital
    weight = (1 - np.exp(-50 * probability)) / (1 - np.exp(-50))
    correlation = 0.12 * weight + 0.24 * (1 - weight)
    worst = ndtri(probability) + np.sqrt(correlation) * ndtri(0.999)
    capital = lgd * (ndtr(worst / np.sqrt(1 - correlation)) - probability)
    surplus = rule.margin - rule.cost - probability * lgd - rule.hurdle * capital
    return surplus.clip(0) * rule.concentration / rule.hurdle


def on_grid(amount: pd.Series, up: bool) -> pd.Series:
    """Rounded on the policy's grid."""
    amount = amount.round(2)
    edges = [-1.0, *(step.below for step in POLICY.rounding)]
    step = pd.cut(amount, edges, right=False, labels=False).map(
        dict(enumerate(s.step for s in POLICY.rounding))
    )
    return (np.ceil(amount / step) if up else np.floor(amount / step)) * step


def check_equal(frame: pd.DataFrame) -> None:
    """Both give the same limits and name the same constraint; so do rows asked one at a time."""
    ours, peer = limits(POLICY, inputs_of(frame)), pandas_limits(frame)
    np.testing.assert_allclose(ours.candidates, peer[list(CANDIDATES)], rtol=1e-12)
    np.testing.assert_array_equal(ours.limit, peer["limit"])
    np.testing.assert_array_equal(np.array(CANDIDATES)[ours.binding], peer["binding"])
    for row in range(0, len(frame), max(len(frame) // ALONE, 1)):
        alone = limits(POLICY, inputs_of(frame.iloc[[row]]))
        for name, column in vars(alone).items():
            assert column.tobytes() == getattr(ours, name)[[row]].tobytes(), name


def main() -> None:
    """Run and publish."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    rows = parser.parse_args().rows
    frame = portfolio(rows)
    check_equal(frame)
    inputs = inputs_of(frame)
    ours = seconds(lambda: limits(POLICY, inputs), repeat=3)
    peer = seconds(lambda: pandas_limits(frame), repeat=3)
    one_frame, calls = frame.iloc[[0]], 200
    one = inputs_of(one_frame)
    ours_one = seconds(lambda: [limits(POLICY, one) for _ in range(calls)]) / calls
    peer_one = seconds(lambda: pandas_limits(one_frame), repeat=20)
    publish(
        Path(__file__).stem,
        [
            Result(f"{rows:,} limits, all candidates", "s", ours, peer, "pandas", peer / ours),
            Result(
                "one limit", "µs", ours_one * 1e6, peer_one * 1e6, "pandas", peer_one / ours_one
            ),
        ],
    )


if __name__ == "__main__":
    main()
