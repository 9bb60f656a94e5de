"""A what-if goes the way of every decision, and keeps nothing."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from models.levers import LEVERS
from serving.contracts import ScoreRequest
from serving.decide import Desk
from serving.what_if import FASTER, PULLED, Changes, conclude_if, reach
from serving.workbench import words

DAY = date(2025, 6, 30)
REQUEST = ScoreRequest(buyer_id="B0000017", as_of_date=DAY)


def probability(desk: Desk, **changes: Any) -> float:
    answer = conclude_if(desk, REQUEST, Changes(**changes)).answer
    return float(answer["default_probability"])


def test_nothing_changed_is_the_decision_itself(desk: Desk) -> None:
    assert not Changes()
    assert conclude_if(desk, REQUEST, Changes()).answer == desk.conclude(REQUEST).answer


def test_later_payments_raise_the_probability(desk: Desk) -> None:
    at = [probability(desk, payment_days=days) for days in (-10, 0, 30, 90)]
    assert at == sorted(at)
    assert at[0] < at[-1]


def test_new_accounts_are_read_as_published_on_the_day(desk: Desk) -> None:
    strong = {"closing_date": "2025-03-31", "total_assets": 1e7, "equity": 9e6, "revenue": 2e7}
    found = conclude_if(desk, REQUEST, Changes(statements=[strong]))
    assert found.answer["candidates"]["net_worth_share"] > 1e6
    assert found.answer["buyer_id"] == "B0000017"
    assert "2025-03-31" not in str(desk.conclude(REQUEST).facts["statements"].arrow["closing_date"])


def test_levers_pull_as_far_as_they_reach(desk: Desk) -> None:
    steps = reach(desk.conclude(REQUEST))
    assert set(steps) == {lever.name for lever in LEVERS}
    assert set(words.LEVERS) == set(PULLED) == set(steps) - {FASTER}
    for name in PULLED:
        conclude_if(desk, REQUEST, Changes(**{name: steps[name]}))


@pytest.mark.parametrize("change", [{"payment_days": 91}, {"raise_capital": -1}, {"luck": 1}])
def test_what_cannot_be_is_refused(change: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Changes(**change)
