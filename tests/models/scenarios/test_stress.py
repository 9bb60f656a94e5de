from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from features.facts import Facts, Keys
from features.tables import read_tables
from features.what_if.ledger import shift_payments
from models.assessment import assess
from models.credit_model import CreditModel
from models.scenarios.scenario import SHIPPED, Scenario
from models.scenarios.stress import SHOCK_STEP, WHEN, ScenarioResult, reverse_stress, run
from models.scenarios.vasicek import shocked

AS_OF = np.datetime64("2025-06-30", "D").astype(np.int32)
SHIFTED = ("default_probability", "grade", "limit", "exposure", "expected_loss")


@pytest.fixture(scope="module")
def model(bundle) -> CreditModel:
    return CreditModel.load(bundle)


@pytest.fixture(scope="module")
def facts(tables) -> Facts:
    return Facts.of(read_tables(tables))


@pytest.fixture(scope="module")
def keys(facts) -> Keys:
    buyers = len(facts.buyers)
    return Keys(np.arange(buyers), np.full(buyers, AS_OF))


@pytest.fixture(scope="module")
def under(model, facts, keys):
    """under(shock=-2, …) -> the result of that scenario."""

    def result(**content: object) -> ScenarioResult:
        return run(model, facts, keys, Scenario.model_validate({"name": "test"} | content))

    return result


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"sector": {"sections": ["F"], "shock": 0.0, "spill_over": 0.5}},
        {"correlation": 0.2},
        {"features": {"delay_days": 0, "revenue_loss": 0.0}},
    ],
)
def test_no_shock_is_the_baseline_to_the_last_bit(under, model, facts, keys, content) -> None:
    buyers = under(**content).buyers
    for what in SHIFTED:
        assert buyers[f"{what}_before"].equals(buyers[f"{what}_after"].rename(f"{what}_before"))
    today = assess(model, facts, keys)
    np.testing.assert_array_equal(buyers["limit_after"], today.limits.limit)
    np.testing.assert_array_equal(buyers["default_probability_after"], today.default_probability)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_scenarios_run_and_never_cost_less(model, facts, keys, path: Path) -> None:
    before, after = run(model, facts, keys, Scenario.load(path.stem)).expected_loss
    assert after >= before


def test_a_harsher_shock_never_costs_less_nor_grants_more(under) -> None:
    results = [under(shock=shock).buyers for shock in (1.0, 0.0, -0.5, -1.0, -2.0, -4.0)]
    for mild, harsh in pairwise(results):
        assert (harsh["expected_loss_after"] >= mild["expected_loss_after"]).all()
        assert (harsh["limit_after"] <= mild["limit_after"]).all()


def test_ranks_hold_within_one_correlation(under) -> None:
    buyers = under(shock=-2.0, correlation=0.15).buyers.sort_values("default_probability_before")
    assert buyers["default_probability_after"].is_monotonic_increasing


def test_a_sector_shock_spills_over_in_part(under) -> None:
    sector = {"sections": ["F"], "shock": -2.0, "spill_over": 0.25}
    buyers = under(sector=sector, correlation=0.12).buyers
    before, after = buyers["default_probability_before"], buyers["default_probability_after"]
    hit = buyers["sector"] == "F"
    assert hit.any()
    np.testing.assert_array_equal(after[hit], shocked(before[hit], 0.12, -2.0))
    np.testing.assert_array_equal(after[~hit], shocked(before[~hit], 0.12, -0.5))


def test_the_country_mix_is_met_and_the_total_kept(under) -> None:
    buyers = under(export={"country_mix": {"DE": 0.3, "GB": 0.1}}).buyers
    held = buyers.groupby("country")[["exposure_before", "exposure_after"]].sum()
    total = held.sum()
    assert total["exposure_after"] == pytest.approx(total["exposure_before"])
    shares = held / total
    assert shares.loc["DE", "exposure_after"] == pytest.approx(0.3)
    assert shares.loc["GB", "exposure_after"] == pytest.approx(0.1)
    rest = shares.drop(["DE", "GB"])
    rest = rest[rest["exposure_before"] > 0]
    grown = rest["exposure_after"] / rest["exposure_before"]
    np.testing.assert_allclose(grown, grown.iloc[0])


def test_a_country_where_nothing_is_granted_cannot_have_a_share(under) -> None:
    with pytest.raises(ValueError, match="nothing is granted in JP"):
        under(export={"country_mix": {"JP": 0.3}})


def test_longer_terms_ask_for_more(under) -> None:
    buyers = under(export={"terms_days": 60}).buyers
    assert (buyers["exposure_after"] >= buyers["exposure_before"]).all()
    assert buyers["exposure_after"].sum() > buyers["exposure_before"].sum()
    assert buyers["default_probability_after"].equals(
        buyers["default_probability_before"].rename("default_probability_after")
    )


def test_weaker_currencies_reach_only_who_counts_in_them(under) -> None:
    buyers = under(export={"fx_haircut": 0.5}).buyers
    moved = buyers[buyers["limit_after"] != buyers["limit_before"]]
    assert set(moved["country"]) <= {"GB", "US", "PL", "CH", "SE"}
    assert len(moved)


def test_days_late_go_through_the_real_features(under, model, facts, keys) -> None:
    buyers = under(features={"delay_days": 15}).buyers
    late = assess(model, shift_payments(facts, int(AS_OF), 15), keys)
    np.testing.assert_array_equal(buyers["default_probability_after"], late.default_probability)
    assert (late.column("dbt_12m") > assess(model, facts, keys).column("dbt_12m")).any()


def test_sales_lost_go_through_the_real_features(under, model, facts, keys) -> None:
    buyers = under(features={"revenue_loss": 0.5}).buyers
    changed = Scenario(name="x", features={"revenue_loss": 0.5}).facts(facts, int(AS_OF))
    poorer = assess(model, changed, keys)
    np.testing.assert_array_equal(buyers["limit_after"], poorer.limits.limit)
    now = assess(model, facts, keys).column("turnover")
    known = now > 0
    np.testing.assert_allclose(poorer.column("turnover")[known], now[known] / 2)


@pytest.mark.parametrize("times", [1.5, 3.0])
def test_reverse_stress_finds_the_mildest_shock(under, model, facts, keys, times: float) -> None:
    budget = times * under().expected_loss[0]
    baseline = Scenario.load("baseline")
    shock = reverse_stress(model, facts, keys, baseline, budget)
    assert shock is not None
    assert under(shock=shock).expected_loss[1] >= budget
    assert under(shock=shock + SHOCK_STEP).expected_loss[1] < budget


def test_reverse_stress_says_where_no_shock_is_needed_or_enough(under, model, facts, keys) -> None:
    baseline = Scenario.load("baseline")
    assert reverse_stress(model, facts, keys, baseline, 0.0) == 0.0
    everything = float(under().buyers["exposure_before"].sum())
    assert reverse_stress(model, facts, keys, baseline, everything) is None


def test_tables_add_up(under) -> None:
    result = under(shock=-1.5)
    assert result.migration().to_numpy().sum() == len(result.buyers)
    for by in ("grade_before", "sector", "country"):
        table = result.summary(by)
        assert table["buyers"].sum() == len(result.buyers)
        for when, total in zip(WHEN, result.expected_loss, strict=True):
            assert table[f"expected_loss_{when}"].sum() == pytest.approx(total)


def test_keys_of_two_days_are_refused(model, facts) -> None:
    keys = Keys(np.array([0, 1]), np.array([AS_OF, AS_OF + 1], np.int32))
    with pytest.raises(ValueError, match="keys are of 2 days"):
        run(model, facts, keys, Scenario.load("baseline"))
