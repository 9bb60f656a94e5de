"""What a buyer can change: each lever alters its facts, step by step, the favourable way only.

Country, sector, age, legal form, size and past events are nobody's to change, and have no lever.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from features.calendar import DAYS_A_YEAR
from features.catalog import column
from features.facts import Facts
from features.what_if.accounts import (
    certify_accounts,
    last_accounts,
    publish_accounts,
    raise_capital,
)
from features.what_if.ledger import cure, overdue_rows, settle_overdue, shift_payments
from models.limits.limit_inputs import Floats

MOST_DAYS = 90
CAPITAL_STEP = 0.01  # of total assets
PUBLICATION_DAYS = 91  # accounts cannot be asked for sooner after closing


@dataclass(frozen=True)
class Lever:
    """`change(facts, as_of, steps)` of facts about one buyer; `most(facts, as_of, features)` is the
    largest number of steps, 0 where there is nothing to change; `feature` shows the change."""

    name: str
    feature: str
    change: Callable[[Facts, int, int], Facts]
    most: Callable[[Facts, int, Floats], int]
    en: str
    fr: str


def _days_late(facts: Facts, as_of: int, features: Floats) -> int:
    latest = features[column("days_late_max_12m")]
    return 0 if np.isnan(latest) else int(min(latest, MOST_DAYS))


def _years_missing(facts: Facts, as_of: int, features: Floats) -> int:
    (row,) = last_accounts(facts, as_of)
    if row < 0:
        return 0
    days = as_of - PUBLICATION_DAYS - int(facts["statements"]["closing_date"][row])
    return max(int(days / DAYS_A_YEAR), 0)


def _capital_steps(facts: Facts, as_of: int, features: Floats) -> int:
    (row,) = last_accounts(facts, as_of)
    known = row >= 0 and facts["statements"]["total_assets"][row] > 0
    return round(1 / CAPITAL_STEP) if known else 0


def _not_certified(facts: Facts, as_of: int, features: Floats) -> int:
    return int(features[column("accounts_audited")] == 0)


def _curable(facts: Facts, as_of: int, features: Floats) -> int:
    if features[column("insolvency_open")]:
        return 0  # a court's to close
    return int(features[column("uncured_incidents")] > 0)


LEVERS: tuple[Lever, ...] = (
    Lever(
        "pay_faster",
        "dbt_12m",
        lambda facts, as_of, steps: shift_payments(facts, as_of, -steps),
        _days_late,
        "pay late invoices up to {steps} day(s) sooner",
        "payer les factures en retard jusqu'à {steps} jour(s) plus tôt",
    ),
    Lever(
        "settle_overdue",
        "overdue_amount",
        settle_overdue,
        lambda facts, as_of, features: len(overdue_rows(facts, as_of)),
        "settle the oldest overdue invoice(s): {steps}",
        "régler les plus anciennes factures échues : {steps}",
    ),
    Lever(
        "cure_events",
        "uncured_incidents",
        lambda facts, as_of, steps: cure(facts, as_of),
        _curable,
        "settle the events declared and have them reported as cured",
        "régulariser les événements déclarés et le faire constater",
    ),
    Lever(
        "publish_accounts",
        "accounts_age_months",
        publish_accounts,
        _years_missing,
        "publish accounts of {steps} more year(s), no worse than the last",
        "publier les comptes de {steps} exercice(s) de plus, pas moins bons que les derniers",
    ),
    Lever(
        "certify_accounts",
        "accounts_audited",
        lambda facts, as_of, steps: certify_accounts(facts, as_of),
        _not_certified,
        "have the accounts certified by an auditor",
        "faire certifier les comptes",
    ),
    Lever(
        "raise_capital",
        "net_worth",
        lambda facts, as_of, steps: raise_capital(facts, as_of, steps * CAPITAL_STEP),
        _capital_steps,
        "raise new equity of {steps} % of total assets",
        "apporter en capital {steps} % du total du bilan",
    ),
)
