"""Money: expected loss, indemnity, indicative premium, break-even sales, capital and its return.

Exposure at default is a stock (receivables on the day of default), never turnover: the base of a
premium is a flow, and default probability × turnover means nothing. Rates are per year.
"""

from math import exp, sqrt
from typing import Final, Literal

import numpy as np
import scipy.special
from numba import vectorize
from numpy.typing import NDArray

from models.limits.normal import ndtr, ndtri

Floats = NDArray[np.float64]
Numbers = float | Floats  # one value, or one a buyer
Position = Literal["below", "within", "above"]

USUAL_PREMIUM: Final = (0.001, 0.01)  # of insurable turnover, as brokers quote it
_WORST_YEAR: Final = float(scipy.special.ndtri(0.999))  # CRR art. 153: one year in a thousand


def expected_loss(
    default_probability: Numbers, loss_given_default: Numbers, exposure: Numbers
) -> Floats:
    """Default probability × loss given default × exposure at default, in the exposure's currency.

    >>> round(float(expected_loss(0.02, 0.60, 100_000)), 6)
    1200.0
    """
    return np.asarray(default_probability) * loss_given_default * exposure


def indemnity(
    loss: Numbers, limit: Numbers, insured_share: float, deductible: float = 0.0
) -> Floats:
    """What an insurer pays on one loss: the insured share of the part within the limit, less the
    deductible.

    >>> float(indemnity(120_000, 100_000, insured_share=0.90, deductible=1_000))
    89000.0
    """
    return np.maximum(np.minimum(loss, limit) * insured_share - deductible, 0.0)


def insurer_expected_loss(
    default_probability: Numbers,
    loss_given_default: Numbers,
    exposure: Numbers,
    limit: Numbers,
    *,
    insured_share: float,
    deductible: float = 0.0,
) -> Floats:
    """Expected indemnity: recoveries are shared, so the loss is taken on the part within the limit.

    >>> round(float(insurer_expected_loss(0.02, 0.60, 100_000, 100_000, insured_share=0.90)), 6)
    1080.0
    """
    lost = np.asarray(loss_given_default) * np.minimum(exposure, limit)
    return np.asarray(default_probability) * indemnity(lost, np.inf, insured_share, deductible)


def technical_premium_rate(
    expected_indemnity: Numbers, insurable_turnover: Numbers, loading: float
) -> Floats:
    """Indicative yearly premium as a share of insurable turnover; NaN without turnover.

    An order of magnitude for the underwriter, never a quote.
    """
    turnover = np.asarray(insurable_turnover, np.float64)
    return loading * np.asarray(expected_indemnity) / np.where(turnover > 0, turnover, np.nan)


def premium_position(rate: float) -> Position:
    """Where a premium rate sits against the usual 0.1 to 1 % of insurable turnover."""
    low, high = USUAL_PREMIUM
    return "below" if rate < low else "above" if rate > high else "within"


def sales_to_recover(loss: Numbers, margin: float) -> Floats:
    """Sales whose margin pays for a loss.

    >>> float(sales_to_recover(10_000, margin=0.10))
    100000.0
    """
    if not 0 < margin <= 1:
        raise ValueError(f"margin is {margin}; give a share of sales above 0 and up to 1")
    return np.asarray(loss, np.float64) / margin


@vectorize("f8(f8)", cache=True)
def large_firm_correlation(default_probability: float) -> float:
    """`asset_correlation` of a firm that is not small."""
    weight = (1 - exp(-50.0 * default_probability)) / (1 - exp(-50.0))
    return 0.12 * weight + 0.24 * (1 - weight)


def asset_correlation(default_probability: Numbers, turnover: Numbers | None = None) -> Floats:
    """Correlation of a firm's assets with the economy (CRR art. 153(1)); `turnover` in euros gives
    small firms, 5 to 50 million, their lower one (art. 153(4))."""
    correlation = large_firm_correlation(default_probability)
    if turnover is None:
        return correlation
    millions = np.clip(np.asarray(turnover, np.float64) / 1e6, 5.0, 50.0)
    return correlation - 0.04 * (1 - (millions - 5.0) / 45.0)


@vectorize("f8(f8, f8)", cache=True)
def unexpected_rate(default_probability: float, correlation: float) -> float:
    """Default rate of one year in a thousand beyond the usual one (Vasicek 2002)."""
    shocked = ndtri(default_probability, 0) + sqrt(correlation) * _WORST_YEAR
    return ndtr(shocked / sqrt(1 - correlation), 0) - default_probability


def capital_requirement(
    default_probability: Numbers,
    loss_given_default: Numbers,
    maturity: float = 1.0,
    turnover: Numbers | None = None,
) -> Floats:
    """K, capital per unit of exposure for the loss beyond the expected one (CRR art. 153(1)).

    `default_probability` above 0 and below 1, `maturity` in years (1 to 5).

    >>> round(float(capital_requirement(0.01, 0.40)), 6)
    0.052109
    """
    probability = np.asarray(default_probability, np.float64)
    correlation = asset_correlation(probability, turnover)
    capital = loss_given_default * unexpected_rate(probability, correlation)
    if maturity == 1.0:  # the adjustment is 1: spare the logarithm
        return capital
    slope = (0.11852 - 0.05478 * np.log(probability)) ** 2
    return capital * (1 + (maturity - 2.5) * slope) / (1 - 1.5 * slope)


def return_on_capital(
    margin: Numbers, expected_loss_rate: Numbers, cost: Numbers, capital: Numbers
) -> Floats:
    """RAROC: yearly margin less expected loss and cost, over capital, all per unit of exposure.

    >>> round(float(return_on_capital(0.10, 0.006, 0.02, 0.0782)), 3)
    0.946
    """
    surplus = np.asarray(margin, np.float64) - expected_loss_rate - cost
    return surplus / np.asarray(capital, np.float64)
