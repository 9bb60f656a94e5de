"""What the buyer page shows: one decision and the evidence behind it, as plain values."""

from collections.abc import Callable, Mapping
from datetime import date
from math import isfinite
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from features.accounts.statements import published
from features.catalog import CATALOG, column
from features.facts import Facts, Keys
from features.payments.ageing import BUCKETS, UNKNOWN, balances
from models.assessment import Assessment, assess
from models.explanation import say_value
from serving.contracts import ScoreRequest
from serving.decide import Desk
from serving.portfolio import Portfolio
from serving.store.record import Record
from serving.workbench import charts, words

QUARTERS = 8  # of trend before the day asked about
DAYS_A_QUARTER = 91
YEARS_SHOWN = 3
MOST_SHOWN = 5


def buyer_page(desk: Desk, request: ScoreRequest) -> dict[str, Any]:
    """Everything the buyer's template needs. Raises serving.problems.Problem."""
    concluded = desk.conclude(request)
    facts, assessment, answer = concluded.facts, concluded.assessment, concluded.answer
    past = _past(desk, assessment.keys)
    return {
        "answer": answer,
        "buyer": identity(desk.portfolio, int(assessment.keys.buyer[0])),
        "grades": desk.champion.now.model.policy.master_scale.names,
        "topics": _topics(answer),
        "candidates": _candidates(answer),
        "probability_trend": _trend(
            past, "Default probability by quarter", past.default_probability, _percent
        ),
        "lateness_trend": _trend(
            past, "Days beyond terms by quarter", past.matrix[:, column("dbt_3m")], _days
        ),
        "behaviour": _behaviour(assessment),
        "ageing": _ageing(facts, assessment.keys),
        "accounts": _accounts(facts, assessment.keys),
        "incidents": _incidents(facts, assessment.keys),
        "kept": [_kept(record) for record in desk.store.of_buyer(answer["buyer_id"], MOST_SHOWN)],
    }


def identity(portfolio: Portfolio, code: int) -> dict[str, str]:
    """Who the buyer is, "" where not known."""
    texts = {
        name: portfolio.text(name, code)
        for name in ("name", "country", "sector", "legal_form", "group_id")
    }
    return {
        **texts,
        "buyer_id": str(portfolio.facts.buyer_ids[code]),
        "section": words.SECTIONS.get(texts["sector"][:1], ""),
    }


def _topics(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The waterfall, strongest topic first, each step beginning where the one before ended."""
    moving = [topic for topic in answer["topics"] if topic["log_odds"]]
    topics = sorted(moving, key=lambda topic: -abs(topic["log_odds"]))
    risk = charts.waterfall(answer["base_log_odds"], [topic["log_odds"] for topic in topics])
    money = charts.waterfall(
        answer["base_limit"], [topic["limit_effect"] for topic in topics], from_zero=True
    )
    return [
        {
            **topic,
            "risk_bar": risk[i],
            "limit_bar": money[i],
            "drivers": [
                driver for driver in answer["drivers"] if driver["topic"] == topic["topic"]
            ],
        }
        for i, topic in enumerate(topics)
    ]


def _candidates(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every amount that could bind, least first; those that do not apply come last."""
    amounts = answer["candidates"]
    # Beyond twice the limit a bar says no more than "far away".
    largest = 2 * max(answer["limit"], amounts[answer["binding_constraint"]] or 0.0) or 1.0
    return [
        {
            "name": words.CANDIDATES.get(name, words.plain(name)),
            "amount": amount,
            "binds": name == answer["binding_constraint"],
            "bar": charts.share(amount or 0.0, largest),
        }
        for name, amount in sorted(
            amounts.items(), key=lambda item: np.inf if item[1] is None else item[1]
        )
    ]


def _behaviour(assessment: Assessment) -> list[tuple[str, str]]:
    """Figures of payment behaviour, in words."""
    values = assessment.matrix[0]
    return [
        (label, say_value(CATALOG[column(name)], values[column(name)]))
        for name, label in words.BEHAVIOUR
    ]


def _past(desk: Desk, keys: Keys) -> Assessment:
    """The same buyer at the end of each of the last quarters, as it was known then."""
    days = keys.as_of[0] - DAYS_A_QUARTER * np.arange(QUARTERS, -1, -1, dtype=np.int32)
    buyer = np.repeat(keys.buyer, len(days))
    return assess(desk.champion.now.model, desk.portfolio.facts, Keys(buyer, days))


def _trend(
    past: Assessment, what: str, values: NDArray[np.float64], say: Callable[[float], str]
) -> charts.Line:
    labels = [f"{_day(day):%b %Y}" for day in past.keys.as_of]
    return charts.line(what, values.tolist(), labels, [say(value) for value in values])


def _ageing(facts: Facts, keys: Keys) -> list[dict[str, Any]]:
    """The balance by days beyond terms, credits and disputes where there are any."""
    cents = balances(facts, keys)[0]
    if cents[0] == UNKNOWN:
        return []
    amounts = dict(zip((*BUCKETS, "disputed"), (cents / 100).tolist(), strict=True))
    largest = max(amounts.values())
    return [
        {
            "label": label,
            "amount": amounts[name],
            "bar": charts.share(amounts[name], largest),
            "kind": "bad" if name.startswith(("days", "over")) else "",
        }
        for name, label in words.BUCKETS
        if amounts[name] or name in BUCKETS[:-1]
    ]


def _accounts(facts: Facts, keys: Keys) -> dict[str, Any] | None:
    """The last accounts known, newest first: closing and publication dates, amounts by line."""
    statements = facts["statements"]
    years = [year for year in published(facts, keys)[:YEARS_SHOWN] if year.known[0]]
    if not years:
        return None
    rows = [int(year.row[0]) for year in years]
    currency = statements["currency"][rows[0]]
    return {
        "closing": [_day(statements["closing_date"][row]) for row in rows],
        "known": [_day(statements.known[row]) for row in rows],
        "currency": facts.currency if currency < 0 else statements.labels["currency"][currency],
        "lines": [
            (label, [_or_none(year[item][0]) for year in years]) for item, label in words.ACCOUNTS
        ],
    }


def _incidents(facts: Facts, keys: Keys) -> list[dict[str, Any]]:
    """Events known on the day, latest first."""
    incidents = facts["incidents"]
    buyer = keys.buyer[0]
    rows = [
        row
        for row in range(incidents.start[buyer], incidents.start[buyer + 1])
        if incidents.known[row] <= keys.as_of[0]
    ]
    rows.sort(key=lambda row: -incidents["event_date"][row])
    return [
        {
            "on": _day(incidents["event_date"][row]),
            "kind": words.plain(str(incidents.labels["kind"][incidents["kind"][row]])),
            "amount": _or_none(incidents["amount"][row]),
        }
        for row in rows[:MOST_SHOWN]
    ]


def _kept(record: Record) -> dict[str, Any]:
    answer = orjson.loads(record.answer)
    return {"decided_at": record.decided_at[:16].replace("T", " "), **answer}


def _day(day: np.integer) -> date:
    return np.datetime64(int(day), "D").item()


def _or_none(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _percent(value: float) -> str:
    return f"{100 * value:.2f} %" if isfinite(value) else "not known"


def _days(value: float) -> str:
    return f"{value:.0f} days" if isfinite(value) else "not known"
