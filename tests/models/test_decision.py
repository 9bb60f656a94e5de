"""Every column of an answer adds up, and one buyer alone gets what it gets in the portfolio."""

from math import exp

import numpy as np
import pytest

from features.facts import Facts, Keys
from features.tables import read_tables
from models.assessment import assess, conclude
from models.credit_model import CreditModel
from models.decision import answer

AS_OF = np.datetime64("2025-06-30", "D").astype(np.int32)


@pytest.fixture(scope="module")
def model(bundle) -> CreditModel:
    return CreditModel.load(bundle)


@pytest.fixture(scope="module")
def facts(tables) -> Facts:
    return Facts.of(read_tables(tables))


@pytest.fixture(scope="module")
def everyone(model: CreditModel, facts: Facts):
    buyers = len(facts.buyers)
    return assess(model, facts, Keys(np.arange(buyers), np.full(buyers, AS_OF)))


def one(facts: Facts, buyer: int) -> Keys:
    return Keys(np.array([buyer]), np.array([AS_OF]))


def test_base_and_drivers_are_the_log_odds_of_the_served_probability(
    model, facts, everyone
) -> None:
    for row in range(0, len(facts.buyers), 20):
        told = answer(model, facts, everyone, row)
        log_odds = told["base_log_odds"] + sum(d["contribution"] for d in told["drivers"])
        served = told["default_probability"]
        assert log_odds == pytest.approx(np.log(served / (1 - served)), abs=1e-9)


def test_every_column_of_topic_effects_adds_up(model, facts, everyone) -> None:
    for row in range(0, len(facts.buyers), 10):
        told = answer(model, facts, everyone, row)
        topics = told["topics"]
        log_odds = told["base_log_odds"] + sum(t["log_odds"] for t in topics)
        probability = told["base_probability"] + sum(t["probability_effect"] for t in topics)
        limit = told["base_limit"] + sum(t["limit_effect"] for t in topics)
        assert log_odds == pytest.approx(told["log_odds"], abs=1e-9)
        assert probability == pytest.approx(told["default_probability"], abs=1e-9)
        assert limit + told["limit_rounding"] == pytest.approx(told["limit"], abs=1e-4)
        assert 1 / (1 + exp(-told["log_odds"])) == pytest.approx(told["default_probability"])


def test_one_buyer_alone_equals_its_row_in_the_portfolio_bit_for_bit(
    model, facts, everyone
) -> None:
    for buyer in range(0, len(facts.buyers), 25):
        alone = assess(model, facts, one(facts, buyer))
        np.testing.assert_array_equal(alone.matrix[0], everyone.matrix[buyer])
        assert answer(model, facts, alone, 0) == answer(model, facts, everyone, buyer)


def test_the_least_candidate_binds_and_the_limit_is_no_more(model, facts, everyone) -> None:
    for row in range(0, len(facts.buyers), 10):
        told = answer(model, facts, everyone, row)
        applicable = {name: a for name, a in told["candidates"].items() if a is not None}
        assert told["candidates"][told["binding_constraint"]] == min(applicable.values())
        assert told["limit"] <= min(applicable.values()) + 0.01


def test_a_buyer_of_whom_nothing_is_known_is_answered_and_flagged(model, facts) -> None:
    buyer = facts.code_of("ODD-EMPTY")
    told = answer(model, facts, assess(model, facts, one(facts, buyer)), 0)
    assert {"thin_file", "no_accounts", "no_payment_history"} <= set(told["flags"])
    assert 0 < told["default_probability"] < 1
    assert told["limit"] <= model.policy.thin_file.cap
    known = [d for d in told["drivers"] if d["value"] is None]
    assert all("not known" in driver["wording"] for driver in known)


def test_what_is_asked_replaces_what_is_observed(model, facts) -> None:
    keys = one(facts, 3)
    asked = assess(model, facts, keys, {"requested_amount": 10_000, "terms_days": 90})
    assert asked.inputs.requested_amount == [10_000]
    assert asked.inputs.terms_days == [90]
    assert answer(model, facts, asked, 0)["requested_amount"] == 10_000


def test_french_answers_differ_in_words_only(model, facts, everyone) -> None:
    english = answer(model, facts, everyone, 7)
    french = answer(model, facts, everyone, 7, "fr")
    words = {"drivers", "topics", "reasons", "conditions"}
    assert {k: v for k, v in english.items() if k not in words} == {
        k: v for k, v in french.items() if k not in words
    }
    assert [d["contribution"] for d in english["drivers"]] == [
        d["contribution"] for d in french["drivers"]
    ]
    assert english["drivers"][0]["wording"] != french["drivers"][0]["wording"]


def test_a_higher_default_probability_never_raises_the_limit(model, facts) -> None:
    keys = one(facts, 11)
    told = assess(model, facts, keys)
    worse = conclude(
        model.with_policy(model.policy.revise({"loss_given_default.default": 0.9})),
        facts,
        keys,
        told.matrix,
    )
    assert worse.limits.exact[0] <= told.limits.exact[0]
