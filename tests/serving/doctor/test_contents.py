import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

from models.credit_model import CreditModel
from serving.doctor import contents
from serving.doctor.contents import check_model, check_portfolio

TODAY = date(2026, 1, 15)


def test_a_whole_bundle_is_well_and_an_altered_one_is_not(bundle: Path, tmp_path: Path) -> None:
    finding, model = check_model(bundle)
    assert finding.level == "ok"
    assert model is not None and model.version in finding.says
    broken = shutil.copytree(bundle, tmp_path / "broken")
    (broken / "policy.toml").write_text((bundle / "policy.toml").read_text() + "\n# touched\n")
    for folder in (broken, tmp_path / "nowhere"):
        finding, model = check_model(folder)
        assert finding.level == "error"
        assert "encours promote" in finding.remedy
        assert model is None


def test_tables_are_read_and_a_buyer_scored(
    tables: Path, credit_model: CreditModel, tmp_path: Path
) -> None:
    well = check_portfolio(tables, credit_model, TODAY)
    assert well.level == "ok"
    assert well.says == "205 buyers, known up to 2025-12-31; the first one was scored"
    for day, said in ((date(2026, 6, 1), "152 days ago"), (date(2025, 12, 1), "after today")):
        finding = check_portfolio(tables, credit_model, day)
        assert finding.level == "warning"
        assert said in finding.says
    broken = tmp_path / "broken"
    shutil.copytree(tables, broken)
    (broken / "invoices.parquet").write_bytes(b"no parquet")
    for folder in (tmp_path / "nowhere", broken):
        assert check_portfolio(folder, credit_model, TODAY).level == "error"
    assert check_portfolio(tables, None, TODAY).level == "ok"


def test_drivers_that_do_not_add_up_are_an_error(
    tables: Path, credit_model: CreditModel, monkeypatch
) -> None:
    assess = contents.assess

    def off(*given):
        found = assess(*given)
        return replace(found, log_odds=found.log_odds + 1e-3)

    monkeypatch.setattr(contents, "assess", off)
    finding = check_portfolio(tables, credit_model, TODAY)
    assert finding.level == "error"
    assert "do not add up" in finding.says
