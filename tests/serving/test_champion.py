"""A new bundle is taken into force; a bad one is refused and the old one goes on."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest

from models.credit_model import BundleError, CreditModel
from models.policy import Policy
from serving.champion import Champion


@pytest.fixture
def folder(bundle: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(bundle, tmp_path / "champion"))


def with_slope(model: CreditModel, slope: float) -> CreditModel:
    return replace(model, default_model=replace(model.default_model, slope=slope))


def test_nothing_happens_while_the_bundle_stays(folder: Path) -> None:
    champion = Champion(folder)
    in_force = champion.now
    assert not champion.look()
    assert champion.now is in_force


def test_a_new_bundle_is_taken_into_force(folder: Path, credit_model: CreditModel) -> None:
    champion = Champion(folder)
    old = champion.now
    with_slope(credit_model, 0.5).save(folder)
    assert champion.look()
    assert champion.now.model.default_model.slope == 0.5
    assert champion.now.model.version != old.model.version
    assert old.model.default_model.slope == 1.0  # a request in flight keeps the one it read


@pytest.mark.parametrize(
    "name", ["booster.txt", "calibration.json", "policy.toml", "metadata.json"]
)
def test_an_altered_bundle_is_refused_once(
    folder: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    champion = Champion(folder)
    old = champion.now
    (folder / name).write_text((folder / name).read_text()[:-20])
    (folder / "metadata.json").touch()
    assert not champion.look()
    assert not champion.look()
    assert champion.now is old
    assert caplog.text.count("refused") == 1


def test_a_bundle_that_is_away_is_waited_for(folder: Path, credit_model: CreditModel) -> None:
    champion = Champion(folder)
    shutil.rmtree(folder)
    assert not champion.look()
    with_slope(credit_model, 0.5).save(folder)
    assert champion.look()


def test_another_currency_needs_other_tables(
    folder: Path, credit_model: CreditModel, caplog: pytest.LogCaptureFixture
) -> None:
    champion = Champion(folder)
    policy = Policy.model_validate({**credit_model.policy.model_dump(), "currency": "USD"})
    credit_model.with_policy(policy).save(folder)
    assert not champion.look()
    assert "restart" in caplog.text


def test_without_any_bundle_there_is_no_service(tmp_path: Path) -> None:
    with pytest.raises((BundleError, OSError), match="metadata"):
        Champion(tmp_path)


def test_watching_finds_it_by_itself(folder: Path, credit_model: CreditModel) -> None:
    champion = Champion(folder)
    champion.watch(seconds=0.01)
    with_slope(credit_model, 0.5).save(folder)
    end = time.monotonic() + 10
    while champion.now.model.default_model.slope != 0.5 and time.monotonic() < end:
        time.sleep(0.01)
    champion.close()
    assert champion.now.model.default_model.slope == 0.5
