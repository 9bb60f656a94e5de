from datetime import date

import pytest

from models.credit_model import CreditModel
from serving.batch import score_buyer
from serving.reports.example import example_buyer

AS_OF = date(2025, 6, 30)


@pytest.mark.parametrize("requested", [150_000.0, 1e9])
def test_the_example_is_granted_a_part(bundle, tables, requested: float) -> None:
    model = CreditModel.load(bundle)
    buyer = example_buyer(model, tables, AS_OF, requested)
    told, _ = score_buyer(model, tables, buyer, AS_OF)
    assert 0 < told["limit"] < requested


def test_an_example_is_found_where_nobody_gets_a_part(bundle, tables) -> None:
    assert example_buyer(CreditModel.load(bundle), tables, AS_OF, 1.0)
