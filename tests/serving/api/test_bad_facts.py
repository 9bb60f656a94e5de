"""Raw facts as nobody should send them: a clear error or a sound decision, nothing half kept."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from serving.answers import Decision, ProblemDocument
from serving.champion import Champion
from serving.decide import Desk
from serving.portfolio import Portfolio
from serving.store.store import Store

NUMBERS = st.one_of(
    st.floats(),  # NaN and the infinities too
    st.sampled_from([1e308, -1e308, 5e-324, -0.0, 1e15, 1e15 + 1, 10**400, -(10**30), 2**63]),
    st.integers(-(10**9), 10**9),
    st.sampled_from(["12", "NaN", "1e5", "", None, True, [], {}]),
)
DAYS = st.one_of(
    st.dates().map(str),
    st.sampled_from(
        ["1950-01-01", "2100-01-01", "0001-01-01", "9999-12-31", "2025-02-30", "2025-6-1", "soon"]
    ),
    st.sampled_from(["2025-06-30T00:00:00", 20250630, -1, 1e308, None, ""]),
)
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["", "x" * 201, "\ud800", "\udfff\ud800", "\0", "é" * 200, "🏭" * 50, "a\r\nb"]
    ),
    st.sampled_from([None, 1, 1.5, True, {"a": 1}]),
)
IDS = st.sampled_from(["1", "2", "é", "1 ", "\u202e1"])
CODES = st.sampled_from(["FR", "EUR", "ZZZ", "fr", "€", "", None, "claim", "cure"])


def rows(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[Any]:
    row = st.fixed_dictionaries(required, optional=optional)
    return st.lists(row, max_size=4) | st.sampled_from([None, {}, "x", [[]], [None]])


FACTS = st.fixed_dictionaries(
    {
        "buyer": st.fixed_dictionaries(
            {"buyer_id": TEXTS | st.just("X"), "country": CODES | st.just("FR")},
            optional={"name": TEXTS, "founded_on": DAYS, "employees": NUMBERS, "sector": TEXTS},
        )
    },
    optional={
        "invoices": rows(
            {"invoice_id": IDS, "issued_on": DAYS, "due_on": DAYS, "amount": NUMBERS},
            {"paid_on": DAYS, "disputed_on": DAYS, "currency": CODES, "supplier_id": TEXTS},
        ),
        "payments": rows({"invoice_id": IDS, "paid_on": DAYS, "amount": NUMBERS}, {}),
        "statements": rows(
            {"closing_date": DAYS},
            {
                "available_at": DAYS,
                "months": NUMBERS,
                "total_assets": NUMBERS,
                "equity": NUMBERS,
                "revenue": NUMBERS,
                "ebit": NUMBERS,
                "currency": CODES,
            },
        ),
        "incidents": rows(
            {"event_date": DAYS, "kind": CODES}, {"known_on": DAYS, "amount": NUMBERS}
        ),
        "ageing": rows({"balance_date": DAYS}, {"not_due": NUMBERS, "over_180": NUMBERS}),
    },
)
ASKED = st.fixed_dictionaries(
    {"as_of_date": DAYS | st.just("2025-06-30"), "facts": FACTS},
    optional={"requested_amount": NUMBERS, "terms_days": NUMBERS, "guarantee_amount": NUMBERS},
)
SOUND = {"buyer_id": "X", "country": "FR"}
INVOICE = {"invoice_id": "1", "issued_on": "2025-01-01", "due_on": "2025-02-01", "amount": 1e15}


@pytest.fixture(scope="module")
def desk(
    bundle: Path, portfolio: Portfolio, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('facts')}/store.db")
    yield Desk(Champion(bundle), portfolio, store)
    store.close()


@pytest.fixture(scope="module")
def service(desk: Desk, client_of: Any) -> Any:
    return client_of(desk)


def answered(service: Any, desk: Desk, body: bytes) -> None:
    """A sound decision that is kept, or a problem that keeps nothing."""
    before = desk.store.head()
    answer = service.post("/v1/score", content=body)
    if answer.status_code != 200:
        assert answer.status_code in (400, 422), answer.text
        problem = ProblemDocument.model_validate_json(answer.content)
        assert problem.detail
        assert "Traceback" not in answer.text
        assert desk.store.head() == before
        return
    said = Decision.model_validate_json(answer.content)
    assert desk.store.head().sequence == before.sequence + 1
    effects = sum(topic.limit_effect for topic in said.topics)
    assert said.base_limit + effects + said.limit_rounding == pytest.approx(said.limit, abs=0.01)
    log_odds = said.base_log_odds + sum(driver.contribution for driver in said.drivers)
    assert log_odds == pytest.approx(said.log_odds, abs=1e-9)
    json.loads(answer.content, parse_constant=pytest.fail)  # NaN and Infinity are no JSON


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(ASKED)
@example({"as_of_date": "2025-06-30", "facts": {"buyer": SOUND, "invoices": [INVOICE] * 2}})
@example({"as_of_date": "2100-01-01", "facts": {"buyer": SOUND, "invoices": [INVOICE]}})
@example({"as_of_date": "1950-01-01", "facts": {"buyer": SOUND, "invoices": [INVOICE]}})
def test_any_facts_are_answered_or_explained(service: Any, desk: Desk, asked: Any) -> None:
    answered(service, desk, json.dumps(asked).encode())


LARGE = st.floats(-1e12, 1e12)  # beyond it, invoices cannot be added up to the cent
WHEN = st.dates(date(1950, 1, 1), date(2100, 1, 1)).map(str)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(WHEN, WHEN, st.none() | WHEN, LARGE), max_size=5),
    st.lists(st.tuples(WHEN, LARGE, LARGE, LARGE), max_size=3),
    st.lists(st.tuples(WHEN, st.sampled_from(["claim", "cure", "insolvency_opened"])), max_size=3),
    WHEN,
    st.none() | st.floats(0.01, 1e15),
)
def test_whatever_keeps_to_the_contract_is_decided(
    service: Any, desk: Desk, invoices: Any, statements: Any, incidents: Any, day: str, asked: Any
) -> None:
    facts = {
        "buyer": SOUND,
        "invoices": [
            {"invoice_id": str(i), "issued_on": a, "due_on": b, "paid_on": c, "amount": d}
            for i, (a, b, c, d) in enumerate(invoices)
        ],
        "statements": [
            {"closing_date": a, "total_assets": b, "equity": c, "revenue": d}
            for a, b, c, d in statements
        ],
        "incidents": [{"event_date": a, "kind": b} for a, b in incidents],
    }
    question = {"as_of_date": day, "facts": facts, "requested_amount": asked}
    before = desk.store.head().sequence
    answered(service, desk, orjson.dumps(question))
    assert desk.store.head().sequence == before + 1


BROKEN = {
    "deep object": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "deep list": b"[" * 100_000,
    "long number": b"9" * 5_000,
    "huge integer": b'{"as_of_date": ' + b"9" * 5_000 + b"}",
    "lone surrogate": b'{"as_of_date":"2025-06-30","buyer_id":"\\ud800"}',
    "surrogate bytes": b'{"as_of_date":"2025-06-30","buyer_id":"\xed\xa0\x80"}',
    "one field twice": b'{"as_of_date":"2025-06-30","as_of_date":"2025-06-30","buyer_id":""}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "NUL": b"{}\0",
    "nothing": b"",
}


@pytest.mark.parametrize("body", list(BROKEN.values()), ids=list(BROKEN))
def test_broken_bodies_are_explained(service: Any, desk: Desk, body: bytes) -> None:
    before = desk.store.head()
    answered(service, desk, body)
    assert desk.store.head() == before


def test_amounts_that_cannot_be_added_up_are_explained(service: Any) -> None:
    huge = [{**INVOICE, "invoice_id": str(number)} for number in range(9)]
    question = {"as_of_date": "2025-06-30", "facts": {"buyer": SOUND, "invoices": huge}}
    problem = service.refused(service.post("/v1/score", json=question), "invalid-request")
    assert "check their unit and currency" in problem.errors[0].remedy
