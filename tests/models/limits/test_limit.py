"""The limit engine against a plain reading of the rules, and its properties."""

from dataclasses import fields, replace
from datetime import date
from math import ceil, floor, inf, isnan, nan
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.limits.limit import DECISIONS, Limits, limit_and_capacity, limits
from models.limits.limit_inputs import LimitInputs
from models.limits.limit_reasons import BINDING, CANDIDATES, REASONS, reasons
from models.policy import Policy

POLICY = Policy.load()
TODAY = (date(2026, 3, 31) - date(1970, 1, 1)).days

amounts = st.floats(1.0, 1e9)
maybe = st.one_of(st.just(nan), amounts)
flags = st.sampled_from([0.0, 0.0, 0.0, 1.0])
probabilities = st.floats(0.0, 1.0)

FACTS: dict[str, st.SearchStrategy[Any]] = {
    "default_probability": st.one_of(st.floats(0.0, 0.12), probabilities),
    "as_of": st.integers(TODAY - 900, TODAY + 900),
    "net_worth": st.one_of(maybe, st.floats(-1e8, 1e8)),
    "turnover": maybe,
    "accounts_age_months": st.one_of(st.just(nan), st.floats(0, 60)),
    "purchases": maybe,
    "terms_days": st.one_of(st.just(nan), st.floats(0, 120)),
    "delay_days": st.one_of(st.just(nan), st.floats(0, 200)),
    "pre_delivery": st.one_of(st.just(0.0), st.floats(0, 1e6)),
    "requested_amount": maybe,
    "guarantee_amount": st.one_of(st.just(0.0), st.floats(0, 1e6)),
    "retention_of_title": flags,
    "surety": flags,
    "senior": flags,
    "insolvency_open": flags,
    "in_default": flags,
    "group_headroom": st.one_of(st.just(nan), st.floats(-1e6, 1e7)),
    "held_limit": st.one_of(st.just(nan), st.just(nan), st.floats(0, 1e7)),
    "country_grade": st.sampled_from([nan, 1.0, 2.0, 3.5, 7.0, 8.0]),
    "country": st.sampled_from(["", "FR", "DE"]),
    "sector": st.sampled_from(["", "F41.2", "I", "C10"]),
    "entity_type": st.sampled_from(["", "company", "company", "public_body", "natural_person"]),
}
buyers = st.fixed_dictionaries(FACTS)


def inputs_of(*rows: dict[str, Any]) -> LimitInputs:
    return LimitInputs(**{name: np.array([row[name] for row in rows]) for name in rows[0]})


def buyer(**facts: Any) -> LimitInputs:
    """A sound buyer, but for what is said."""
    sound = {
        "default_probability": 0.01,
        "as_of": TODAY,
        "net_worth": 1e6,
        "turnover": 1e7,
        "accounts_age_months": 8.0,
        "country_grade": 1.0,
        "entity_type": "company",
    }
    return inputs_of({**sound, **facts})


def limit_of(**facts: Any) -> float:
    return float(limits(POLICY, buyer(**facts)).limit[0])


def same(one: Limits, other: Limits) -> None:
    for field in fields(Limits):
        left, right = getattr(one, field.name), getattr(other, field.name)
        assert left.tobytes() == right.tobytes(), field.name


# --- a plain reading of the rules, one buyer at a time, nothing shared with the engine


def oracle(policy: Policy, b: dict[str, Any]) -> dict[str, float]:
    failed = b["insolvency_open"] or b["in_default"]
    scale, p = policy.master_scale, b["default_probability"]
    grade = len(scale.names) - 1 if failed else sum(p >= bound for bound in scale.bounds[1:-1])
    lgd = policy.loss_given_default.default
    for security in ("retention_of_title", "surety", "senior"):
        lgd *= getattr(policy.loss_given_default, security) if b[security] else 1
    p = min(max(p, scale.bounds[0]), 0.9999)
    thin = isnan(b["net_worth"]) and isnan(b["turnover"])
    stale = not thin and not b["accounts_age_months"] <= policy.stale_accounts.after_months
    own = {
        "net_worth_share": max(policy.by_grade.net_worth_share[grade] * b["net_worth"], 0),
        "turnover_share": policy.by_grade.turnover_share[grade] * b["turnover"],
        "expected_loss_budget": policy.expected_loss_budget / (p * lgd),
        "return_hurdle": oracle_hurdle(policy, p, lgd),
        "grade_cap": policy.by_grade.cap[grade] if grade < policy.cut_off_grade else 0.0,
        "thin_file_cap": policy.thin_file.cap if thin else nan,
        "stale_accounts_cap": policy.stale_accounts.cap if stale else nan,
    }
    if isnan(b["net_worth"]):
        own["net_worth_share"] = nan
    least = min(amount for amount in own.values() if not isnan(amount))
    today = date.fromordinal(date(1970, 1, 1).toordinal() + b["as_of"])
    factors = [
        overlay.factor
        for overlay in policy.overlays
        if overlay.starts <= today <= overlay.expires
        and overlay.sector in (None, b["sector"][:1])
        and overlay.country in (None, b["country"])
    ]
    own["overlay"] = least * min(factors) if factors and min(factors) < 1 else nan
    own = {name: amount + b["guarantee_amount"] for name, amount in own.items()}
    stopped = failed or b["entity_type"] in policy.refused_entities
    unrated = isnan(b["country_grade"])
    return {
        "need": oracle_need(policy, b),
        **own,
        "single_name_cap": policy.caps.single_name,
        "group_cap": nan if isnan(b["group_headroom"]) else max(b["group_headroom"], 0),
        "country_cap": policy.caps.country_unrated
        if unrated
        else policy.caps.country[ceil(b["country_grade"]) - 1],
        "sector_cap": policy.caps.sector.get(b["sector"][:1], nan),
        "unconfirmed_raise": b["held_limit"],
        "hard_stop": 0.0 if stopped else nan,
    }


def oracle_hurdle(policy: Policy, p: float, lgd: float) -> float:
    normal, rule = NormalDist(), policy.return_on_capital
    w = (1 - np.exp(-50 * p)) / (1 - np.exp(-50))
    r = 0.12 * w + 0.24 * (1 - w)
    stressed = normal.cdf((normal.inv_cdf(p) + r**0.5 * normal.inv_cdf(0.999)) / (1 - r) ** 0.5)
    surplus = rule.margin - rule.cost - p * lgd - rule.hurdle * lgd * (stressed - p)
    return max(surplus, 0.0) / rule.hurdle * rule.concentration


def oracle_need(policy: Policy, b: dict[str, Any]) -> float:
    exposure = b["requested_amount"]
    if isnan(exposure):
        rule = policy.need
        terms = rule.terms_days if isnan(b["terms_days"]) else b["terms_days"]
        delay = rule.delay_days if isnan(b["delay_days"]) else b["delay_days"]
        days = terms + min(delay, rule.most_delay_days)
        exposure = b["purchases"] * days / 365 * rule.peak_factor
        if not policy.cover.vat_included:
            exposure /= 1 + policy.cover.vat_rate
        exposure += b["pre_delivery"]
    return exposure if isnan(exposure) else ceil(round(exposure, 2) / (s := step(exposure))) * s


def step(amount: float) -> float:
    return next(s.step for s in POLICY.rounding if round(amount, 2) < s.below)


@given(buyers)
def test_every_amount_is_the_one_the_rules_give(b: dict[str, Any]) -> None:
    found = limits(POLICY, inputs_of(b))
    expected = oracle(POLICY, b)
    assert tuple(expected) == CANDIDATES
    np.testing.assert_allclose(found.candidates[0], list(expected.values()), rtol=1e-9, atol=1e-6)
    least = min((amount, i) for i, amount in enumerate(found.candidates[0]) if not isnan(amount))
    assert found.exact[0] == least[0]
    stopped = expected["hard_stop"] == 0
    assert found.binding[0] == (CANDIDATES.index("hard_stop") if stopped else least[1])
    rounded = round(least[0], 2)
    on_grid = floor(rounded / step(rounded)) * step(rounded)
    assert found.limit[0] == (least[0] if least[0] == b["held_limit"] else on_grid)


# --- properties


@given(buyers)
def test_the_limit_is_within_every_candidate_and_none_is_negative(b: dict[str, Any]) -> None:
    found = limits(POLICY, inputs_of(b))
    known = found.candidates[0][~np.isnan(found.candidates[0])]
    assert (known >= 0).all()
    assert (found.exact[0] <= known).all()
    assert 0 <= found.limit[0] <= found.exact[0] + 0.005  # amounts are read to the cent


@given(buyers, probabilities, probabilities)
def test_more_risk_never_gets_more(b: dict[str, Any], one: float, other: float) -> None:
    low, high = sorted((one, other))
    rows = ({**b, "default_probability": low}, {**b, "default_probability": high})
    safer, riskier = (limits(POLICY, inputs_of(row)) for row in rows)
    assert riskier.exact[0] <= safer.exact[0]
    assert riskier.limit[0] <= safer.limit[0]


@given(buyers, st.floats(0.05, 1), st.floats(0.05, 1))
def test_a_larger_loss_given_default_never_gets_more(
    b: dict[str, Any], one: float, other: float
) -> None:
    low, high = (POLICY.revise({"loss_given_default.default": lgd}) for lgd in sorted((one, other)))
    assert limits(high, inputs_of(b)).exact <= limits(low, inputs_of(b)).exact
    assert limits(high, inputs_of(b)).limit <= limits(low, inputs_of(b)).limit


@pytest.mark.parametrize("security", ["retention_of_title", "surety", "senior"])
@given(b=buyers)
def test_a_security_never_raises_the_loss_nor_lowers_the_limit(
    security: str, b: dict[str, Any]
) -> None:
    bare, secured = (limits(POLICY, inputs_of({**b, security: given})) for given in (0.0, 1.0))
    assert secured.loss_given_default < bare.loss_given_default
    assert secured.exact >= bare.exact


@pytest.mark.parametrize(
    "fact",
    ["net_worth", "turnover", "purchases", "requested_amount", "pre_delivery", "guarantee_amount"],
)
@given(b=buyers, one=amounts, other=amounts)
def test_more_substance_need_or_security_never_gets_less(
    fact: str, b: dict[str, Any], one: float, other: float
) -> None:
    less, more = (limits(POLICY, inputs_of({**b, fact: amount})) for amount in sorted((one, other)))
    assert less.exact <= more.exact
    assert less.limit <= more.limit


@given(buyers, st.floats(1, 10))
def test_more_appetite_never_gets_less(b: dict[str, Any], factor: float) -> None:
    bolder = POLICY.revise(
        {
            "expected_loss_budget": POLICY.expected_loss_budget * factor,
            "return_on_capital.hurdle": POLICY.return_on_capital.hurdle / factor,
            "by_grade.turnover_share": [
                min(1.0, share * factor) for share in POLICY.by_grade.turnover_share
            ],
        }
    )
    assert limits(bolder, inputs_of(b)).limit >= limits(POLICY, inputs_of(b)).limit


@given(buyers)
def test_asking_for_what_was_granted_grants_it_in_full(b: dict[str, Any]) -> None:
    b = {**b, "held_limit": np.nan}  # one in force is kept as it is, off the grid too
    first = limits(POLICY, inputs_of(b))
    if first.limit[0] > 0:
        again = limits(POLICY, inputs_of({**b, "requested_amount": first.limit[0]}))
        assert again.limit[0] == first.limit[0]
        assert DECISIONS[again.decision[0]] in ("full", "referred")


def scaled(policy: Policy, k: float) -> Policy:
    """The same policy stated in a currency worth k times less."""
    by = {
        "discretionary_limit": policy.discretionary_limit * k,
        "expected_loss_budget": policy.expected_loss_budget * k,
        "by_grade.cap": [cap * k for cap in policy.by_grade.cap],
        "return_on_capital.concentration": policy.return_on_capital.concentration * k,
        "caps.single_name": policy.caps.single_name * k,
        "caps.country": [cap * k for cap in policy.caps.country],
        "caps.country_unrated": policy.caps.country_unrated * k,
        "caps.sector": {name: cap * k for name, cap in policy.caps.sector.items()},
        "thin_file.cap": policy.thin_file.cap * k,
        "stale_accounts.cap": policy.stale_accounts.cap * k,
        "rounding": [{"step": s.step * k, "below": s.below * k} for s in policy.rounding],
    }
    return policy.revise(by)


AMOUNTS = (
    "net_worth turnover purchases pre_delivery requested_amount guarantee_amount group_headroom "
    "held_limit"
)


@given(buyers, st.sampled_from([0.25, 4.0, 1024.0]))
def test_the_currency_does_not_matter(b: dict[str, Any], k: float) -> None:
    elsewhere = {**b, **{name: b[name] * k for name in AMOUNTS.split()}}
    here = limits(POLICY, inputs_of(b))
    there = limits(scaled(POLICY, k), inputs_of(elsewhere))
    # Cents are not scaled: the need, read to the cent before it is rounded up, may move a step.
    coarsest = POLICY.rounding[-1].step
    np.testing.assert_allclose(
        there.candidates[:, 1:] / k, here.candidates[:, 1:], rtol=1e-12, atol=1e-9
    )
    np.testing.assert_allclose(
        there.candidates[0, 0] / k, here.candidates[0, 0], rtol=1e-12, atol=coarsest
    )


@given(st.lists(buyers, min_size=1, max_size=40))
def test_a_portfolio_and_one_buyer_at_a_time_give_the_same_bits(
    rows: list[dict[str, Any]],
) -> None:
    together = limits(POLICY, inputs_of(*rows))
    alone = [limits(POLICY, inputs_of(row)) for row in rows]
    joined = Limits(*(np.concatenate([getattr(a, f.name) for a in alone]) for f in fields(Limits)))
    same(together, joined)


@given(buyers, st.lists(probabilities, min_size=1, max_size=40))
def test_what_ifs_on_one_buyer_share_its_other_facts(
    b: dict[str, Any], wanted: list[float]
) -> None:
    one = replace(inputs_of(b), default_probability=np.array(wanted))
    what_ifs, capacity = limit_and_capacity(POLICY, one)
    found = limits(POLICY, inputs_of(*({**b, "default_probability": p} for p in wanted)))
    assert what_ifs.tobytes() == found.exact.tobytes()
    assert capacity.tobytes() == np.nanmin(found.candidates[:, 1:9], axis=1).tobytes()


@given(buyers, st.floats(1e-5, 0.5), st.floats(1e-6, 0.5))
def test_what_ifs_that_are_skipped_would_have_said_the_same(
    b: dict[str, Any], start: float, width: float
) -> None:
    wanted = np.linspace(start, min(start + width, 1.0), 500)  # many to a bin
    one = replace(inputs_of(b), default_probability=wanted)
    what_ifs, capacity = limit_and_capacity(POLICY, one)
    found = limits(POLICY, one)
    assert what_ifs.tobytes() == found.exact.tobytes()
    assert capacity.tobytes() == np.nanmin(found.candidates[:, 1:9], axis=1).tobytes()


# --- examples


def test_shares_of_net_worth_and_turnover_at_a_grade() -> None:
    """A published example: 35 % of 80 000 net worth, 5 % of 700 000 turnover: 28 000."""
    policy = POLICY.revise(
        {"by_grade.net_worth_share": [0.35] * 11, "by_grade.turnover_share": [0.05] * 11}
    )
    found = limits(policy, buyer(net_worth=80_000.0, turnover=700_000.0))
    assert found.limit[0] == 28_000
    assert CANDIDATES[found.binding[0]] == "net_worth_share"


def test_need_counts_terms_delay_peak_and_work_before_delivery() -> None:
    facts = {"purchases": 365_000.0, "terms_days": 45.0, "delay_days": 5.0}  # 1 000 a day
    assert limit_of(**facts) == 65_000  # 50 days × 1.3
    assert limit_of(**facts, pre_delivery=10_000.0) == 75_000
    assert limit_of(**{**facts, "delay_days": 500.0}) == 100_000  # 75 × 1.3 = 97 500, on the grid
    assert limit_of(purchases=300_000.0) == 43_000  # 30 + 10 days unless known, 42 740
    without_vat = POLICY.revise({"cover.vat_included": False})
    assert limits(without_vat, buyer(**facts)).limit[0] == 55_000  # 65 000 / 1.2 = 54 167


def test_without_purchases_or_request_the_need_is_not_known() -> None:
    for purchases in (nan, 0.0, -10.0):
        found = limits(POLICY, buyer(purchases=purchases))
        assert isnan(found.candidates[0, 0])
        assert found.limit[0] == 250_000  # a quarter of net worth at grade 6
        assert DECISIONS[found.decision[0]] == "full"


def test_the_grid_turns_no_request_away_and_hides_no_rounding_of_floats() -> None:
    found = limits(POLICY, buyer(requested_amount=12_345.67))
    assert (found.limit[0], DECISIONS[found.decision[0]]) == (13_000, "full")
    assert limit_of(net_worth=0.1 * 3 / 0.25 * 1e5) == 30_000  # 30 000.000000000004 and its like
    assert limit_of(net_worth=119_999.96) == 29_000


def test_unknown_accounts_are_capped_not_trusted() -> None:
    found = limits(POLICY, buyer(net_worth=nan, turnover=nan))
    assert found.limit[0] == POLICY.thin_file.cap
    assert codes(found) == ["thin_file"]
    one_known = limits(POLICY, buyer(net_worth=nan))
    assert one_known.limit[0] == 500_000
    referring = POLICY.revise({"thin_file.refer": True})
    decided = limits(referring, buyer(net_worth=nan, turnover=nan))
    assert DECISIONS[decided.decision[0]] == "referred"


@pytest.mark.parametrize("age", [24.1, nan])
def test_old_accounts_are_capped(age: float) -> None:
    found = limits(POLICY, buyer(accounts_age_months=age, requested_amount=100_000.0))
    assert found.limit[0] == POLICY.stale_accounts.cap
    assert codes(found) == ["stale_accounts", "binding_stale_accounts_cap"]
    assert limit_of(accounts_age_months=24.0) == 250_000
    referring = POLICY.revise({"stale_accounts.refer": True})
    assert DECISIONS[limits(referring, buyer(accounts_age_months=age)).decision[0]] == "referred"


@pytest.mark.parametrize(
    ("facts", "limit", "decision", "expected"),
    [
        ({"requested_amount": 90_000.0}, 90_000, "full", []),
        ({"requested_amount": 9e5}, 250_000, "partial", ["binding_net_worth_share"]),
        ({"insolvency_open": 1.0}, 0, "refused", ["insolvency_open"]),
        ({"in_default": 1.0}, 0, "refused", ["in_default"]),
        ({"default_probability": 0.2}, 0, "refused", ["cut_off"]),
        ({"entity_type": "natural_person"}, 0, "refused", ["entity_refused"]),
        ({"entity_type": "sole_trader"}, 0, "refused", ["entity_refused"]),
        ({"entity_type": "public_body"}, 250_000, "referred", ["entity_referred"]),
        ({"default_probability": nan}, 0, "referred", ["no_score"]),
        (
            {"net_worth": 2.5e6, "default_probability": 0.002},
            1_000_000,
            "referred",
            ["above_discretion"],
        ),
        ({"sector": "F41"}, 200_000, "full", ["overlay"]),
        (
            {"net_worth": -5.0, "requested_amount": 1e4},
            0,
            "refused",
            ["binding_net_worth_share"],
        ),
        (
            {"country_grade": 8.0, "requested_amount": 1e4},
            0,
            "refused",
            ["binding_country_cap"],
        ),
        (
            {"group_headroom": 7_500.0, "requested_amount": 1e4},
            7_000,
            "partial",
            ["binding_group_cap"],
        ),
    ],
)
def test_decisions_and_their_reasons(
    facts: dict[str, Any], limit: float, decision: str, expected: list[str]
) -> None:
    found = limits(POLICY, buyer(turnover=5e7, **{"net_worth": 1e6, **facts}))
    assert found.limit[0] == limit
    assert DECISIONS[found.decision[0]] == decision
    assert codes(found) == expected


def codes(found: Limits) -> list[str]:
    return [reason["code"] for reason in reasons(int(found.reasons[0]))]


@given(buyers)
def test_whatever_is_not_granted_in_full_has_a_reason(b: dict[str, Any]) -> None:
    found = limits(POLICY, inputs_of(b))
    if DECISIONS[found.decision[0]] != "full":
        assert codes(found)


def test_a_buyer_who_pays_on_the_day_needs_and_gets_nothing() -> None:
    found = limits(POLICY, buyer(purchases=1e6, terms_days=0.0, delay_days=0.0))
    assert (found.limit[0], DECISIONS[found.decision[0]], codes(found)) == (0, "full", [])


def test_every_reason_has_words_in_both_languages() -> None:
    assert set(BINDING) == set(CANDIDATES)
    everything = (1 << len(REASONS)) - 1
    english, french = reasons(everything, "en"), reasons(everything, "fr")
    assert [r["code"] for r in english] == [r["code"] for r in french]
    assert all(e["text"] != f["text"] for e, f in zip(english, french, strict=True))


def test_a_guarantee_adds_to_the_buyers_own_risk_not_to_the_portfolios_caps() -> None:
    assert limit_of(default_probability=0.2, guarantee_amount=40_000.0) == 40_000
    assert limit_of(guarantee_amount=40_000.0) == 290_000
    assert limit_of(guarantee_amount=4e7) == POLICY.caps.single_name
    assert limit_of(guarantee_amount=4e7, sector="I55") == POLICY.caps.sector["I"]
    assert limit_of(guarantee_amount=4e7, insolvency_open=1.0) == 0


def test_dates_follow_the_calendar_and_the_grade() -> None:
    found = limits(POLICY, buyer(default_probability=0.05))
    assert str(np.datetime64(int(found.valid_until[0]), "D")) == "2027-03-31"
    assert str(np.datetime64(int(found.review_on[0]), "D")) == "2026-06-30"  # no 31 June


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"default_probability": 1.2}, r"default_probability is 1\.2 in row 0; .* 0 and 1"),
        ({"default_probability": -0.1}, r"default_probability is -0\.1 in row 0"),
        ({"requested_amount": 0.0}, r"requested_amount is 0\.0 in row 0; give one above 0"),
        ({"guarantee_amount": nan}, r"guarantee_amount is nan in row 0; give one of 0 or more"),
        ({"pre_delivery": -inf}, r"pre_delivery is -inf"),
    ],
)
def test_impossible_inputs_are_refused(facts: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        buyer(**facts)


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="turnover has 2 rows where others have 3"):
        LimitInputs(np.full(3, 0.01), np.array([TODAY]), turnover=np.ones(2))


def test_no_buyer_has_no_limit() -> None:
    found = limits(POLICY, LimitInputs(np.zeros(0), np.array([TODAY])))
    assert len(found) == len(found.review_on) == 0
    assert found.candidates.shape == (0, len(CANDIDATES))
