import re
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from models.policy import SHIPPED, Policy, PolicyError

TEXT = SHIPPED.read_text()


def edited(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def test_the_shipped_policy_loads() -> None:
    policy = Policy.load()
    assert policy.currency == "EUR"
    assert policy.master_scale.names[policy.cut_off_grade] == "10"
    assert 0.70 <= policy.cover.insured_share <= 0.95


def test_the_digest_sees_every_number_and_no_comment() -> None:
    digest = Policy.parse(TEXT).digest
    assert re.fullmatch("[0-9a-f]{64}", digest)
    bare = re.sub(r"\s*#.*", "", TEXT)
    assert Policy.parse(bare).digest == digest
    changed = set()
    for match in re.finditer(r"(?<=[ \[])\d[\d_.]*(?=[,\]\n ])", bare):
        draft = bare[: match.start()] + match[0] + "1" + bare[match.end() :]
        try:
            changed.add(Policy.parse(draft).digest)
        except PolicyError:
            continue  # out of bounds: refused, as other tests show
    assert digest not in changed
    assert len(changed) > 20


def test_it_survives_a_round_trip_without_its_comments() -> None:
    policy = Policy.parse(edited("construction: insolvencies", 'bâtiment \\"BTP\\": insolvencies'))
    again = Policy.parse(policy.to_toml())
    assert again == policy
    assert again.digest == policy.digest


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "net_worth_share",
            "net_worth_shre",
            r"by_grade\.net_worth_shre = .*: unknown key; did you mean 'net_worth_share'\?",
        ),
        ("version =", "xyz =", r"xyz = '2026\.1': unknown key; known: version, currency"),
        ("peak_factor = 1.3", "", r"need\.peak_factor: missing; add it"),
        ("insured_share = 0.90", "insured_share = 0.99", r"insured_share = 0\.99: .*0\.95"),
        ("surety = 0.70", "surety = 1.2", r"loss_given_default\.surety = 1\.2: .* equal to 1"),
        (
            "single_name = 5_000_000",
            "single_name = -1",
            r"caps\.single_name = -1: .*greater than 0",
        ),
        ("hurdle = 0.12", "hurdle = 1.5", r"hurdle = 1\.5: .* equal to 1"),
        ("[0.50, 0.45", "[0.50, 0.55", r"net_worth_share .* rises; a worse grade may not get more"),
        ("25_000, 0]", "25_000]", r"by_grade\.cap has 10 values for 11 grades"),
        ("country = [5_000_000, 5", "country = [4_000_000, 5", r"caps: country .* rises"),
        ('cut_off = "10"', 'cut_off = "11"', r"cut_off '11' is no grade; choose one of"),
        ("below = 50_000", "below = 52_000", r"below 52,000 is no multiple of the steps"),
        ("below = 50_000", "below = 500_000", r"`below` must rise"),
        ('sector = "F"\n', "", r"overlays\.0: an overlay needs a sector, a country or both"),
        ("expires = 2027", "expires = 2024", r"expires 2024-06-30 is before starts 2025-01-01"),
        ("F = 2_000_000", "Construction = 2_000_000", r"caps\.sector\.Construction.*pattern"),
        ('"sole_trader"', '"shop"', r"refused_entities\.1 = 'shop': .*'natural_person'"),
        ("bounds = [0.0003", "bounds = [0.3", r"master_scale: bounds .* must rise strictly"),
    ],
)
def test_what_is_wrong_is_named_with_its_value_and_the_remedy(
    old: str, new: str, message: str
) -> None:
    with pytest.raises(PolicyError, match=message):
        Policy.parse(edited(old, new))


def test_all_errors_are_told_at_once() -> None:
    text = edited("peak_factor = 1.3", "peak_facto = 1.3").replace(
        "\nmargin = 0.10", "\nmargin = 10"
    )
    with pytest.raises(PolicyError) as error:
        Policy.parse(text, "draft.toml")
    assert str(error.value).splitlines() == [
        "draft.toml cannot be used:",
        "  need.peak_factor: missing; add it",
        "  need.peak_facto = 1.3: unknown key; did you mean 'peak_factor'?",
        "  return_on_capital.margin = 10: Input should be less than or equal to 1",
    ]


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "draft.toml"
    path.write_text("version = ")
    with pytest.raises(PolicyError, match=r"draft\.toml is not TOML: .*end of document"):
        Policy.load(path)


def test_a_policy_cannot_be_altered_only_revised() -> None:
    policy = Policy.load()
    before = policy.digest, policy.lists.grade_cap.copy()
    with pytest.raises(ValidationError):
        policy.currency = "USD"  # type: ignore[misc]
    revised = policy.revise({"by_grade.cap": [10.0] * 11, "currency": "USD"})
    assert revised.currency == "USD"
    assert revised.lists.grade_cap.tolist() == [10.0] * 9 + [0.0, 0.0]
    assert revised.digest != before[0]
    np.testing.assert_array_equal(policy.lists.grade_cap, before[1])
    with pytest.raises(ValidationError):
        policy.revise({"need.peak_factor": 0.5})


def test_an_overlay_holds_on_its_days_sector_and_country() -> None:
    (overlay,) = Policy.load().overlays
    both = overlay.model_copy(update={"country": "FR"})
    first, last = 20_089, 20_999  # 2025-01-01 and 2027-06-30
    days = np.array([first - 1, first, last, last + 1])
    here = np.array(["F"]), np.array(["FR"])
    assert both.applies(*here, days).tolist() == [False, True, True, False]
    assert not both.applies(np.array(["F"]), np.array(["DE"]), days).any()
    assert not both.applies(np.array(["G"]), np.array(["FR"]), days).any()


def test_the_text_keeps_the_comments_until_a_number_changes() -> None:
    shipped = SHIPPED.read_text(encoding="utf-8")
    policy = Policy.load()
    assert policy.text == shipped
    assert policy == Policy.parse(policy.to_toml())
    revised = policy.revise({"expected_loss_budget": 1.0})
    assert revised.text == revised.to_toml()
    assert Policy.parse(revised.text).digest == revised.digest != policy.digest
