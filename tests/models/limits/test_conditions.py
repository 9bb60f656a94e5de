from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.limits.conditions import KINDS, conditions
from models.limits.limit import limits
from models.limits.limit_inputs import LimitInputs
from models.limits.rounding import round_up
from models.policy import Policy

POLICY = Policy.load()


def buyer(**facts: Any) -> LimitInputs:
    known = {
        "net_worth": 400_000.0,
        "turnover": 1e7,
        "accounts_age_months": 6.0,
        "country_grade": 1.0,
        "terms_days": 60.0,
        "delay_days": 0.0,
        "requested_amount": 150_000.0,
        **facts,
    }
    risk = np.array([known.pop("default_probability", 0.01)])
    return LimitInputs(risk, np.array([20_000]), **{k: np.array([v]) for k, v in known.items()})


def offered(inputs: LimitInputs, policy: Policy = POLICY, **asked: Any) -> dict[str, dict]:
    granted = float(limits(policy, inputs).limit[0])
    return {c["kind"]: c for c in conditions(policy, inputs, granted, **asked)}


def test_nothing_is_asked_where_nothing_is_lacking() -> None:
    assert offered(buyer(requested_amount=90_000.0)) == {}
    assert offered(buyer(requested_amount=np.nan)) == {}


def test_each_way_to_cover_150_000_with_a_limit_of_100_000() -> None:
    found = offered(buyer(), outstanding=30_000.0)
    assert list(found) == [
        "shorter_terms",
        "maximum_order",
        "prepayment",
        "bank_guarantee",
        "retention_of_title",
    ]
    values = {kind: (c["value"], c["limit"], c["covers"]) for kind, c in found.items()}
    assert values == {
        "shorter_terms": (40.0, 100_000.0, True),
        "maximum_order": (70_000.0, 100_000.0, True),
        "prepayment": (0.35, 100_000.0, True),
        "bank_guarantee": (50_000.0, 150_000.0, True),
        "retention_of_title": (1.0, 100_000.0, False),
    }
    assert found["shorter_terms"]["text"] == "Terms of 40 days: covers the 100 000 then needed"
    assert found["retention_of_title"]["text"].endswith("cannot help, the limit stays 100 000")


def test_retention_of_title_helps_where_loss_binds() -> None:
    tight = POLICY.revise({"expected_loss_budget": 600.0})
    full = offered(buyer(net_worth=9e5, requested_amount=110_000.0), tight)["retention_of_title"]
    assert (full["covers"], full["limit"]) == (True, 110_000)
    richer = buyer(net_worth=9e5, requested_amount=130_000.0)
    part = offered(richer, tight, language="fr")["retention_of_title"]
    assert (part["covers"], part["limit"]) == (False, 115_000)
    assert part["text"] == (
        "Réserve de propriété : porte la limite à 115 000, sous les 130 000 nécessaires"
    )


def test_terms_and_prepayment_go_no_further_than_the_policy() -> None:
    found = offered(buyer(requested_amount=2_000_000.0))
    assert found["shorter_terms"]["value"] == POLICY.conditions.shortest_terms_days
    assert found["prepayment"]["value"] == POLICY.conditions.most_prepayment
    assert not found["shorter_terms"]["covers"]
    assert not found["prepayment"]["covers"]


def test_a_hard_stop_leaves_no_way() -> None:
    found = offered(buyer(insolvency_open=1.0))
    assert len(found) == len(KINDS)
    assert not any(c["covers"] or c["limit"] for c in found.values())


def test_beyond_the_cut_off_only_a_guarantee_helps() -> None:
    found = offered(buyer(default_probability=0.3))
    assert [kind for kind, c in found.items() if c["covers"]] == ["bank_guarantee"]
    assert next(iter(found)) == "bank_guarantee"
    assert found["bank_guarantee"]["value"] == 150_000


def test_what_is_outstanding_leaves_less_for_an_order() -> None:
    assert offered(buyer(), outstanding=np.nan)["maximum_order"]["value"] == 100_000
    assert offered(buyer(), outstanding=-9.0)["maximum_order"]["value"] == 100_000
    used_up = offered(buyer(), outstanding=120_000.0)["maximum_order"]
    assert (used_up["value"], used_up["covers"]) == (0, False)


def test_work_before_delivery_does_not_shrink_with_terms() -> None:
    found = offered(buyer(pre_delivery=50_000.0))["shorter_terms"]
    assert found["value"] == 30  # 100 000 over 60 days and 50 000 of work: 50 000 left for terms
    assert found["needed"] == pytest.approx(100_000)


@given(
    st.fixed_dictionaries(
        {
            "default_probability": st.floats(0, 0.2),
            "net_worth": st.floats(-1e5, 1e7),
            "terms_days": st.one_of(st.just(np.nan), st.floats(0, 120)),
            "delay_days": st.one_of(st.just(np.nan), st.floats(0, 60)),
            "purchases": st.floats(1, 1e7),
            "pre_delivery": st.floats(0, 1e5),
            "requested_amount": st.one_of(st.just(np.nan), st.floats(0.01, 1e7)),
            "group_headroom": st.one_of(st.just(np.nan), st.floats(0, 1e6)),
        }
    )
)
def test_a_condition_that_covers_does_and_none_lowers_the_limit(facts: dict[str, float]) -> None:
    inputs = buyer(**facts)
    granted = float(limits(POLICY, inputs).limit[0])
    found = conditions(POLICY, inputs, granted)
    covering = [c["covers"] for c in found]
    assert covering == sorted(covering, reverse=True)
    for condition in found:
        if condition["covers"]:
            needed = round_up(POLICY, np.array([condition["needed"]]))[0]
            assert condition["limit"] >= needed
        if condition["kind"] in ("retention_of_title", "bank_guarantee"):
            assert condition["limit"] >= granted
