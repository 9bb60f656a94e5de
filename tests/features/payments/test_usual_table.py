from datetime import date

import numpy as np
import pyarrow as pa

from features.facts import Facts
from features.payments.usual_table import FEWEST, lateness_sums, usual_table

DAY = date(2024, 12, 31)
SINCE = np.datetime64("1970-01-01")


def facts(late: np.ndarray, due: str, country: str = "FR", paid: bool = True) -> Facts:
    """One buyer whose invoices, due on one day, were paid `late` days after it."""
    rows = len(late)
    on = np.full(rows, np.datetime64(due))
    return Facts.of(
        {
            "buyers": pa.table({"buyer_id": ["B"], "country": [country], "sector": ["F41"]}),
            "invoices": pa.table(
                {
                    "invoice_id": [f"{row:04}" for row in range(rows)],
                    "buyer_id": ["B"] * rows,
                    "issued_on": pa.array(on - np.timedelta64(30)),
                    "due_on": pa.array(on),
                    "paid_on": pa.array(on + late.astype("timedelta64[D]"))
                    if paid
                    else pa.nulls(rows, pa.date32()),
                    "amount": np.full(rows, 10.0),
                }
            ),
        }
    )


def days(*parts: Facts) -> dict[str, float]:
    table = usual_table([lateness_sums(part, [DAY]) for part in parts])
    return dict(zip(table["payers"].to_pylist(), table["days"].to_pylist(), strict=True))


def test_the_mean_of_a_quarter_by_country_sector_and_of_all():
    assert days(facts(np.arange(FEWEST), "2024-10-15")) == {
        name: np.minimum(np.arange(FEWEST), 60).mean() for name in ("all", "FR", "F")
    }


def test_parts_of_a_portfolio_add_up():
    some, others = (
        facts(np.full(FEWEST, 10), "2024-10-15"),
        facts(np.full(FEWEST, 20), "2024-10-15", "DE"),
    )
    assert days(some, others) == {"all": 15.0, "F": 15.0, "FR": 10.0, "DE": 20.0}


def test_few_invoices_make_no_habit():
    assert days(facts(np.full(FEWEST - 1, 10), "2024-10-15")) == {}


def test_only_the_quarter_that_has_settled_counts():
    for due, told in (("2024-12-01", True), ("2024-12-02", False), ("2024-09-02", True)):
        assert bool(days(facts(np.full(FEWEST, 10), due))) is told, due
    assert not days(facts(np.full(FEWEST, 10), "2024-09-01"))


def test_what_is_still_open_counts_as_late_as_it_is():
    assert days(facts(np.zeros(FEWEST), "2024-11-21", paid=False))["all"] == 40.0
