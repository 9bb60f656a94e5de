"""The evidence is what was known on the day, and says what is missing."""

from datetime import date

import numpy as np
import pytest

from features.catalog import CATALOG, column
from features.payments.ageing import BUCKETS
from serving.contracts import ScoreRequest
from serving.decide import Conclusion, Desk
from serving.workbench import evidence

DAY = date(2025, 6, 30)
USUAL = np.full(len(CATALOG), 0.5)


def concluded(desk: Desk, buyer_id: str = "B0000017", day: date = DAY) -> Conclusion:
    return desk.conclude(ScoreRequest(buyer_id=buyer_id, as_of_date=day))


def test_ageing_adds_up_to_what_is_owed(desk: Desk) -> None:
    for buyer_id in ("B0000017", "B0000018", "B0000019"):
        one = concluded(desk, buyer_id)
        buckets = evidence.ageing(one.facts, one.assessment.keys)
        owed = sum(bucket["amount"] for bucket in buckets)
        assert owed == pytest.approx(one.assessment.matrix[0, column("open_amount")], abs=0.01)
        assert len(buckets) >= len(BUCKETS) - 1


def test_accounts_are_those_known_newest_first(desk: Desk) -> None:
    one = concluded(desk)
    accounts = evidence.accounts(one.facts, one.assessment.keys, USUAL, "en")
    assert accounts is not None
    years = len(accounts["closing"])
    assert 1 <= years <= evidence.YEARS_SHOWN
    assert accounts["closing"] == sorted(accounts["closing"], reverse=True)
    assert all(known <= DAY for known in accounts["known"])
    assert all(len(values) == years for _, values in accounts["lines"])
    assert all(len(ratio["values"]) == years for ratio in accounts["ratios"])


def test_a_ratio_is_judged_by_its_sign(desk: Desk) -> None:
    one = concluded(desk)
    accounts = evidence.accounts(one.facts, one.assessment.keys, USUAL, "en")
    assert accounts is not None
    own = one.assessment.matrix[0, column("equity_ratio")]
    judged = next(r for r in accounts["ratios"] if r["label"] == "Equity ratio")
    assert judged["worse"] == (own < 0.5)
    assert judged["usual"] == "50.0 %"


def test_new_accounts_begin_a_year_after_the_last(desk: Desk) -> None:
    one = concluded(desk)
    accounts = evidence.accounts(one.facts, one.assessment.keys, USUAL, "en")
    following = evidence.next_accounts(one.facts, one.assessment.keys)
    assert accounts is not None
    assert following["closing_date"][:4] == str(accounts["closing"][0].year + 1)
    assert following["amounts"]["revenue"] == pytest.approx(
        1000 * accounts["lines"][0][1][0], abs=0.5
    )
    nobody = concluded(desk, "ODD-EMPTY")
    blank = evidence.next_accounts(nobody.facts, nobody.assessment.keys)
    assert set(blank["amounts"].values()) == {None}


def test_incidents_are_those_known_latest_first(desk: Desk) -> None:
    incidents = desk.portfolio.facts["incidents"]
    code = next(
        b for b in range(len(desk.portfolio)) if incidents.start[b] < incidents.start[b + 1]
    )
    buyer_id = str(desk.portfolio.facts.buyer_ids[code])

    def known_by(day: date) -> list[date]:
        one = concluded(desk, buyer_id, day)
        return [event["on"] for event in evidence.incidents(one.facts, one.assessment.keys)]

    days = known_by(date(2025, 12, 31))
    assert days == sorted(days, reverse=True)
    assert days
    assert known_by(date(2010, 1, 1)) == []


def test_quality_counts_what_is_known_by_the_day(desk: Desk) -> None:
    model = desk.champion.now.model
    late, early = concluded(desk), concluded(desk, day=date(2023, 6, 30))
    now = evidence.quality(model, late.facts, late.assessment, "en")
    then = evidence.quality(model, early.facts, early.assessment, "en")
    assert 0 < then["invoices"] < now["invoices"]
    assert 0 < now["known"] <= now["read"] == len(model.features)
    nobody = concluded(desk, "ODD-EMPTY")
    nothing = evidence.quality(model, nobody.facts, nobody.assessment, "fr")
    assert nothing["days_since"] is None
    assert "Liquidité" in nothing["dark"]
