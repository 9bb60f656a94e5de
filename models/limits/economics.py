"""What a limit used in full costs and earns: one column a figure, one row a buyer."""

import numpy as np

from models.limits.candidates import within_scale
from models.limits.limit_inputs import Floats, LimitInputs
from models.limits.loss import (
    capital_requirement,
    expected_loss,
    insurer_expected_loss,
    return_on_capital,
    sales_to_recover,
    technical_premium_rate,
)
from models.policy import Policy


def economics(
    policy: Policy, inputs: LimitInputs, lgd: Floats, exposure: Floats
) -> dict[str, Floats]:
    """Yearly figures (n,) of an `exposure`, all of it covered, in the policy's currency.

    expected_loss            default probability × loss given default × exposure
    insurer_expected_loss    the insurer's part of it
    technical_premium_rate   indicative, of insurable turnover (the purchases, with or without VAT
                             as the policy covers it); NaN where purchases are unknown
    return_on_capital        margin less expected loss and cost, over capital with concentration;
                             NaN where nothing is exposed
    sales_to_recover         sales whose margin pays for what one default would cost
    """
    rule, cover = policy.return_on_capital, policy.cover
    probability = inputs.default_probability
    insured = insurer_expected_loss(
        probability,
        lgd,
        exposure,
        exposure,
        insured_share=cover.insured_share,
        deductible=cover.deductible,
    )
    turnover = inputs.purchases / policy.numbers.vat
    capital = capital_requirement(within_scale(policy, probability), lgd)
    capital = capital + exposure / rule.concentration
    earned = return_on_capital(rule.margin, probability * lgd, rule.cost, capital)
    return {
        "expected_loss": expected_loss(probability, lgd, exposure),
        "insurer_expected_loss": insured,
        "technical_premium_rate": technical_premium_rate(insured, turnover, cover.premium_loading),
        "return_on_capital": np.where(exposure > 0, earned, np.nan),
        "sales_to_recover": sales_to_recover(lgd * exposure, policy.sales_margin),
    }
