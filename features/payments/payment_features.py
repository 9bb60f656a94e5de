"""The catalogue of payment behaviour: what `features.payments.payments` computes, in its order."""

from collections.abc import Iterator
from functools import partial
from typing import Literal

from features.feature import Feature

invoice_feature = partial(
    Feature,
    source="invoices, payments",
    known="invoices issued by as_of; paid_on, disputed_on and part payments only up to as_of",
)
behaviour = partial(invoice_feature, topic="payment_behaviour", actionable=True)
trade = partial(invoice_feature, topic="trade")

Sign = Literal[-1, 0, 1]

MONTHS = (3, 6, 12, 24)

# name ({m}: months), unit, formula, sign, why, English, French; days late: never below zero
MEASURES: tuple[tuple[str, str, str, Sign, str, str, str], ...] = (
    (
        "dbt_{m}m",
        "days",
        "Σ amount × days late / Σ amount, open overdue invoices aged at as_of",
        1,
        "money paid later is money the buyer lacks",
        "days beyond terms over {m} months",
        "jours de retard moyens sur {m} mois",
    ),
    (
        "dbt_count_{m}m",
        "days",
        "mean days late over invoices",
        1,
        "lateness on small invoices too shows strain",
        "days beyond terms per invoice over {m} months",
        "jours de retard par facture sur {m} mois",
    ),
    (
        "payment_index_{m}m",
        "index 0-100",
        "scale of DBT (80 prompt, 50 at 30 days late); of mean days early where never late",
        -1,
        "the same lateness on the scale analysts know",
        "payment index over {m} months",
        "indice de paiement sur {m} mois",
    ),
    (
        "late_share_{m}m",
        "share",
        "amount late / amount",
        1,
        "the more is paid late, the tighter the cash",
        "share of amounts paid late over {m} months",
        "part des montants en retard sur {m} mois",
    ),
    *(
        (
            f"late_share_{days}_{{m}}m",
            "share",
            f"amount more than {days} days late / amount",
            1,
            f"more than {days} days late is beyond negligence",
            f"share of amounts over {days} days late over {{m}} months",
            f"part des montants à plus de {days} jours de retard sur {{m}} mois",
        )
        for days in (30, 60, 90)
    ),
    (
        "days_late_max_{m}m",
        "days",
        "max of l",
        1,
        "the worst invoice shows how far the buyer lets things go",
        "longest delay over {m} months",
        "retard maximal sur {m} mois",
    ),
    (
        "days_late_std_{m}m",
        "days",
        "sample standard deviation of days late over invoices, two or more",
        1,
        "erratic payment betrays cash managed day by day",
        "irregularity of delays over {m} months",
        "irrégularité des retards sur {m} mois",
    ),
    (
        "unpaid_share_{m}m",
        "share",
        "amount still open at as_of, net of part payments / amount",
        1,
        "what is due and unpaid may never be paid",
        "share of amounts due and unpaid over {m} months",
        "part des montants échus et impayés sur {m} mois",
    ),
)


def _windowed() -> Iterator[Feature]:
    for m in MONTHS:
        for name, unit, formula, sign, why, en, fr in MEASURES:
            yield behaviour(
                name=name.format(m=m),
                unit=unit,
                formula=f"{formula}; invoices due in the last {m} months, undisputed",
                monotone=sign,
                why=why,
                en=en.format(m=m),
                fr=fr.format(m=m),
            )


FEATURES: tuple[Feature, ...] = (
    *_windowed(),
    behaviour(
        name="dbt_trend_3m",
        unit="days",
        formula="DBT of the last 3 months - DBT of the 3 months before",
        monotone=1,
        why="payment that worsens announces trouble",
        en="change of days beyond terms, quarter on quarter",
        fr="évolution trimestrielle des jours de retard",
    ),
    behaviour(
        name="dbt_trend_12m",
        unit="days",
        formula="DBT of the last 12 months - DBT of the 12 months before",
        monotone=1,
        why="payment that worsens announces trouble",
        en="change of days beyond terms, year on year",
        fr="évolution annuelle des jours de retard",
    ),
    behaviour(
        name="dbt_acceleration",
        unit="days",
        formula="dbt_trend_3m - (DBT of months 4-6 - DBT of months 7-12)",
        monotone=1,
        why="a slide that gathers speed is harder to stop",
        en="acceleration of payment delays",
        fr="accélération des retards",
    ),
    behaviour(
        name="late_slope_12m",
        unit="days per month",
        formula="least-squares slope of days late on due date, invoices due in the last 12 months; "
        "missing below three, or where due dates spread by less than a month (standard deviation)",
        monotone=1,
        why="payment that worsens announces trouble",
        en="slope of payment delays over 12 months",
        fr="pente des retards sur 12 mois",
    ),
    behaviour(
        name="part_paid_share_12m",
        unit="share",
        formula="invoices a part payment left a balance on / invoices due in the last 12 months; "
        "missing where no part payment is on record",
        monotone=0,
        why="instalments show strain, and good will",
        en="share of invoices paid in parts over 12 months",
        fr="part des factures payées en plusieurs fois sur 12 mois",
    ),
    behaviour(
        name="disputed_share_12m",
        unit="share",
        formula="disputed amount / amount due in the last 12 months",
        monotone=0,
        why="a dispute may hide lack of cash, or a fault of the supplier",
        en="share of amounts disputed over 12 months",
        fr="part des montants contestés sur 12 mois",
    ),
    trade(
        name="months_of_history",
        unit="months",
        formula="(as_of - first issue date known) / 30.4375; 0 without invoices",
        monotone=-1,
        why="a buyer known for longer holds fewer surprises",
        en="length of trading history",
        fr="ancienneté de la relation commerciale",
    ),
    trade(
        name="invoices_12m",
        unit="invoices",
        formula="invoices issued in the last 12 months",
        monotone=0,
        why="measures how much is known, not how well it is paid",
        en="invoices over 12 months",
        fr="nombre de factures sur 12 mois",
    ),
    trade(
        name="suppliers_12m",
        unit="suppliers",
        formula="distinct suppliers of invoices issued in the last 12 months",
        monotone=0,
        why="more suppliers trust the buyer, or bear its debts",
        en="number of suppliers over 12 months",
        fr="nombre de fournisseurs sur 12 mois",
    ),
    trade(
        name="largest_supplier_share_12m",
        unit="share",
        formula="purchases from the largest supplier / purchases from known suppliers, 12 months",
        monotone=0,
        why="dependence binds both sides",
        en="share of the largest supplier over 12 months",
        fr="part du premier fournisseur sur 12 mois",
    ),
    trade(
        name="largest_invoice_share_12m",
        unit="share",
        formula="largest invoice / purchases before credit notes, issued in the last 12 months",
        monotone=0,
        why="lumpy purchases make every other measure less certain",
        en="share of the largest invoice over 12 months",
        fr="part de la plus grosse facture sur 12 mois",
    ),
    *(
        trade(
            name=f"purchase_trend_{m}m",
            unit="-1 to 1",
            formula=f"(purchases of the last {m} months - purchases of the {m} months before) / "
            "their sum; missing where history covers less",
            monotone=0,
            why="collapse and runaway growth both precede default",
            en=f"purchase trend, {m} months on {m} months",
            fr=f"tendance des achats, {m} mois sur {m} mois",
        )
        for m in (3, 12)
    ),
    trade(
        name="credit_note_share_12m",
        unit="share",
        formula="credit notes / purchases, issued in the last 12 months",
        monotone=0,
        why="returns may come from either side",
        en="share of credit notes over 12 months",
        fr="part des avoirs sur 12 mois",
    ),
    trade(
        name="terms_to_legal_12m",
        unit="ratio",
        formula="purchase_terms_days / 60",
        monotone=0,
        why="long terms are granted to the strong and wrung out by the weak",
        en="terms granted against the legal maximum",
        fr="délais accordés rapportés au maximum légal",
    ),
    trade(
        name="terms_over_legal_share_12m",
        unit="share",
        formula="amount due later than 60 days, 45 days end of month and end of month 45 days all "
        "allow / amount issued in the last 12 months",
        monotone=0,
        why="long terms are granted to the strong and wrung out by the weak",
        en="share of amounts beyond legal terms over 12 months",
        fr="part des montants au-delà des délais légaux sur 12 mois",
    ),
    trade(
        name="purchases_12m",
        unit="currency",
        formula="Σ amount issued in the last 365 days including VAT, net of credit notes",
        monotone=0,
        why="an amount for the limit engine",
        en="purchases over 12 months",
        fr="achats sur 12 mois",
        role="limit",
    ),
    trade(
        name="purchase_terms_days",
        unit="days",
        formula="Σ amount × (due - issued) / Σ amount, issued in the last 365 days, 730 at most",
        monotone=0,
        why="an input of the limit engine",
        en="payment terms granted",
        fr="délais de paiement accordés",
        role="limit",
    ),
)
