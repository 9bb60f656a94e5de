"""Limits beside what is in force: cut at once, raised once confirmed, within the group's cap."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from features.facts import Facts, Keys
from features.tables import TABLES, conform, read_tables
from models.assessment import ANEW, assess, row_of
from models.cover_note import TopUp
from models.credit_model import CreditModel
from models.decision import answer
from models.limits.limit import DECISIONS
from models.limits.limit_reasons import CANDIDATES

DAY = date(2025, 6, 30)
AS_OF = np.int32((DAY - date(1970, 1, 1)).days)
ASKED = {"requested_amount": 40_000.0}
Granting = Callable[..., Facts]


@pytest.fixture(scope="module")
def model(bundle) -> CreditModel:
    return CreditModel.load(bundle)


@pytest.fixture(scope="module")
def granting(tables) -> Granting:
    """The portfolio where every buyer has one limit in force, on the days given."""
    raw = read_tables(tables)
    ids = raw["buyers"]["buyer_id"]

    def make(limit: float, since: date = date(2025, 1, 1), **buyers: list[Any]) -> Facts:
        exposures = {
            "buyer_id": ids,
            "limit": pa.array([limit] * len(ids)),
            "valid_from": pa.array([since] * len(ids), pa.date32()),
        }
        named = {**raw["buyers"].to_pydict(), **buyers}
        return Facts.of(
            {
                **raw,
                "buyers": conform("buyers", pa.table(named, schema=TABLES["buyers"].schema)),
                "exposures": conform("exposures", pa.table(exposures)),
            }
        )

    return make


def everyone(facts: Facts) -> Keys:
    return Keys(np.arange(len(facts.buyers)), np.full(len(facts.buyers), AS_OF))


def binding(found) -> np.ndarray:
    return np.array(CANDIDATES)[found.limits.binding]


def test_a_cut_comes_at_once(model, granting) -> None:
    facts = granting(1e9)
    found = assess(model, facts, everyone(facts), ASKED)
    anew = assess(model, facts, everyone(facts), {**ASKED, **ANEW})
    assert (found.limits.limit == anew.limits.limit).all()
    told = answer(model, facts, found, 0)["in_force"]
    assert (told["limit"], told["since"]) == (1e9, "2025-01-01")
    assert told["change"] in ("reduced", "withdrawn")
    assert told["covered_outstanding"] == (told["outstanding"] or 0.0)


def test_a_raise_that_would_have_been_none_some_days_ago_waits(model, granting) -> None:
    facts = granting(1_000.0)
    patient = model.with_policy(model.policy.revise({"hysteresis.confirmation_days": 365}))
    found = assess(patient, facts, everyone(facts), ASKED)
    anew = assess(patient, facts, everyone(facts), {**ASKED, **ANEW})
    before = Keys(everyone(facts).buyer, everyone(facts).as_of - np.int32(365))
    then = assess(patient, facts, before, {**ASKED, **ANEW})
    able_then = np.nanmin(then.limits.candidates[:, 1:], axis=1)
    raised = anew.limits.exact > 1_000
    waits = raised & ~(able_then > 1_000)
    assert (found.limits.limit[waits] == 1_000).all()
    assert (binding(found)[waits] == "unconfirmed_raise").all()
    assert (found.limits.limit[~waits] == anew.limits.limit[~waits]).all()
    assert waits.any()
    told = answer(patient, facts, found, int(np.flatnonzero(waits)[0]))
    assert told["in_force"]["change"] == "held"
    assert told["decision"] == "partial"
    assert [reason["code"] for reason in told["reasons"]][-1] == "binding_unconfirmed_raise"
    effects = sum(topic["limit_effect"] for topic in told["topics"])
    assert told["base_limit"] + effects + told["limit_rounding"] == pytest.approx(told["limit"])


def test_a_confirmed_raise_by_enough_is_granted(model, granting) -> None:
    facts = granting(1_000.0)
    eager = model.with_policy(model.policy.revise({"hysteresis.confirmation_days": 0}))
    found = assess(eager, facts, everyone(facts), ASKED)
    anew = assess(eager, facts, everyone(facts), {**ASKED, **ANEW})
    assert (found.limits.limit == anew.limits.limit).all()
    row = int(np.flatnonzero(found.limits.limit > 1_000)[0])
    assert answer(eager, facts, found, row)["in_force"]["change"] == "raised"


def test_a_raise_too_small_to_be_worth_it_waits_for_a_notch(model, granting) -> None:
    anew = assess(model, granting(1.0), everyone(granting(1.0)), ANEW).limits
    able = np.nanmin(anew.candidates[:, 1:], axis=1)
    row = int(np.flatnonzero((able > 20_000) & ~np.isnan(able))[0])
    current = round(float(able[row]) / 1.10, 2)  # ten percent short: not enough by itself
    facts = granting(current, since=DAY)
    keys, asked = Keys(np.array([row]), np.array([AS_OF])), {"requested_amount": 1e8}
    no_wait = model.with_policy(model.policy.revise({"hysteresis.confirmation_days": 0}))
    assert assess(no_wait, facts, keys, asked).limits.limit[0] == current
    bold = no_wait.policy.revise({"hysteresis.minimum_raise": 0.05})
    assert assess(model.with_policy(bold), facts, keys, asked).limits.limit[0] > current


def test_held_limits_are_the_same_alone_and_together(model, granting) -> None:
    facts = granting(1_000.0)
    found = assess(model, facts, everyone(facts), ASKED)
    for row in range(0, len(facts.buyers), 20):
        one = assess(model, facts, Keys(np.array([row]), np.array([AS_OF])), ASKED)
        assert answer(model, facts, one, 0) == answer(model, facts, found, row)


def test_the_others_of_a_group_leave_what_its_cap_leaves(model, granting) -> None:
    buyers = len(granting(1.0).buyers)
    facts = granting(3e6, group_id=["G"] * 3 + [None] * (buyers - 3))
    found = assess(model, facts, everyone(facts), {"requested_amount": 5e6})
    cap = model.policy.caps.group
    told = answer(model, facts, found, 0)
    assert told["group"] == {
        "group_id": "G",
        "other_companies": 2,
        "cap": cap,
        "used_by_others": 6e6,
        "headroom": cap - 6e6,
    }
    assert told["candidates"]["group_cap"] == cap - 6e6
    assert told["limit"] <= cap - 6e6
    assert answer(model, facts, found, 5)["group"] is None


def test_an_overlay_is_told_with_its_owner_reason_and_end(model, granting) -> None:
    facts = granting(1_000.0)
    found = assess(model, facts, everyone(facts), ASKED)
    hit = np.char.startswith(found.inputs.sector, "F")
    assert hit.any()
    for row in np.flatnonzero(hit)[:3]:
        (overlay,) = answer(model, facts, found, int(row))["overlays"]
        assert overlay["owner"] == "credit committee"
        assert overlay["expires"] == "2027-06-30"
        assert overlay["reason"].startswith("construction")
    assert answer(model, facts, found, int(np.flatnonzero(~hit)[0]))["overlays"] == []


def test_a_top_up_has_its_own_end_and_leaves_the_limit(model, granting) -> None:
    facts = granting(1_000.0)
    found = assess(model, facts, everyone(facts), {**ASKED, **ANEW})
    full = np.flatnonzero(np.array(DECISIONS)[found.limits.decision] == "full")
    row, asked = int(full[0]), TopUp(8_000.0, int(AS_OF) + 400)
    told = answer(model, facts, found, row, top_up=asked)
    assert told["limit"] == 40_000
    assert told["top_up"] == {
        "asked": 8_000.0,
        "granted": 8_000.0,
        "valid_from": "2025-06-30",
        "valid_until": "2025-09-27",  # ninety days, the policy's most
        "limit_with_top_up": 48_000.0,
    }
    assert answer(model, facts, found, row)["top_up"] is None


def test_effects_on_the_capacity_add_up_where_the_need_binds(model, granting) -> None:
    facts = granting(1_000.0)
    found = assess(model, facts, everyone(facts), {"requested_amount": 1_000.0})
    moved = 0
    for row in range(0, len(facts.buyers), 10):
        told = answer(model, facts, found, row)
        effects = [topic["capacity_effect"] for topic in told["topics"]]
        total = told["base_capacity"] + sum(effects)
        assert total == pytest.approx(told["capacity"], abs=1e-4)
        known = [a for name, a in told["candidates"].items() if a is not None]
        assert told["limit"] <= min(known)
        need_binds = told["binding_constraint"] == "need"
        moved += need_binds and any(effects)
    assert moved


def test_money_is_told_and_the_policys_digest(model, granting) -> None:
    facts = granting(1_000.0)
    found = assess(model, facts, everyone(facts), {**ASKED, **ANEW})
    row = int(np.flatnonzero(found.limits.limit == 40_000)[0])
    told = answer(model, facts, found, row)
    money, probability = told["money"], told["default_probability"]
    assert money["expected_loss"] == pytest.approx(probability * 0.60 * 40_000)
    assert money["insurer_expected_loss"] == pytest.approx(0.90 * money["expected_loss"])
    assert money["sales_to_recover"] == pytest.approx(0.60 * 40_000 / 0.10)
    assert told["policy_digest"] == model.policy.digest
    other = model.with_policy(model.policy.revise({"expected_loss_budget": 2_999.0}))
    assert answer(other, facts, found, row)["policy_digest"] != told["policy_digest"]


def test_one_row_of_a_record_keeps_what_all_rows_share(model, granting) -> None:
    found = assess(model, granting(1.0), everyone(granting(1.0)), ASKED)
    one = row_of(found.inputs, 3)
    assert len(one) == 1
    assert one.requested_amount == [40_000]
    assert one.net_worth.tobytes() == found.inputs.net_worth[[3]].tobytes()
