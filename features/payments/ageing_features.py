"""The catalogue of aged balances: what `features.payments.ageing` computes, in its order."""

from functools import partial
from typing import Literal

from features.feature import Feature

overdue = partial(
    Feature,
    topic="overdue",
    source="invoices, payments, ageing",
    known="invoices issued by as_of as paid and disputed by then; else the latest snapshot of each "
    "supplier, 100 days old at most",
)

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
)
