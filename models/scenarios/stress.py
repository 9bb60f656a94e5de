"""Stress: what a scenario does to default probabilities, grades, limits and expected loss.

    facts -> feature shocks -> default probabilities -> credit shock -> grades and limits

Expected loss is taken on what was granted before the shock (with the scenario's terms and country
mix): when the shock comes, the goods are delivered. Hence a worse shock never costs less.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.context import sections
from features.facts import Facts, Keys
from models.assessment import Assessment, assess
from models.credit_model import CreditModel
from models.limits.limit import Limits, limits
from models.limits.limit_inputs import Floats
from models.limits.loss import asset_correlation, expected_loss
from models.policy import Policy
from models.scenarios.scenario import WORST_SHOCK, Scenario
from models.scenarios.vasicek import shocked

WHEN: Final = ("before", "after")
SHOCK_STEP: Final = 1e-4  # of reverse stress, in standard deviations


@dataclass(frozen=True)
class ScenarioResult:
    """One row a buyer in `buyers`, indexed by buyer_id: country, sector (NACE section), and before
    and after the shock default_probability, grade, limit, exposure, expected_loss (`…_before`,
    `…_after`), in `currency`. `grades` are the names of the master scale, best first."""

    scenario: Scenario
    currency: str
    grades: tuple[str, ...]
    buyers: pd.DataFrame

    @property
    def expected_loss(self) -> tuple[float, float]:
        """Of the whole portfolio, before and after."""
        return float(self.buyers["expected_loss_before"].sum()), float(
            self.buyers["expected_loss_after"].sum()
        )

    def migration(self) -> pd.DataFrame:
        """Number of buyers by grade before (rows) and after (columns)."""
        table = pd.crosstab(self.buyers["grade_before"], self.buyers["grade_after"])
        return table.reindex(index=self.grades, columns=self.grades, fill_value=0)

    def summary(self, by: str = "grade_before") -> pd.DataFrame:
        """Buyers, mean default probability, and sums of limits, exposure and expected loss, by
        grade_before, sector or country."""
        groups = self.buyers.groupby(by, sort=by != "grade_before")
        means = groups[["default_probability_before", "default_probability_after"]].mean()
        sums = groups[
            [f"{what}_{when}" for what in ("limit", "exposure", "expected_loss") for when in WHEN]
        ].sum()
        table = pd.concat([groups.size().rename("buyers"), means, sums], axis=1)
        if by == "grade_before":
            return table.reindex([grade for grade in self.grades if grade in table.index])
        return table


def run(model: CreditModel, facts: Facts, keys: Keys, scenario: Scenario) -> ScenarioResult:
    """The buyers of `keys`, all on one day, before and after the scenario.

    Raises ValueError where keys are of several days, or the country mix cannot be reached.
    """
    policy, case = model.policy, _prepare(model, facts, keys, scenario)
    before, granted = case.before.inputs.default_probability, case.before.limits
    probability = case.default_probability(scenario.shock)
    inputs = replace(
        case.after.inputs,
        default_probability=probability,
        terms_days=_terms(policy, case.after, scenario),
    )
    after = limits(policy, inputs)
    names = np.array([*policy.master_scale.names, "unrated"])  # UNRATED is -1, the last
    lgd = granted.loss_given_default
    buyers = pd.DataFrame(
        {
            "country": case.country,
            "sector": case.section,
            "default_probability_before": before,
            "default_probability_after": probability,
            "grade_before": names[granted.grade],
            "grade_after": names[after.grade],
            "limit_before": granted.limit,
            "limit_after": after.limit,
            "exposure_before": granted.limit,
            "exposure_after": case.exposure,
            "expected_loss_before": expected_loss(before, lgd, granted.limit),
            "expected_loss_after": expected_loss(probability, lgd, case.exposure),
        },
        index=pd.Index(facts.buyer_ids[keys.buyer], name="buyer_id"),
    )
    return ScenarioResult(scenario, policy.currency, policy.master_scale.names, buyers)


def reverse_stress(
    model: CreditModel, facts: Facts, keys: Keys, scenario: Scenario, loss_budget: float
) -> float | None:
    """The mildest shock to the whole economy that, on top of the scenario's other shocks, brings
    the expected loss to `loss_budget`; by bisection to a ten-thousandth of a standard deviation.

    0 where no shock is needed, None where even WORST_SHOCK does not reach it.
    """
    case = _prepare(model, facts, keys, scenario)
    lgd = case.before.limits.loss_given_default

    def breaks(shock: float) -> bool:
        probability = case.default_probability(shock)
        return float(expected_loss(probability, lgd, case.exposure).sum()) >= loss_budget

    return _mildest(breaks)


@dataclass(frozen=True)
class _Case:
    """All that does not depend on the shock to the whole economy."""

    scenario: Scenario
    before: Assessment
    after: Assessment
    section: NDArray[np.str_]
    country: NDArray[np.str_]
    correlation: Floats
    exposure: Floats

    def default_probability(self, common: float) -> Floats:
        return shocked(
            self.after.default_probability,
            self.correlation,
            self.scenario.shocks(self.section, common),
        )


def _prepare(model: CreditModel, facts: Facts, keys: Keys, scenario: Scenario) -> _Case:
    days = np.unique(keys.as_of)
    if len(days) != 1:
        raise ValueError(f"keys are of {len(days)} days; run a scenario on one as_of_date")
    before = assess(model, facts, keys)
    changed = scenario.facts(facts, int(days[0]))
    after = before if changed is facts else assess(model, changed, keys)
    probability = after.default_probability
    correlation = (
        asset_correlation(probability)
        if scenario.correlation is None
        else np.full(len(keys), scenario.correlation)
    )
    country = before.inputs.country
    committed = _committed(model.policy, before, scenario).limit
    return _Case(
        scenario,
        before,
        after,
        sections(before.inputs.sector),
        country,
        correlation,
        committed * _weights(committed, country, scenario.export.country_mix),
    )


def _committed(policy: Policy, before: Assessment, scenario: Scenario) -> Limits:
    """What is granted on the scenario's terms, before anybody knows of the shock."""
    if not scenario.export.terms_days:
        return before.limits
    return limits(policy, replace(before.inputs, terms_days=_terms(policy, before, scenario)))


def _terms(policy: Policy, assessment: Assessment, scenario: Scenario) -> Floats:
    terms = assessment.inputs.terms_days
    if not (more := scenario.export.terms_days):
        return terms
    return np.where(np.isnan(terms), policy.need.terms_days, terms) + more


def _weights(exposure: Floats, country: NDArray[np.str_], mix: dict[str, float]) -> Floats:
    """What multiplies each exposure so that countries have their share, the total unchanged."""
    weights = np.ones(len(exposure))
    if not mix:
        return weights
    total, others = exposure.sum(), ~np.isin(country, list(mix))
    shares = [(others, 1 - sum(mix.values())), *((country == c, s) for c, s in mix.items())]
    for (members, share), name in zip(shares, ["other countries", *mix], strict=True):
        held = exposure[members].sum()
        if share and not held:
            raise ValueError(
                f"country_mix: nothing is granted in {name}, so it cannot have {share:.0%} of "
                "exposure; change the mix"
            )
        weights[members] = share * total / held if held else 0.0
    return weights


def _mildest(breaks: Callable[[float], bool]) -> float | None:
    if breaks(0.0):
        return 0.0
    if not breaks(WORST_SHOCK):
        return None
    low, high = WORST_SHOCK, 0.0  # low breaks, high does not
    while high - low > SHOCK_STEP:
        middle = (low + high) / 2
        low, high = (middle, high) if breaks(middle) else (low, middle)
    return low
