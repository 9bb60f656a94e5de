"""Every amount that could bind a credit limit, one row each; see CANDIDATES for their names.

Compiled, row by row: a buyer gives the same bits alone and among a million.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit, vectorize
from numpy.typing import NDArray

from features.context import sections
from models.limits.limit_inputs import Columns, Flags, Floats, LimitInputs
from models.limits.limit_reasons import CANDIDATES
from models.limits.loss import large_firm_correlation, unexpected_rate
from models.policy import Policy
from models.policy_numbers import Lists, Numbers
from models.policy_sections import Overlay
from models.rating import UNRATED

RETURN_HURDLE: Final = CANDIDATES.index("return_hurdle")
OVERLAY: Final = CANDIDATES.index("overlay")
HARD_STOP: Final = CANDIDATES.index("hard_stop")
FIRST_RISK, END_RISK = 1, 9  # what we would risk on the buyer: a bank guarantee adds to these
UNRATED_COUNTRY: Final = 8


class Standing(NamedTuple):
    """What the codes of each buyer (entity, sector, country) mean to the policy, (n,) or (1,)."""

    refused: Flags
    referred: Flags
    sector_cap: Floats
    overlay_factor: Floats

    def rows(self, rows: slice) -> "Standing":
        """Those of some buyers."""
        cut = {name: of for name, of in self._asdict().items() if len(of) != 1}
        return self._replace(**{name: of[rows] for name, of in cut.items()}) if cut else self


class Buyer(NamedTuple):
    """One row of LimitInputs and Standing."""

    default_probability: float
    as_of: int
    net_worth: float
    turnover: float
    accounts_age_months: float
    purchases: float
    terms_days: float
    delay_days: float
    pre_delivery: float
    requested_amount: float
    guarantee_amount: float
    retention_of_title: float
    surety: float
    senior: float
    insolvency_open: float
    in_default: float
    group_headroom: float
    held_limit: float
    country_grade: float
    refused: bool
    referred: bool
    sector_cap: float
    overlay_factor: float


class Case(NamedTuple):
    """What one buyer is to the policy: its grade and what that allows, what stands in the way."""

    grade: int
    net_worth_share: float
    turnover_share: float
    grade_cap: float
    country_cap: float
    loss_given_default: float
    failed: bool
    unscored: bool
    cut_off: bool
    thin: bool
    stale: bool
    for_a_person: bool  # whatever the amount


def standing_of(policy: Policy, inputs: LimitInputs) -> Standing:
    """Look the codes of all buyers up."""
    section = sections(inputs.sector)
    sector_cap, factor = np.full(1, np.nan), np.ones(1)
    for letter, cap in policy.caps.sector.items():
        sector_cap = np.where(section == letter, cap, sector_cap)
    for overlay in policy.overlays:  # the strictest in force
        hit = overlay.applies(section, inputs.country, inputs.as_of)
        factor = np.where(hit, np.minimum(factor, overlay.factor), factor)
    return Standing(
        is_entity(inputs, policy.refused_entities),
        is_entity(inputs, policy.referred_entities),
        sector_cap,
        factor,
    )


@njit(cache=True, nogil=True, forceinline=True)
def buyer_at(columns: Columns, standing: Standing, row: int) -> Buyer:
    """One buyer; a column of one row is that of all."""
    return Buyer(
        _at(columns.default_probability, row),
        _at(columns.as_of, row),
        _at(columns.net_worth, row),
        _at(columns.turnover, row),
        _at(columns.accounts_age_months, row),
        _at(columns.purchases, row),
        _at(columns.terms_days, row),
        _at(columns.delay_days, row),
        _at(columns.pre_delivery, row),
        _at(columns.requested_amount, row),
        _at(columns.guarantee_amount, row),
        _at(columns.retention_of_title, row),
        _at(columns.surety, row),
        _at(columns.senior, row),
        _at(columns.insolvency_open, row),
        _at(columns.in_default, row),
        _at(columns.group_headroom, row),
        _at(columns.held_limit, row),
        _at(columns.country_grade, row),
        _at(standing.refused, row),
        _at(standing.referred, row),
        _at(standing.sector_cap, row),
        _at(standing.overlay_factor, row),
    )


@njit(cache=True, nogil=True, forceinline=True)
def _at(column: NDArray, row: int) -> Any:
    return column[row if len(column) > 1 else 0]


@njit(cache=True, nogil=True, forceinline=True)
def case_of(lists: Lists, policy: Numbers, buyer: Buyer, probability: float) -> Case:
    """Classify one buyer, were its default probability `probability`."""
    failed = buyer.insolvency_open > 0 or buyer.in_default > 0
    thin = np.isnan(buyer.net_worth) and np.isnan(buyer.turnover)
    recent = buyer.accounts_age_months <= policy.stale_after_months
    stale = not (thin or recent)  # of unknown age counts as stale
    unscored = np.isnan(probability)
    grade = int(np.searchsorted(lists.inner_bounds, probability, side="right"))
    grade = policy.default_grade if failed else UNRATED if unscored else grade
    refers_thin, refers_stale = policy.refer_thin_file, policy.refer_stale_accounts
    return Case(
        grade=grade,
        net_worth_share=lists.net_worth_share[grade],
        turnover_share=lists.turnover_share[grade],
        grade_cap=lists.grade_cap[grade],
        country_cap=lists.country_cap[_rank(buyer.country_grade)],
        loss_given_default=_loss_given_default(policy, buyer),
        failed=failed,
        unscored=unscored,
        cut_off=bool(grade >= policy.cut_off_grade and not failed),
        thin=thin,
        stale=stale,
        for_a_person=unscored
        or buyer.referred
        or (thin and refers_thin)
        or (stale and refers_stale),
    )


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def fill_candidates(
    policy: Numbers,
    buyer: Buyer,
    case: Case,
    probability: float,
    needed: float,
    hurdle: float,
    out: Floats,
) -> None:
    """Write the amounts of one buyer that needs `needed` and whose `return_hurdle` is `hurdle`, in
    the policy's currency, NaN where one does not apply."""
    out[0] = needed
    _fill_buyer_risk(policy, buyer, case, probability, hurdle, out)
    out[9] = policy.single_name_cap
    out[10] = _not_below_zero(buyer.group_headroom)
    out[11] = case.country_cap
    out[12] = buyer.sector_cap
    out[13] = _not_below_zero(buyer.held_limit)
    out[HARD_STOP] = 0.0 if case.failed or case.unscored or buyer.refused else np.nan


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def need(policy: Numbers, buyer: Buyer) -> float:
    """Exposure asked for: the request, else what yearly purchases imply at their peak.

    purchases × (terms + expected delay) / 365 × peak factor + work before delivery; NaN where
    neither a request nor purchases are known.
    """
    if not np.isnan(buyer.requested_amount):
        return buyer.requested_amount
    if not buyer.purchases > 0:
        return np.nan
    terms, delay = exposure_days(policy, buyer)
    trade = buyer.purchases * (terms + delay) * (policy.peak_factor / 365 / policy.vat)
    return trade + buyer.pre_delivery


@njit(cache=True, nogil=True, forceinline=True)
def exposure_days(policy: Numbers, buyer: Buyer) -> tuple[float, float]:
    """Terms and expected delay, the policy's where unknown: how long an invoice stays unpaid."""
    terms = policy.terms_days if np.isnan(buyer.terms_days) else buyer.terms_days
    delay = policy.delay_days if np.isnan(buyer.delay_days) else buyer.delay_days
    return max(terms, 0.0), min(max(delay, 0.0), policy.most_delay_days)


def overlays_in_force(policy: Policy, inputs: LimitInputs) -> list[Overlay]:
    """The committee's overlays on one buyer, with owner, reason and end."""
    where = (sections(inputs.sector), inputs.country, inputs.as_of)
    return [overlay for overlay in policy.overlays if overlay.applies(*where)[0]]


def is_entity(inputs: LimitInputs, kinds: tuple[str, ...]) -> Flags:
    """Whether each buyer is one of these kinds of entity; (n,) or (1,)."""
    found = np.zeros(1, np.bool_)
    for kind in kinds:
        found = found | (inputs.entity_type == kind)
    return found


def within_scale(policy: Policy, default_probability: Floats) -> Floats:
    """Not below the scale's lowest bound, nor certain: what divides or asks for a quantile."""
    return _within(default_probability, policy.numbers.lowest_probability)


@vectorize("f8(f8, f8)", cache=True)
def _within(probability: float, lowest: float) -> float:
    if np.isnan(probability):
        return probability
    return min(max(probability, lowest), 0.9999)


@njit(cache=True, nogil=True, forceinline=True)
def _rank(country_grade: float) -> int:
    """Where a country grade, 1 to 8, stands in the list of caps; the last is for the unrated."""
    if np.isnan(country_grade):
        return UNRATED_COUNTRY
    return max(int(np.ceil(min(country_grade, 8.0))) - 1, 0)


@njit(cache=True, nogil=True, forceinline=True)
def _loss_given_default(policy: Numbers, buyer: Buyer) -> float:
    """Share of the exposure lost in default, after the securities in place."""
    lgd = policy.loss_given_default
    lgd *= policy.with_retention_of_title if buyer.retention_of_title > 0 else 1.0
    lgd *= policy.with_surety if buyer.surety > 0 else 1.0
    return lgd * (policy.with_seniority if buyer.senior > 0 else 1.0)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _fill_buyer_risk(
    policy: Numbers, buyer: Buyer, case: Case, probability: float, hurdle: float, out: Floats
) -> None:
    """Write the candidates that weigh this buyer's own risk."""
    lgd, factor = case.loss_given_default, buyer.overlay_factor
    probability = _within(probability, policy.lowest_probability)
    out[1] = _not_below_zero(case.net_worth_share * buyer.net_worth)
    out[2] = _not_below_zero(case.turnover_share * buyer.turnover)
    out[3] = policy.expected_loss_budget / (probability * lgd)
    out[RETURN_HURDLE] = hurdle
    out[5] = case.grade_cap
    out[6] = policy.thin_file_cap if case.thin else np.nan
    out[7] = policy.stale_accounts_cap if case.stale else np.nan
    out[OVERLAY] = factor * least(out, FIRST_RISK, OVERLAY) if factor < 1 else np.nan
    for column in range(FIRST_RISK, END_RISK):
        out[column] += buyer.guarantee_amount


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def return_hurdle(policy: Numbers, probability: float, lgd: float) -> float:
    """The exposure at which the return on capital falls to the hurdle.

    margin - expected loss - cost = hurdle × (K + exposure / concentration), solved for exposure:
    each euro more on one name asks more capital, after the granularity adjustment of Gordy and
    Lütkebohmert (2013). K leaves out the size term, which would grant less to a larger buyer.
    """
    probability = _within(probability, policy.lowest_probability)
    capital = lgd * unexpected_rate(probability, large_firm_correlation(probability))
    surplus = policy.margin - policy.cost - probability * lgd - policy.hurdle * capital
    return _not_below_zero(surplus) * (policy.concentration / policy.hurdle)


@njit(cache=True, nogil=True, forceinline=True)
def least(amounts: Floats, first: int, end: int) -> float:
    """The least of amounts[first:end] that is not NaN."""
    found = np.nan
    for column in range(first, end):
        if not amounts[column] >= found and not np.isnan(amounts[column]):  # the first, or less
            found = amounts[column]
    return found


@njit(cache=True, nogil=True, forceinline=True)
def _not_below_zero(amount: float) -> float:
    return amount if amount > 0 or np.isnan(amount) else 0.0
