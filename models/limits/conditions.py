"""Conditions: ways to get what was asked when less is granted, each tried through the engine."""

from math import ceil, floor
from typing import Any, Final

import numpy as np

from models.explanation import Language, thousands
from models.limits.candidates import (
    Buyer,
    Standing,
    buyer_at,
    exposure_days,
    need,
    standing_of,
)
from models.limits.limit import limits
from models.limits.limit_inputs import LimitInputs
from models.limits.rounding import round_up
from models.policy import Policy

# From the least to the most burdensome for the buyer: kind, unit of its value, words.
KINDS: Final = (
    ("retention_of_title", "flag", "Retention of title", "Réserve de propriété"),
    ("shorter_terms", "days", "Terms of {} days", "Délai de paiement de {} jours"),
    ("maximum_order", "currency", "Orders of at most {}", "Commandes de {} au plus"),
    ("prepayment", "share", "Prepayment of {} %", "Acompte de {} %"),
    ("bank_guarantee", "currency", "Bank guarantee of {}", "Caution bancaire de {}"),
)
_OUTCOMES: Final = {
    "en": (
        "covers the {needed} then needed",
        "raises the limit to {limit}, short of the {needed} needed",
        "cannot help, the limit stays {limit}",
    ),
    "fr": (
        "couvre les {needed} alors nécessaires",
        "porte la limite à {limit}, sous les {needed} nécessaires",
        "sans effet, la limite reste {limit}",
    ),
}
_PREPAYMENT_STEP: Final = 0.05


def conditions(
    policy: Policy,
    inputs: LimitInputs,
    granted: float,
    *,
    outstanding: float = 0.0,
    language: Language = "en",
    standing: Standing | None = None,
) -> list[dict[str, Any]]:
    """What could be asked of one buyer (one row of inputs) that is granted less than it needs.

    Each condition holds kind, value, unit, the `limit` the engine then yields, the exposure then
    `needed`, whether the limit `covers` it, and a text. Those that cover come first, the least
    burdensome leading, then the others by limit. Empty where nothing is lacking or no need is
    known. An `outstanding` of NaN, or below 0, counts as none.
    """
    standing = standing or standing_of(policy, inputs)
    buyer = buyer_at(inputs.numbers, standing, 0)
    wanted = need(policy.numbers, buyer)
    lacking = float(round_up(policy, np.array([wanted]))[0]) - granted
    if not lacking > 0:
        return []
    terms, by_terms = _shorter_terms(policy, buyer, granted, wanted)
    prepaid, by_prepayment = _prepayment(policy, granted, wanted)
    order = max(0.0, granted - max(0.0, outstanding))
    values = (1.0, terms, order, prepaid, lacking)
    needed = np.array([wanted, by_terms, granted if order else wanted, by_prepayment, wanted])
    variants = inputs.changed(
        requested_amount=needed,
        terms_days=np.array([np.nan, terms, np.nan, np.nan, np.nan]),
        guarantee_amount=inputs.guarantee_amount + np.array([0.0, 0.0, 0.0, 0.0, lacking]),
        retention_of_title=np.maximum(inputs.retention_of_title, [1.0, 0.0, 0.0, 0.0, 0.0]),
    )
    yielded = limits(policy, variants, standing).limit
    covers = yielded >= round_up(policy, needed)
    found = [
        {
            "kind": kind,
            "value": values[i],
            "unit": unit,
            "limit": float(yielded[i]),
            "needed": float(needed[i]),
            "covers": bool(covers[i]),
        }
        for i, (kind, unit, _, _) in enumerate(KINDS)
    ]
    for condition, (_, _, english, french) in zip(found, KINDS, strict=True):
        ask = english if language == "en" else french
        condition["text"] = _say(condition, ask, granted, language)
    return sorted(found, key=lambda c: (not c["covers"], 0.0 if c["covers"] else -c["limit"]))


def _shorter_terms(
    policy: Policy, buyer: Buyer, granted: float, wanted: float
) -> tuple[float, float]:
    """The longest terms whose exposure is within the limit, as far as terms can be shortened, and
    that exposure. Work before delivery does not shrink with them."""
    terms, delay = exposure_days(policy.numbers, buyer)
    if terms <= (shortest := policy.conditions.shortest_terms_days):
        return terms, wanted
    fixed = min(buyer.pre_delivery, wanted)
    a_day = (wanted - fixed) / (terms + delay)
    longest = floor((granted - fixed) / a_day - delay) if a_day else shortest
    days = min(max(float(longest), shortest), terms)
    return days, fixed + a_day * (days + delay)


def _prepayment(policy: Policy, granted: float, wanted: float) -> tuple[float, float]:
    """The smallest prepayment that leaves no more than the limit, as far as the policy goes, and
    the exposure it leaves."""
    steps = ceil(round((1 - granted / wanted) / _PREPAYMENT_STEP, 9))
    share = min(round(steps * _PREPAYMENT_STEP, 2), policy.conditions.most_prepayment)
    return share, wanted * (1 - share)


def _say(condition: dict[str, Any], ask: str, granted: float, language: Language) -> str:
    """The condition and what comes of it, in one line."""
    value = condition["value"] * (100 if condition["unit"] == "share" else 1)
    helps = 0 if condition["covers"] else 1 if condition["limit"] > granted else 2
    outcome = _OUTCOMES[language][helps].format(
        needed=thousands(condition["needed"]), limit=thousands(condition["limit"])
    )
    colon = " : " if language == "fr" else ": "
    return ask.format(thousands(value)) + colon + outcome
