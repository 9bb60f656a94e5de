"""Each section judges what the contents of a validation report ask, and can say no."""

from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from models.credit_model import CreditModel
from training.validation import (
    ablation,
    calibration,
    discrimination,
    drift,
    explanation,
    fairness,
    leaks,
    limits,
    lineage,
    monitoring,
    monotonicity,
    overfitting,
    overrides,
    parameters,
    parity,
    reproducibility,
    scale,
    scope,
    segments,
    sensitivity,
    slices,
    stress,
    truth,
)
from training.validation.case import Case
from training.validation.check import Section

pytestmark = pytest.mark.slow

ASKED: list[tuple[ModuleType, set[str]]] = [
    (scope, {"defaults to judge by", "people are not scored"}),
    (lineage, {"the data it was learned on", "defaults in every period", "missingness is stable"}),
    (leaks, {"future deleted", "future moved", "one day of future", "no feature gives it away"}),
    (slices, {"embargo", "buyers never learned from"}),
    (
        discrimination,
        {"AUC out of time", "better than logistic on WoE", "better than Altman Z''",
         "better than Conan-Holder", "no worse than the champion"},
    ),
    (segments, {"ranks in every segment", "ranks thin files", "level in every segment"}),
    (
        calibration,
        {"level not too low", "level not too high", "level of each grade", "slope", "Brier skill"},
    ),
    (scale, {"rates rise with the grade", "largest grade", "concentration"}),
    (drift, {"score", "features", "migration"}),
    (overfitting, {"training against out of time", "seeds", "permuted labels"}),
    (parameters, {"settings within the searched space", "deterministic", "no better size"}),
    (monotonicity, {"sweeps", "cost of monotonicity"}),
    (
        explanation,
        {"drivers add up", "topics add up", "agreement with analysts", "reasons after re-training"},
    ),
    (sensitivity, {"extreme input", "without any source", "facts 90 days old"}),
    (
        limits,
        {"never rises with default probability", "never rises with loss given default",
         "never falls with net worth", "never falls with turnover", "never falls with need",
         "within every candidate amount", "the same twice", "losses avoided"},
    ),
    (stress, {"no shock, no change", "worse shocks cost more"}),
    (overrides, {"overrides"}),
    (ablation, {"no topic harms", "ESG earns its place", "payment behaviour earns its place"}),
    (fairness, {"no group is overstated"}),
    (parity, {"one alone equals the batch", "one explained decision"}),
    (monitoring, {"calibration is recent"}),
    (reproducibility, {"code is committed", "bundle is sealed", "environment is locked"}),
    (
        truth,
        {"share of the oracle's Gini", "error to the true probability", "slope to the truth"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("module", "names"), ASKED, ids=lambda x: getattr(x, "__name__", ""))
def test_a_section_judges_what_is_asked_of_it(
    module: ModuleType, names: set[str], case: Case
) -> None:
    section = module.section(case)
    assert isinstance(section, Section)
    assert names <= {check.name for check in section.checks}
    for check in section.checks:
        assert check.value
        assert check.threshold or check.verdict == "NONE"
    if module is not overrides:  # latencies and small samples may warn; nothing may be broken
        assert section.verdict != "FAIL", [c for c in section.checks if c.verdict == "FAIL"]


def verdicts(section: Section | None) -> dict[str, str]:
    assert section is not None
    return {check.name: check.verdict for check in section.checks}


def changed(case: Case, model: CreditModel) -> Case:
    return Case.of(model, case.portfolio, case.config, sample=case.sample)


def recalibrated(case: Case, slope: float = 1.0, intercept: float = 0.0) -> Case:
    """The same ranks, other probabilities."""
    served = case.model.default_model
    model = replace(
        served, slope=served.slope * slope, intercept=served.intercept * slope + intercept
    )
    return changed(case, replace(case.model, default_model=model))


def test_probabilities_that_are_too_low_fail(case: Case) -> None:
    served = verdicts(calibration.section(case))
    found = verdicts(calibration.section(recalibrated(case, intercept=-1.5)))
    assert (served["level not too low"], found["level not too low"]) == ("PASS", "FAIL")
    assert found["slope"] == served["slope"]


def test_a_level_that_was_asked_for_warns(case: Case) -> None:
    low = recalibrated(case, intercept=-1.5)
    asked = replace(low.model, metadata={**low.model.metadata, "central_tendency": 0.005})
    assert verdicts(calibration.section(changed(case, asked)))["level not too low"] == "WARN"


def test_probabilities_too_far_apart_fail(case: Case) -> None:
    found = verdicts(calibration.section(recalibrated(case, slope=4.0, intercept=9.0)))
    assert found["slope"] == "FAIL"


def test_a_feature_that_reads_the_future_fails(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = leaks.feature_matrix

    def peeking(facts, keys):
        matrix = honest(facts, keys)
        invoices = facts["invoices"]
        matrix[:, 0] = np.diff(invoices.start)[keys.buyer]  # those to come, too
        return matrix

    monkeypatch.setattr(leaks, "feature_matrix", peeking)
    found = verdicts(leaks.section(case))
    assert found["future deleted"] == "FAIL"


def test_a_model_that_runs_against_a_sign_fails(case: Case) -> None:
    """Signs of the catalogue turned round: the sweeps must notice."""
    swept = monotonicity.sweeps(case)
    signs = {feature.name: feature.monotone for feature in case.model.features}
    signed = [name for name in swept if signs[name]]
    assert signed
    for name in signed:
        log_odds = swept[name][1]
        assert monotonicity.violations(log_odds, signs[name]) == 0
        assert monotonicity.violations(log_odds, -signs[name]) > 0


def test_limits_that_rise_with_the_probability_fail(case: Case, monkeypatch) -> None:
    honest = limits.limits

    def upside_down(policy, inputs):
        found = honest(policy, inputs)
        return replace(found, limit=1e6 * np.resize(inputs.default_probability, len(found)))

    monkeypatch.setattr(limits, "limits", upside_down)
    found = verdicts(limits.section(case))
    assert found["never rises with default probability"] == "FAIL"
    assert found["within every candidate amount"] == "FAIL"


def test_the_oracle_itself_passes(case: Case, monkeypatch) -> None:
    assert case.truth is not None
    known = np.where(np.isnan(case.truth), 0.01, case.truth)
    inputs = replace(case.test.assessment.inputs, default_probability=known)
    test = replace(case.test, assessment=replace(case.test.assessment, inputs=inputs))
    monkeypatch.setitem(case.__dict__, "test", test)
    assert set(verdicts(truth.section(case)).values()) == {"PASS"}


def test_without_a_generated_economy_there_is_no_truth(case: Case, monkeypatch) -> None:
    monkeypatch.setitem(case.__dict__, "truth", None)
    assert truth.section(case) is None


def test_a_worse_model_than_the_champion_fails(case: Case) -> None:
    """Against the model itself it passes; a model of noise does not pass against ours."""
    same = Case.of(
        case.model, case.portfolio, case.config, champion=("us", case.model), sample=case.sample
    )
    assert verdicts(discrimination.section(same))["no worse than the champion"] == "PASS"
    noise = np.random.default_rng(0).random(len(case.test))
    inputs = replace(case.test.assessment.inputs, default_probability=noise)
    same.__dict__["test"] = replace(
        case.test, assessment=replace(case.test.assessment, inputs=inputs)
    )
    assert verdicts(discrimination.section(same))["no worse than the champion"] == "FAIL"
