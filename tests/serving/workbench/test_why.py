"""The explanation adds up, whatever is left out of sight."""

from datetime import date
from typing import Any

import numpy as np
import pytest

from features.catalog import CATALOG, column
from serving.contracts import ScoreRequest
from serving.decide import Conclusion, Desk
from serving.workbench import why

DAY = date(2025, 6, 30)


@pytest.fixture
def concluded(desk: Desk) -> Conclusion:
    return desk.conclude(ScoreRequest(buyer_id="B0000017", as_of_date=DAY))


@pytest.fixture
def topics(concluded: Conclusion) -> list[dict[str, Any]]:
    return why.topics(concluded.answer, np.full(len(CATALOG), np.nan), "en")


def test_topics_come_strongest_first_and_add_up(
    concluded: Conclusion, topics: list[dict[str, Any]]
) -> None:
    sizes = [abs(topic["log_odds"]) for topic in topics]
    assert sizes == sorted(sizes, reverse=True)
    total = concluded.answer["base_log_odds"] + sum(topic["log_odds"] for topic in topics)
    assert total == pytest.approx(concluded.answer["log_odds"])


def test_a_topics_drivers_shown_and_left_out_are_the_topic(topics: list[dict[str, Any]]) -> None:
    for topic in topics:
        shown = sum(driver["contribution"] for driver in topic["drivers"])
        assert shown + topic["left_out_sum"] == pytest.approx(topic["log_odds"])
        assert len(topic["drivers"]) <= why.DRIVERS_SHOWN
        assert all(abs(driver["contribution"]) >= why.LEAST_MOVE for driver in topic["drivers"])


def test_a_driver_stands_beside_what_is_usual(concluded: Conclusion) -> None:
    usual = np.full(len(CATALOG), 0.5)
    drivers = [d for t in why.topics(concluded.answer, usual, "fr") for d in t["drivers"]]
    assert {d["usual"] for d in drivers} >= {"0,50"}
    assert all(d["label"][0].isupper() for d in drivers)


def test_candidates_come_least_first_and_one_binds(concluded: Conclusion) -> None:
    candidates = why.candidates(concluded.answer)
    known = [c["amount"] for c in candidates if c["amount"] is not None]
    assert known == sorted(known)
    assert [c["binds"] for c in candidates].count(True) == 1
    assert candidates[0]["amount"] == next(c["amount"] for c in candidates if c["binds"])


def test_values_are_written_as_their_reader_does() -> None:
    purchases = CATALOG[column("purchases_12m")]
    assert why.value(purchases, 1234567.0, "en") == "1,234,567"
    assert why.value(purchases, 1234567.0, "fr") == "1\u202f234\u202f567"
    assert why.value(CATALOG[column("dbt_12m")], None, "en") == "not known"


def test_where_the_need_decides_the_column_tells_capacity(concluded: Conclusion) -> None:
    flat = [{**topic, "limit_effect": 0.0} for topic in concluded.answer["topics"]]
    still = why.currency({**concluded.answer, "topics": flat})
    assert still["tells"] == "capacity"
    assert still["rounding"] == 0.0
    moving = [{**topic, "limit_effect": 100.0} for topic in concluded.answer["topics"]]
    assert why.currency({**concluded.answer, "topics": moving})["tells"] == "limit"


def test_the_column_in_currency_adds_up(desk: Desk) -> None:
    for buyer_id in ("B0000017", "B0000018", "B0000019", "B0000020"):
        answer = desk.conclude(ScoreRequest(buyer_id=buyer_id, as_of_date=DAY)).answer
        money = why.currency(answer)
        effects = sum(topic[f"{money['tells']}_effect"] for topic in answer["topics"])
        assert money["base"] + effects + money["rounding"] + money["override"] == pytest.approx(
            money["total"]
        )
