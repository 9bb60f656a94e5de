"""What the buyer page shows is what was decided, and what it was decided from."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from features.catalog import column
from models.credit_model import CreditModel
from serving.decide import Desk
from serving.workbench.buyer import QUARTERS, buyer_page, enough, identity, track_record
from serving.workbench.question import Question, question_of

DAY = date(2025, 6, 30)


def asked(buyer_id: str = "B0000017", **fields: str) -> Question:
    return question_of(fields, buyer_id, DAY, "en")


def shown(desk: Desk, buyer_id: str = "B0000017", **fields: str) -> dict[str, Any]:
    return buyer_page(desk, asked(buyer_id, **fields), "en")


def test_the_trends_end_with_the_answer(desk: Desk) -> None:
    page = shown(desk)
    assert len(page["trend"].points) == len(page["grades_past"]) == QUARTERS + 1
    assert (
        page["trend"].points[-1].text == f"{100 * page['answer']['default_probability']:.2f}\u00a0%"
    )
    assert page["trend"].last == page["grades_past"][-1]["on"] == "Jun 2025"
    assert page["grades_past"][-1]["grade"] == page["answer"]["grade"]


def test_without_a_what_if_nothing_moves(desk: Desk) -> None:
    page = shown(desk)
    assert not page["question"].is_what_if
    assert page["answer"] is page["now"]
    assert page["moved"] == []


def test_a_what_if_stands_beside_what_is_and_what_it_moves(desk: Desk) -> None:
    page = shown(desk, payment_days="60")
    assert page["question"].is_what_if
    assert page["answer"]["default_probability"] > page["now"]["default_probability"]
    assert page["now"] == shown(desk)["answer"]
    changes = [abs(one["change"]) for one in page["moved"]]
    assert changes == sorted(changes, reverse=True)
    assert all(one["old"] != one["new"] for one in page["moved"])
    assert changes


def test_what_is_enough_is_reached_by_the_fields_it_names(desk: Desk) -> None:
    found = 0
    for buyer_id in ("B0000017", "B0000018", "B0000019", "B0000020", "B0000021"):
        for one in enough(desk, asked(buyer_id))["found"]:
            fields = dict(pair.split("=") for pair in one["tried"].split("&"))
            tried = shown(desk, buyer_id, **fields)["answer"]
            assert tried["grade"] == one["grade"]
            assert tried["default_probability"] == one["default_probability"]
            found += 1
    assert found


def test_a_buyer_is_told_in_the_readers_language(desk: Desk) -> None:
    code = desk.portfolio.facts.code_of("ODD-NAME")
    assert identity(desk.portfolio, code, "en")["country_name"] == "France"
    spanish = next(
        b for b in range(len(desk.portfolio)) if desk.portfolio.text("country", b) == "ES"
    )
    assert identity(desk.portfolio, spanish, "fr")["country_name"] == "Espagne"


def test_a_group_counts_its_companies(desk: Desk) -> None:
    groups = [desk.portfolio.text("group_id", b) for b in range(len(desk.portfolio))]
    member = next(b for b, group in enumerate(groups) if group)
    assert identity(desk.portfolio, member)["group_size"] == groups.count(groups[member])
    assert identity(desk.portfolio, groups.index(""))["group_size"] == 0


def test_a_lever_reaches_no_further_than_the_buyers_facts(desk: Desk) -> None:
    page = shown(desk)
    latest = desk.conclude(asked().plain).assessment.matrix[0, column("days_late_max_12m")]
    assert page["reach"]["sooner"] == (0 if np.isnan(latest) else min(int(latest), 90))
    assert shown(desk, "ODD-EMPTY")["reach"]["later"] == 0


@pytest.mark.parametrize("buyer_id", ["ODD-EMPTY", "ODD-NAME"])
def test_nothing_known_is_shown_as_such(desk: Desk, buyer_id: str) -> None:
    page = shown(desk, buyer_id)
    assert page["accounts"] is None
    assert page["ageing"] == []
    assert page["lateness"].points == []
    assert page["quality"]["invoices"] == 0


def test_a_grade_tells_what_was_observed_of_it(credit_model: CreditModel) -> None:
    assert track_record(credit_model, "5") is None
    observed = {"grades": {"5": {"n": 1000, "defaults": 6}}}
    validated = replace(credit_model, validation=observed)
    track = track_record(validated, "5")
    assert track is not None
    assert (track["count"], track["defaults"], track["rate"]) == (1000, 6, 0.006)
    # Jeffreys: Beta(6.5, 994.5), by R's qbeta(c(.025, .975), 6.5, 994.5)
    assert (track["low"], track["high"]) == pytest.approx((0.0025, 0.0123), abs=2e-4)
    assert track_record(validated, "6") is None
