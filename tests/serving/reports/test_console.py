"""The panel shows what was decided, with signs."""

from datetime import date

import pytest
from rich.console import Console

from models.credit_model import CreditModel
from serving.batch import score_buyer
from serving.reports.console import decision_panel, money, signed_money


@pytest.fixture
def told(bundle, tables) -> dict:
    loaded = CreditModel.load(bundle)
    return score_buyer(loaded, tables, "B0000007", date(2025, 6, 30))[0]


def test_the_panel_shows_grade_probability_limit_and_signed_drivers(told) -> None:
    console = Console(width=120, record=True)
    with console.capture() as shown:
        console.print(decision_panel(told, "Acme SA"))
    text = shown.get()
    assert "Acme SA" in text
    assert f"{100 * told['default_probability']:.2f} %" in text
    assert money(told["limit"], "EUR") in text
    assert told["binding_constraint"] in text
    assert f"{told['drivers'][0]['contribution']:+.2f}" in text


def test_effects_keep_their_sign() -> None:
    assert signed_money(1500.0) == "+1 500"
    assert signed_money(-1500.0) == "-1 500"
    assert money(None, "EUR") == "—"
