"""Every amount that could bind a credit limit, one row each; see CANDIDATES for their names.

Elementwise operations only: a row gives the same bits alone and among a million.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.limits.limit_inputs import Flags, Floats, Ints, LimitInputs
from models.limits.limit_reasons import CANDIDATES
from models.limits.loss import capital_requirement
from models.limits.rounding import round_up
from models.policy import Policy
from models.policy_sections import Overlay

HARD_STOP: Final = CANDIDATES.index("hard_stop")
BUYER_RISK: Final = slice(1, 9)  # what we would risk on the buyer: a bank guarantee adds to these
_COUNTRY_GRADES: Final = np.arange(1.0, 9.0)


@dataclass(frozen=True)
class Case:
    """What a buyer is to the policy: grade, securities, and what stands in the way."""

    grade: Ints
    loss_given_default: Floats
    failed: Flags
    refused_entity: Flags
    unscored: Flags
    thin: Flags
    stale: Flags
    overlay_factor: Floats


def case_of(policy: Policy, inputs: LimitInputs) -> Case:
    """Classify each buyer; columns of shape (n,) or (1,)."""
    failed = (inputs.insolvency_open > 0) | (inputs.in_default > 0)
    thin = np.isnan(inputs.net_worth) & np.isnan(inputs.turnover)
    recent = inputs.accounts_age_months <= policy.stale_accounts.after_months
    return Case(
        grade=policy.master_scale.grades(inputs.default_probability, failed),
        loss_given_default=loss_given_default(policy, inputs),
        failed=failed,
        refused_entity=is_entity(inputs, policy.refused_entities),
        unscored=np.isnan(inputs.default_probability),
        thin=thin,
        stale=~(thin | recent),  # of unknown age counts as stale
        overlay_factor=_overlay_factor(policy, inputs),
    )


def candidates(policy: Policy, inputs: LimitInputs, case: Case) -> Floats:
    """Amounts (len(CANDIDATES), n) in the policy's currency, NaN where one does not apply."""
    rows = np.empty((len(CANDIDATES), len(inputs)))
    rows[0] = round_up(policy, need(policy, inputs))
    _buyer_risk(policy, inputs, case, rows)
    _portfolio_caps(policy, inputs, rows)
    rows[13] = np.maximum(inputs.held_limit, 0.0)
    rows[HARD_STOP] = np.where(case.failed | case.refused_entity | case.unscored, 0.0, np.nan)
    return rows


def need(policy: Policy, inputs: LimitInputs) -> Floats:
    """Exposure asked for: the request, else what yearly purchases imply at their peak.

    purchases × (terms + expected delay) / 365 × peak factor + work before delivery; NaN where
    neither a request nor purchases are known.
    """
    terms, delay = exposure_days(policy, inputs)
    purchases = np.where(inputs.purchases > 0, inputs.purchases, np.nan)
    vat = 1.0 if policy.cover.vat_included else 1.0 + policy.cover.vat_rate
    trade = purchases * (terms + delay) * (policy.need.peak_factor / 365 / vat)
    trade = trade + inputs.pre_delivery
    return np.where(np.isnan(inputs.requested_amount), trade, inputs.requested_amount)


def exposure_days(policy: Policy, inputs: LimitInputs) -> tuple[Floats, Floats]:
    """Terms and expected delay, the policy's where unknown: how long an invoice stays unpaid."""
    rule = policy.need
    terms = np.where(np.isnan(inputs.terms_days), rule.terms_days, inputs.terms_days)
    delay = np.where(np.isnan(inputs.delay_days), rule.delay_days, inputs.delay_days)
    return np.maximum(terms, 0.0), np.minimum(np.maximum(delay, 0.0), rule.most_delay_days)


def loss_given_default(policy: Policy, inputs: LimitInputs) -> Floats:
    """Share of the exposure lost in default, after the securities in place."""
    rule = policy.loss_given_default
    lgd = np.where(
        inputs.retention_of_title > 0, rule.retention_of_title * rule.default, rule.default
    )
    lgd = np.where(inputs.surety > 0, rule.surety * lgd, lgd)
    return np.where(inputs.senior > 0, rule.senior * lgd, lgd)


def overlays_in_force(policy: Policy, inputs: LimitInputs) -> list[Overlay]:
    """The committee's overlays on one buyer, with owner, reason and end."""
    where = (section_of(inputs), inputs.country, inputs.as_of)
    return [overlay for overlay in policy.overlays if overlay.applies(*where)[0]]


def section_of(inputs: LimitInputs) -> NDArray[np.str_]:
    """NACE section letter of each buyer, empty where unknown."""
    return inputs.sector.astype("U1")


def _overlay_factor(policy: Policy, inputs: LimitInputs) -> Floats:
    """The strictest overlay in force; 1 where there is none."""
    section = section_of(inputs)
    factor = np.ones(1)
    for overlay in policy.overlays:
        hit = overlay.applies(section, inputs.country, inputs.as_of)
        factor = np.where(hit, np.minimum(factor, overlay.factor), factor)
    return factor


def _buyer_risk(policy: Policy, inputs: LimitInputs, case: Case, rows: Floats) -> None:
    """Fill the candidates that weigh this buyer's own risk."""
    tables, grade = policy.tables, case.grade
    probability = within_scale(policy, inputs.default_probability)
    loss_rate = probability * case.loss_given_default
    rows[1] = np.maximum(tables.net_worth_share[grade] * inputs.net_worth, 0.0)
    rows[2] = np.maximum(tables.turnover_share[grade] * inputs.turnover, 0.0)
    rows[3] = policy.expected_loss_budget / loss_rate
    rows[4] = _return_hurdle(policy, probability, case.loss_given_default, loss_rate)
    rows[5] = tables.grade_cap[grade]
    rows[6] = np.where(case.thin, policy.thin_file.cap, np.nan)
    rows[7] = np.where(case.stale, policy.stale_accounts.cap, np.nan)
    factor = np.where(case.overlay_factor < 1, case.overlay_factor, np.nan)
    rows[8] = factor * np.fmin.reduce(rows[1:8])
    rows[BUYER_RISK] += inputs.guarantee_amount


def within_scale(policy: Policy, default_probability: Floats) -> Floats:
    """Not below the scale's lowest bound, nor certain: what divides or asks for a quantile."""
    return np.minimum(np.maximum(default_probability, policy.master_scale.bounds[0]), 0.9999)


def _return_hurdle(policy: Policy, probability: Floats, lgd: Floats, loss_rate: Floats) -> Floats:
    """The exposure at which the return on capital falls to the hurdle.

    margin - expected loss - cost = hurdle × (K + exposure / concentration), solved for exposure:
    each euro more on one name asks more capital, after the granularity adjustment of Gordy and
    Lütkebohmert (2013). K leaves out the size term, which would grant less to a larger buyer.
    """
    rule = policy.return_on_capital
    capital = capital_requirement(probability, lgd)
    surplus = rule.margin - rule.cost - loss_rate - rule.hurdle * capital
    return np.maximum(surplus, 0.0) * (rule.concentration / rule.hurdle)


def _portfolio_caps(policy: Policy, inputs: LimitInputs, rows: Floats) -> None:
    """Fill the candidates that bound any buyer, whatever its risk."""
    caps = policy.caps
    rows[9] = caps.single_name
    rows[10] = np.maximum(inputs.group_headroom, 0.0)
    rank = _COUNTRY_GRADES.searchsorted(np.minimum(inputs.country_grade, 8.0))  # NaN: the last
    rows[11] = policy.tables.country_cap[rank]
    rows[12] = np.nan
    section = section_of(inputs)
    for letter, cap in caps.sector.items():
        rows[12] = np.where(section == letter, cap, rows[12])


def is_entity(inputs: LimitInputs, kinds: tuple[str, ...]) -> Flags:
    """Whether each buyer is one of these kinds of entity; (n,) or (1,)."""
    found = np.zeros(1, np.bool_)
    for kind in kinds:
        found = found | (inputs.entity_type == kind)
    return found
