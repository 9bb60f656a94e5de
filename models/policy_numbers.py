"""A policy as compiled code reads it: look-up lists, and flat records of numbers (a kernel hands
numbers on for nothing, arrays not)."""

from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from models.policy import Policy

Floats = NDArray[np.float64]


class Lists(NamedTuple):
    """For look-up by grade, country grade or amount. Caps are 0 from the cut-off grade on; the last
    country cap is that of the unrated."""

    net_worth_share: Floats
    turnover_share: Floats
    grade_cap: Floats
    review_months: NDArray[np.int64]
    country_cap: Floats
    below: Floats
    step: Floats
    inner_bounds: Floats

    @classmethod
    def of(cls, policy: "Policy") -> Self:
        """The lists of `policy`."""
        grades = policy.by_grade
        cap = np.array(grades.cap, float)
        cap[policy.cut_off_grade :] = 0.0
        return cls(
            net_worth_share=np.array(grades.net_worth_share, float),
            turnover_share=np.array(grades.turnover_share, float),
            grade_cap=cap,
            review_months=np.array(grades.review_months),
            country_cap=np.array([*policy.caps.country, policy.caps.country_unrated], float),
            below=np.array([step.below for step in policy.rounding[:-1]], float),
            step=np.array([step.step for step in policy.rounding], float),
            inner_bounds=np.array(policy.master_scale.bounds[1:-1], float),
        )


class Numbers(NamedTuple):
    """The numbers of the policy's tables."""

    lowest_probability: float
    default_grade: int
    cut_off_grade: int
    discretionary_limit: float
    expected_loss_budget: float
    validity_months: int
    terms_days: float
    delay_days: float
    most_delay_days: float
    peak_factor: float
    vat: float
    loss_given_default: float
    with_retention_of_title: float
    with_surety: float
    with_seniority: float
    margin: float
    cost: float
    hurdle: float
    concentration: float
    single_name_cap: float
    thin_file_cap: float
    refer_thin_file: bool
    stale_after_months: float
    stale_accounts_cap: float
    refer_stale_accounts: bool

    @classmethod
    def of(cls, policy: "Policy") -> Self:
        """The numbers of `policy`."""
        scale, need = policy.master_scale, policy.need
        lgd, returns = policy.loss_given_default, policy.return_on_capital
        return cls(
            lowest_probability=float(scale.bounds[0]),
            default_grade=scale.default_grade,
            cut_off_grade=policy.cut_off_grade,
            discretionary_limit=float(policy.discretionary_limit),
            expected_loss_budget=float(policy.expected_loss_budget),
            validity_months=policy.validity_months,
            terms_days=float(need.terms_days),
            delay_days=float(need.delay_days),
            most_delay_days=float(need.most_delay_days),
            peak_factor=float(need.peak_factor),
            vat=1.0 if policy.cover.vat_included else 1.0 + policy.cover.vat_rate,
            loss_given_default=float(lgd.default),
            with_retention_of_title=float(lgd.retention_of_title),
            with_surety=float(lgd.surety),
            with_seniority=float(lgd.senior),
            margin=float(returns.margin),
            cost=float(returns.cost),
            hurdle=float(returns.hurdle),
            concentration=float(returns.concentration),
            single_name_cap=float(policy.caps.single_name),
            thin_file_cap=float(policy.thin_file.cap),
            refer_thin_file=policy.thin_file.refer,
            stale_after_months=float(policy.stale_accounts.after_months),
            stale_accounts_cap=float(policy.stale_accounts.cap),
            refer_stale_accounts=policy.stale_accounts.refer,
        )
