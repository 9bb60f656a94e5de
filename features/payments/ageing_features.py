"""The catalogue of aged balances: what `features.payments.ageing` computes, in its order."""

from functools import partial
from typing import Literal

from features.feature import Feature

balance = partial(
    Feature,
    source="invoices, payments, ageing",
    known="invoices issued by as_of as paid and disputed by then; else the latest snapshot of each "
    "supplier, 100 days old at most",
)
overdue = partial(balance, topic="overdue")
a_year = partial(balance, topic="payment_behaviour", monotone=1, actionable=True)

YEAR = "the balances known on as_of and 91, 182 and 273 days before it, each as known on its day"

OVERDUE: tuple[tuple[str, str, str, Literal[0, 1], str], ...] = (
    ("1_30", "1 to 30", "1 à 30", 0, "short delays are common; what is due now may come tomorrow"),
    ("31_60", "31 to 60", "31 à 60", 0, "a share of a whole: more here may be less further on"),
    ("61_90", "61 to 90", "61 à 90", 1, "money this late is money the buyer lacks"),
    ("91_180", "91 to 180", "91 à 180", 1, "beyond 90 days, default is near"),
    ("over_180", "over 180", "plus de 180", 1, "beyond 180 days, default is protracted"),
)

FEATURES: tuple[Feature, ...] = (
    overdue(
        name="open_amount",
        unit="currency",
        formula="open invoices, net of part payments and unallocated credits",
        monotone=0,
        why="an amount for the limit engine",
        en="open balance",
        fr="encours",
        role="limit",
    ),
    overdue(
        name="overdue_amount",
        unit="currency",
        formula="open invoices past due, undisputed, net of part payments",
        monotone=0,
        why="an amount for the limit engine",
        en="overdue balance",
        fr="encours échu",
        role="limit",
    ),
    overdue(
        name="overdue_share",
        unit="share",
        formula="overdue / open, undisputed, before credits",
        monotone=1,
        why="the more is past due, the less the buyer can pay",
        en="share of the balance overdue",
        fr="part échue de l'encours",
        actionable=True,
    ),
    *(
        overdue(
            name=f"overdue_share_{name}",
            unit="share",
            formula=f"{days} days beyond terms / open, undisputed, before credits",
            monotone=sign,
            why=why,
            en=f"share of the balance {days} days overdue",
            fr=f"part de l'encours échue de {jours} jours",
            actionable=True,
        )
        for name, days, jours, sign, why in OVERDUE
    ),
    overdue(
        name="balance_days_late",
        unit="days",
        formula="mean days beyond terms of the open balance, each bucket at its middle: "
        "0, 15.5, 45.5, 75.5, 135.5, 270.5",
        monotone=1,
        why="the older the balance, the less of it will come",
        en="age of the balance beyond terms",
        fr="ancienneté de l'encours au-delà de l'échéance",
        actionable=True,
    ),
    overdue(
        name="credits_share",
        unit="share",
        formula="unallocated credits / open, undisputed, before credits",
        monotone=0,
        why="credits may be returns, or order kept in the accounts",
        en="share of unallocated credits in the balance",
        fr="part des avoirs non imputés dans l'encours",
    ),
    overdue(
        name="overdue_share_change_3m",
        unit="share",
        formula="overdue_share - overdue_share as known 91 days before",
        monotone=1,
        why="a balance that ages announces trouble",
        en="change of the overdue share over 3 months",
        fr="évolution de la part échue sur 3 mois",
        actionable=True,
    ),
    overdue(
        name="not_due_amount",
        unit="currency",
        formula="open invoices not yet due, undisputed, net of part payments",
        monotone=0,
        why="an amount: the limit engine and people read it, the model its share",
        en="balance not yet due",
        fr="encours non échu",
        role="limit",
    ),
    *(
        overdue(
            name=f"overdue_amount_{name}",
            unit="currency",
            formula=f"open invoices {days} days beyond terms, undisputed, net of part payments",
            monotone=0,
            why="an amount: the limit engine and people read it, the model its share",
            en=f"balance {days} days overdue",
            fr=f"encours échu de {jours} jours",
            role="limit",
        )
        for name, days, jours, _, _ in OVERDUE
    ),
    a_year(
        name="balance_overdue_share_12m",
        unit="share",
        formula=f"mean overdue_share of {YEAR}",
        why="a balance often overdue is a habit",
        en="mean share of the balance overdue over 12 months",
        fr="part échue moyenne de l'encours sur 12 mois",
    ),
    a_year(
        name="balance_overdue_share_max_12m",
        unit="share",
        formula=f"greatest overdue_share of {YEAR}",
        why="the worst quarter shows what a squeeze does",
        en="greatest share of the balance overdue over 12 months",
        fr="part échue maximale de l'encours sur 12 mois",
    ),
    a_year(
        name="balance_days_late_12m",
        unit="days",
        formula=f"mean balance_days_late of {YEAR}",
        why="the older the balances, the slower the payer",
        en="mean age of the balance beyond terms over 12 months",
        fr="ancienneté moyenne de l'encours au-delà de l'échéance sur 12 mois",
    ),
    balance(
        name="balance_trend_12m",
        topic="trade",
        unit="ratio",
        formula="open_amount / its mean 91, 182 and 273 days before, where known - 1",
        monotone=0,
        why="a balance grows with sales as well as with delay",
        en="balance against the three quarters before",
        fr="encours comparé aux trois trimestres précédents",
    ),
)
