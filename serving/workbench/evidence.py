"""The evidence behind a decision: payments, balance, accounts, events, and how good it all is."""

from datetime import date
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from features.accounts.statements import published
from features.build import feature_matrix
from features.catalog import CATALOG, column
from features.facts import Facts, Keys
from features.feature import TOPICS
from features.payments.ageing import BUCKETS, UNKNOWN, balances
from models.assessment import Assessment
from models.credit_model import CreditModel
from models.explanation import LANGUAGES, Language
from serving.workbench import charts, words
from serving.workbench.why import value

Values = NDArray[np.float64]

YEARS_SHOWN = 3
EVENTS_SHOWN = 4
THOUSAND = 1000


def behaviour(assessment: Assessment, usual: Values, language: Language) -> list[dict[str, str]]:
    """Figures of payment behaviour beside the sector's medians."""
    return [
        {
            "label": name,
            "value": value(
                CATALOG[place := column(feature)], assessment.matrix[0, place], language
            ),
            "usual": value(CATALOG[place], usual[place], language) if compared else "",
        }
        for feature, name, compared in words.BEHAVIOUR
    ]


def ageing(facts: Facts, keys: Keys) -> list[dict[str, Any]]:
    """The balance by days beyond terms, credits and disputes where there are any."""
    cents = balances(facts, keys)[0]
    if cents[0] == UNKNOWN:
        return []
    amounts = dict(zip((*BUCKETS, "disputed"), (cents / 100).tolist(), strict=True))
    largest, owed = max(amounts.values()), sum(max(amounts[name], 0.0) for name in BUCKETS)
    return [
        {
            "label": label,
            "amount": amounts[name],
            "bar": charts.share(amounts[name], largest),
            "share": amounts[name] / owed if owed else 0.0,
            "kind": "bad" if name.startswith(("days", "over")) else "",
        }
        for name, label in words.BUCKETS
        if amounts[name] or name in BUCKETS[:-1]
    ]


def accounts(facts: Facts, keys: Keys, usual: Values, language: Language) -> dict[str, Any] | None:
    """The last accounts known, newest first: their days, amounts in thousands, and ratios beside
    the sector's medians. A ratio is that of the day on which its year was published."""
    statements = facts["statements"]
    found = published(facts, keys)
    years = [year for year in range(YEARS_SHOWN) if found.row[0, year] >= 0]
    if not years:
        return None
    rows = found.row[0, years].tolist()
    known = statements.known[rows]
    days = np.append(keys.as_of[:1], known[1:]).astype(np.int32)  # the newest as it stands today
    ratios = feature_matrix(facts, Keys(np.repeat(keys.buyer[:1], len(days)), days))
    currency = statements["currency"][rows[0]]
    return {
        "closing": [as_date(statements["closing_date"][row]) for row in rows],
        "known": [as_date(day) for day in known],
        "age": float(ratios[0, column("accounts_age_months")]),
        "audited": _flag(statements["audited"][rows[0]]),
        "consolidated": _flag(statements["consolidated"][rows[0]]),
        "currency": facts.currency if currency < 0 else statements.labels["currency"][currency],
        "lines": [
            (label, [_thousands(found.accounts[item][0, year]) for year in years])
            for item, label in words.ACCOUNTS
        ],
        "ratios": [
            {
                "label": label,
                "meaning": meaning,
                "values": [
                    value(CATALOG[place := column(name)], r[place], language) for r in ratios
                ],
                "usual": value(CATALOG[place], usual[place], language),
                "worse": _worse(place, ratios[0, place], usual[place]),
            }
            for name, label, meaning in words.RATIOS
        ],
    }


def next_accounts(facts: Facts, keys: Keys) -> dict[str, Any]:
    """A year after the last accounts known, unchanged: where new ones begin."""
    statements = facts["statements"]
    row = int(published(facts, keys).row[0, 0])
    if row < 0:
        blank = dict.fromkeys(words.STATEMENT)
        return {"closing_date": "", "currency": facts.currency, "amounts": blank}
    closing = as_date(statements["closing_date"][row])
    currency = statements["currency"][row]
    return {
        "closing_date": str(_a_year_later(closing)),
        "currency": facts.currency if currency < 0 else statements.labels["currency"][currency],
        "amounts": {
            item: round(amount) if isfinite(amount := statements[item][row]) else None
            for item in words.STATEMENT
        },
    }


def _a_year_later(day: date) -> date:
    leap = (day.month, day.day) == (2, 29)
    return day.replace(year=day.year + 1, day=28 if leap else day.day)


def _worse(place: int, own: float, median: float) -> bool | None:
    """Whether the buyer stands on the riskier side of its sector; None where nobody can say."""
    sign = CATALOG[place].monotone
    return None if not sign or not isfinite(own - median) else bool(sign * (own - median) > 0)


def incidents(facts: Facts, keys: Keys) -> list[dict[str, Any]]:
    """Events known on the day, latest first."""
    events = facts["incidents"]
    buyer = keys.buyer[0]
    rows = [
        row
        for row in range(events.start[buyer], events.start[buyer + 1])
        if events.known[row] <= keys.as_of[0]
    ]
    rows.sort(key=lambda row: -events["event_date"][row])
    return [
        {
            "on": as_date(events["event_date"][row]),
            "known": as_date(events.known[row]),
            "kind": words.INCIDENTS.get(
                kind := str(events.labels["kind"][events["kind"][row]]), words.plain(kind)
            ),
            "cure": kind == "cure",
            "amount": _or_none(events["amount"][row]),
            "disputed": bool(events["disputed"][row] == 1),
        }
        for row in rows[:EVENTS_SHOWN]
    ]


def quality(
    model: CreditModel, facts: Facts, assessment: Assessment, language: Language
) -> dict[str, Any]:
    """How much is known, and how fresh it is; topics of which nothing is known are `dark`."""
    buyer, day = int(assessment.keys.buyer[0]), int(assessment.keys.as_of[0])
    invoices = facts["invoices"]
    own = slice(invoices.start[buyer], invoices.start[buyer + 1])
    issued = invoices["issued_on"][own]
    issued = issued[issued <= day]
    read = assessment.matrix[0, model.columns]
    known = np.isfinite(read)
    topics = {feature.topic for feature in model.features}
    seen = {
        feature.topic for feature, is_known in zip(model.features, known, strict=True) if is_known
    }
    return {
        "invoices": len(issued),
        "days_since": day - int(issued.max()) if len(issued) else None,
        "months": _or_none(assessment.matrix[0, column("months_of_history")]),
        "known": int(known.sum()),
        "read": len(read),
        "dark": [
            TOPICS[topic][LANGUAGES.index(language)] for topic in TOPICS if topic in topics - seen
        ],
    }


def as_date(day: np.integer | int) -> date:
    """A day since 1970-01-01."""
    found: date = np.datetime64(int(day), "D").item()
    return found


def _thousands(amount: float) -> float | None:
    return float(amount) / THOUSAND if isfinite(amount) else None


def _or_none(number: float) -> float | None:
    return float(number) if isfinite(number) else None


def _flag(number: float) -> bool | None:
    return bool(number) if isfinite(number) else None
