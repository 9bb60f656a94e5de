"""Each counterfactual is made true here, lever by lever, and scored by the ordinary path."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from features.build import feature_matrix
from features.catalog import column
from features.facts import NEVER, Facts, Keys
from features.tables import read_tables
from features.what_if.what_if import alone, with_columns
from models.assessment import ANEW, Assessment, assess
from models.counterfactual import Counterfactuals, counterfactuals
from models.credit_model import CreditModel
from models.levers import LEVERS

AS_OF = np.datetime64("2025-06-30", "D").astype(np.int32)
LEVER = {lever.name: lever for lever in LEVERS}
ASKED = {"requested_amount": 6_000.0}


@pytest.fixture(scope="module")
def facts(tables) -> Facts:
    return Facts.of(read_tables(tables))


@pytest.fixture(scope="module")
def model(bundle, facts) -> CreditModel:
    """The small model, with the ranges of its buyers."""
    model = CreditModel.load(bundle)
    buyers = len(facts.buyers)
    matrix = feature_matrix(facts, Keys(np.arange(buyers), np.full(buyers, AS_OF)))
    ranges = {}
    for name in model.feature_names:
        seen = matrix[:, column(name)]
        seen = seen[~np.isnan(seen)]
        low, middle, high = np.percentile(seen, [1, 50, 99]) if len(seen) else [np.nan] * 3
        ranges[name] = (float(low), float(middle), float(high))
    return replace(model, ranges=ranges)


@pytest.fixture(scope="module")
def everyone(model, facts) -> Assessment:
    buyers = len(facts.buyers)
    return assess(model, facts, Keys(np.arange(buyers), np.full(buyers, AS_OF)), {**ASKED, **ANEW})


@pytest.fixture(scope="module")
def asked(model, facts, everyone) -> list[tuple[int, Counterfactuals]]:
    """(row, answer) of buyers with something to gain."""
    grade = everyone.limits.grade
    rows = np.flatnonzero((grade > grade.min()) & (grade < 10))[:80]
    return [(int(row), counterfactuals(model, facts, everyone, row)) for row in rows]


@pytest.fixture(scope="module")
def told(asked) -> list[tuple[int, dict]]:
    """(row, counterfactual) of those that can gain it."""
    told = [(row, found) for row, answer in asked for found in answer.found]
    assert len(told) >= 5
    return told


def made_true(model, facts: Facts, row: int, steps: dict[str, int]) -> Assessment:
    one = alone(facts, row)
    for name, count in steps.items():
        if count:
            one = LEVER[name].change(one, int(AS_OF), count)
    return assess(model, one, Keys(np.array([0]), np.array([AS_OF])), {**ASKED, **ANEW})


def steps_of(counterfactual: dict) -> dict[str, int]:
    return {change["lever"]: change["steps"] for change in counterfactual["changes"]}


def reaches(everyone: Assessment, row: int, after: Assessment) -> set[str]:
    goals = set()
    if after.limits.grade[0] < everyone.limits.grade[row]:
        goals.add("grade")
    if everyone.limits.limit[row] < everyone.limits.candidates[row, 0] and (
        after.limits.limit[0] >= after.limits.candidates[0, 0]
    ):
        goals.add("request")
    return goals


def test_what_is_promised_is_what_scoring_again_gives(model, facts, everyone, told) -> None:
    for row, counterfactual in told:
        after = made_true(model, facts, row, steps_of(counterfactual))
        assert counterfactual["default_probability"] == after.default_probability[0]
        assert counterfactual["limit"] == after.limits.limit[0]
        names = model.policy.master_scale.names
        assert counterfactual["grade"] == names[after.limits.grade[0]]
        assert set(counterfactual["reaches"]) <= reaches(everyone, row, after)
        for change in counterfactual["changes"]:
            old = everyone.column(change["feature"])[row]
            assert change["old"] == (None if np.isnan(old) else old)
            assert change["new"] == after.column(change["feature"])[0]


def test_one_step_less_does_not_reach(model, facts, everyone, told) -> None:
    singles = [(row, c) for row, c in told if len(c["changes"]) == 1]
    assert singles
    for row, counterfactual in singles:
        ((lever, steps),) = steps_of(counterfactual).items()
        almost = reaches(everyone, row, made_true(model, facts, row, {lever: steps - 1}))
        assert not almost & set(counterfactual["reaches"])


def test_no_feature_moves_beyond_what_was_observed(model, facts, everyone, told) -> None:
    for row, counterfactual in told:
        after = made_true(model, facts, row, steps_of(counterfactual)).matrix[0]
        for name in model.feature_names:
            new, old = after[column(name)], everyone.matrix[row, column(name)]
            if not (new == old or np.isnan(new)):
                low, _, high = model.ranges[name]
                assert min(low, old) <= new <= max(high, old) or np.isnan(old), name
                if np.isnan(old):
                    assert low <= new <= high, name


def test_narrower_ranges_forbid_what_leaves_them(model, facts, everyone, told) -> None:
    still = replace(model, ranges=dict.fromkeys(model.feature_names, (1e9, 1e9, 1e9)))
    for row, _ in told[:3]:
        found = counterfactuals(still, facts, everyone, row)
        for counterfactual in found.found:
            after = made_true(model, facts, row, steps_of(counterfactual)).matrix[0]
            moved = after[model.columns] - everyone.matrix[row, model.columns]
            assert not (moved < 0).any()


def test_pairs_are_told_only_where_no_lever_alone_helps(asked) -> None:
    for _, answer in asked:
        assert len({len(found["changes"]) for found in answer.found}) <= 1
        assert (answer.reason is None) == bool(answer.found)


def test_two_levers_reach_what_neither_does_alone(
    model, facts, everyone, told, monkeypatch
) -> None:
    """Each of two levers is cut one day short of what the buyer needs."""
    pairs = []
    for row, counterfactual in told:
        steps = steps_of(counterfactual)
        days = steps.get("pay_faster", 0)
        if len(steps) > 1 or days < 2:
            continue
        short = [
            replace(LEVER["pay_faster"], name=name, most=lambda *_, days=days: days - 1)
            for name in ("a", "b")
        ]
        monkeypatch.setattr("models.counterfactual.LEVERS", short)
        for found in counterfactuals(model, facts, everyone, row).found:
            if found["lever"] == "a+b":
                pairs.append(days)
                assert days <= sum(steps_of(found).values()) <= 2 * (days - 1)
    assert pairs


def test_a_buyer_without_facts_can_change_nothing(model, facts, everyone) -> None:
    found, reason = counterfactuals(model, facts, everyone, facts.code_of("ODD-EMPTY"))
    assert found == []
    assert reason["code"] == "nothing_to_change"


def test_who_has_all_has_nothing_to_gain(model, facts, everyone) -> None:
    satisfied = replace(
        everyone,
        limits=replace(
            everyone.limits,
            grade=np.zeros_like(everyone.limits.grade),
            candidates=np.full_like(everyone.limits.candidates, 30_000.0),
        ),
    )
    found, reason = counterfactuals(model, facts, satisfied, 0)
    assert found == []
    assert reason["code"] == "nothing_to_gain"


def test_a_raise_that_waits_changes_nothing(model, facts, everyone, told) -> None:
    keys = Keys(np.arange(len(facts.buyers)), np.full(len(facts.buyers), AS_OF))
    waiting = assess(model, facts, keys, {**ASKED, "held_limit": 0.0})
    assert not waiting.limits.limit.any()
    for row in list(dict(told))[:5]:
        assert counterfactuals(model, facts, waiting, row) == counterfactuals(
            model, facts, everyone, row
        )


def test_insolvency_is_out_of_the_buyers_reach(model, facts, everyone) -> None:
    insolvent = np.flatnonzero(everyone.column("insolvency_open") > 0)
    assert len(insolvent)
    for row in insolvent[:2]:
        found, reason = counterfactuals(model, facts, everyone, row)
        assert found == []
        assert reason["code"] in ("out_of_reach", "nothing_to_change")


def test_french_differs_in_words_only(model, facts, everyone, told) -> None:
    row, english = told[0]
    french = counterfactuals(model, facts, everyone, row, "fr").found[0]
    assert {k: v for k, v in french.items() if k != "text"} == {
        k: v for k, v in english.items() if k != "text"
    }
    assert "limite" in french["text"]
    assert "limit " in english["text"]


def test_what_becomes_known_later_changes_no_counterfactual(model, facts, everyone, told) -> None:
    later = facts["invoices"]["paid_on"]
    unpaid = np.where(later > AS_OF, NEVER, later)
    paid_on = pa.array(unpaid, mask=unpaid == NEVER).cast(pa.date32())
    blind = with_columns(facts, "invoices", paid_on=paid_on)
    for row in dict(told):
        assert counterfactuals(model, blind, everyone, row) == counterfactuals(
            model, facts, everyone, row
        )
