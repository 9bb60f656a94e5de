"""What a portfolio costs and earns: cover and its gaps, the insurer's part, premium, capital."""

import numpy as np
import pandas as pd

from models.assessment import Assessment
from models.limits.candidates import within_scale
from models.limits.limit_inputs import Floats
from models.limits.loss import (
    capital_requirement,
    insurer_expected_loss,
    premium_position,
    sales_to_recover,
    technical_premium_rate,
)
from models.policy import Policy

TOTAL = "all but D"


def money_columns(
    policy: Policy, assessment: Assessment, exposure: Floats, probability: Floats
) -> dict[str, Floats]:
    """By buyer: what is covered of the exposure, the uninsured gap, the insurer's expected loss,
    insurable turnover, capital, and the yearly margin less cost; amounts, (n,).

    Covered is what lies within the limits granted or, where the portfolio tells of none, within
    those computed here.
    """
    rule, cover = policy.return_on_capital, policy.cover
    granted, lgd = assessment.granted.amount, assessment.limits.loss_given_default
    told = not np.isnan(granted).all()
    covered = np.minimum(exposure, np.fmax(granted, 0.0) if told else assessment.limits.limit)
    capital = capital_requirement(within_scale(policy, assessment.default_probability), lgd)
    return {
        "covered": covered,
        "uninsured": exposure - cover.insured_share * covered,
        "insurer_expected_loss": insurer_expected_loss(
            probability,
            lgd,
            covered,
            covered,
            insured_share=cover.insured_share,
            deductible=cover.deductible,
        ),
        "insurable_turnover": np.fmax(assessment.inputs.purchases, 0.0) / policy.numbers.vat,
        "capital": exposure * (capital + exposure / rule.concentration),
        "surplus": exposure * (rule.margin - rule.cost),
    }


def money_table(policy: Policy, buyers: pd.DataFrame) -> pd.DataFrame:
    """A year by grade, in currency: the columns of the audit's buyers summed; `premium, %` of
    insurable turnover and where it sits, `return on capital, %`, and the sales whose margin pays
    for the expected loss. Buyers in default are left out: their loss is certain, and no premium's.
    """
    sound = buyers[buyers["grade"] != policy.master_scale.names[-1]]
    summed = [
        "exposure", "covered", "uninsured", "expected_loss", "insurer_expected_loss",
        "insurable_turnover", "capital", "surplus",
    ]  # fmt: skip
    table = sound.groupby("grade", observed=True)[summed].sum()
    table.index = table.index.astype(str)
    table.loc[TOTAL] = sound[summed].sum()
    rate = technical_premium_rate(
        table["insurer_expected_loss"], table["insurable_turnover"], policy.cover.premium_loading
    )
    earned = (table.pop("surplus") - table["expected_loss"]) / table["capital"]
    return table.drop(columns="capital").assign(
        **{
            "premium, %": 100 * rate,
            "usual 0.1-1 %": ["" if np.isnan(r) else premium_position(r) for r in rate],
            "return on capital, %": 100 * earned.where(table["capital"] > 0),
            "sales to recover": sales_to_recover(
                table["expected_loss"].to_numpy(), policy.sales_margin
            ),
        }
    )
