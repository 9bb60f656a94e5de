from datetime import date
from pathlib import Path

import numpy as np
import pytest

from models.limits.limit_inputs import LimitInputs
from models.policy import SHIPPED, Policy
from models.policy_review import Finding, check, diff

POLICY = Policy.load()


def messages(tmp_path: Path, **changes: object) -> list[str]:
    path = tmp_path / "draft.toml"
    keyed = {key.replace("__", "."): value for key, value in changes.items()}
    path.write_text(POLICY.revise(keyed).to_toml())
    return [finding.message for finding in check(path)]


def test_the_shipped_policy_has_no_finding() -> None:
    assert check(SHIPPED, as_of=date(2026, 1, 1)) == []


def test_errors_are_findings(tmp_path: Path) -> None:
    path = tmp_path / "draft.toml"
    path.write_text(SHIPPED.read_text().replace("surety = 0.70", "surety = 7"))
    assert check(path) == [
        Finding("error", "loss_given_default.surety = 7: Input should be less than or equal to 1")
    ]
    path.write_text("version =")
    (finding,) = check(path)
    assert finding.level == "error"
    assert "draft.toml is not TOML" in finding.message


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("caps__group", 1e6, "caps.group: below caps.single_name 5,000,000"),
        ("caps__single_name", 4e6, "by_grade.cap: above caps.single_name: cannot bind"),
        ("discretionary_limit", 6e6, "discretionary_limit: above caps.single_name"),
        ("thin_file__cap", 80_000, "thin_file.cap: above stale_accounts.cap"),
        ("thin_file__cap", 500, "rounds to nothing"),
        ("validity_months", 6, "some reviews come after the limit has expired"),
        ("return_on_capital__margin", 0.05, "grade 9 returns"),
    ],
)
def test_what_is_odd_is_a_warning(tmp_path: Path, key: str, value: float, expected: str) -> None:
    assert any(expected in message for message in messages(tmp_path, **{key: value}))


def test_a_short_scale_is_odd(tmp_path: Path) -> None:
    five = {
        "cut_off": "D",
        "master_scale": {
            "names": ["1", "2", "3", "4", "D"],
            "bounds": POLICY.master_scale.bounds[:5],
        },
        "by_grade": {name: values[:5] for name, values in POLICY.by_grade},
    }
    assert messages(tmp_path, **five)[0].startswith("master_scale has 4 performing grades")


def test_an_overlay_past_its_end_is_told_on_the_day_asked() -> None:
    (finding,) = check(SHIPPED, as_of=date(2027, 7, 1))
    assert finding.message == "overlays.0: expired on 2027-06-30; renew or remove it"


def test_diff_shows_who_moves_and_by_how_much() -> None:
    inputs = LimitInputs(
        np.array([0.01, 0.01, 0.01]),
        np.array([20_000]),
        net_worth=np.array([4e5, 8e5, 4e6]),
        accounts_age_months=np.array([6.0]),
        requested_amount=np.array([50_000.0, 1e7, 1e7]),
    )
    shares = [share / 2 for share in POLICY.by_grade.net_worth_share]
    tighter = POLICY.revise({"by_grade.net_worth_share": shares, "expected_loss_budget": 6_000.0})
    moves = diff(POLICY, tighter, inputs, np.array(["a", "b", "c"]))
    assert moves.index.tolist() == ["b", "a", "c"]
    assert moves["change"].tolist() == [-100_000, 0, 0]
    assert moves.loc["b", ["limit_before", "limit_after"]].tolist() == [200_000, 100_000]
    assert moves.loc["c", ["binding_before", "binding_after"]].tolist() == [
        "expected_loss_budget",
        "net_worth_share",
    ]
    assert moves["grade_before"].tolist() == ["6"] * 3
    assert moves.loc["a", "decision_after"] == "full"
    assert (diff(POLICY, POLICY, inputs)["change"] == 0).all()


def test_policies_in_two_currencies_cannot_be_compared() -> None:
    inputs = LimitInputs(np.array([0.01]), np.array([20_000]))
    with pytest.raises(ValueError, match="EUR and USD cannot be compared"):
        diff(POLICY, POLICY.revise({"currency": "USD"}), inputs)
