"""Payment terms in words, against calendars counted by hand."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.ledgers.terms import PaymentTerms, due_dates, parse_terms


def due(issued: date, terms: str | None) -> date | None:
    days = due_dates(np.array([issued], "datetime64[D]"), pa.array([terms], pa.string()))
    return days[0].item()


@pytest.mark.parametrize(
    ("terms", "day"),
    [
        ("30", date(2024, 2, 14)),
        ("60 jours", date(2024, 3, 15)),
        ("60 jours date de facture", date(2024, 3, 15)),
        ("Net 30", date(2024, 2, 14)),
        ("45 jours fin de mois", date(2024, 2, 29)),
        ("45j FDM", date(2024, 2, 29)),
        ("fin de mois + 45 jours", date(2024, 3, 16)),
        ("EOM 45", date(2024, 3, 16)),
        ("30 days end of month", date(2024, 2, 29)),
        ("30 jours fin de mois le 10", date(2024, 3, 10)),
        ("comptant", date(2024, 1, 15)),
        ("À réception de facture", date(2024, 1, 15)),
        ("Immediate Payment", date(2024, 1, 15)),
        ("2/10 net 30", date(2024, 2, 14)),
        ("1.5% 10 N30", date(2024, 2, 14)),
        ("8 Tage 2% Skonto, 30 Tage netto", date(2024, 2, 14)),
        ("zahlbar innerhalb von 30 Tagen", date(2024, 2, 14)),
        ("30 gg. d.f.f.m.", date(2024, 2, 29)),
        ("60 días fecha factura", date(2024, 3, 15)),
        ("45JFM", date(2024, 2, 29)),
        ("1 month", date(2024, 2, 15)),
        ("2 mois fin de mois", date(2024, 3, 31)),
        ("End of Following Month", date(2024, 2, 29)),
        ("10 Days after End of Next Month", date(2024, 3, 10)),
        ("45 days after the end of the month", date(2024, 3, 16)),
        ("fin de mois", date(2024, 1, 31)),
        ("Cash on delivery", date(2024, 1, 15)),
        ("30% now, balance 60 days", None),
        ("30 jours le 10", None),
        ("30 days after delivery", None),
        ("Z030", None),
        ("-30", None),
        (None, None),
    ],
)
def test_due_dates_by_hand(terms: str | None, day: date | None) -> None:
    assert due(date(2024, 1, 15), terms) == day


def test_month_ends() -> None:
    assert due(date(2024, 1, 31), "30 jours fin de mois") == date(2024, 3, 31)
    assert due(date(2023, 1, 31), "fin de mois 30 jours") == date(2023, 3, 2)
    assert due(date(2023, 12, 31), "60") == date(2024, 2, 29)
    assert due(date(2024, 1, 31), "1 mois") == date(2024, 2, 29)
    assert due(date(2023, 10, 31), "4 months") == date(2024, 2, 29)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 120))
def test_end_of_month_is_never_before_the_plain_terms(issued: date, days: int) -> None:
    plain = due(issued, str(days))
    ended = due(issued, f"{days} days end of month")
    assert plain is not None and ended is not None
    assert 0 <= (ended - plain).days <= 30
    assert (ended.month, ended.year) == (plain.month, plain.year)


def test_an_unknown_issue_date_has_no_due_date() -> None:
    nothing = np.array(["NaT"], "datetime64[D]")
    assert np.isnat(due_dates(nothing, pa.array(["30"])))[0]


def test_the_order_of_words_is_the_order_of_steps() -> None:
    assert parse_terms("45 jours fin de mois") == PaymentTerms(45, end_after=True)
    assert parse_terms("fin de mois 45 jours") == PaymentTerms(45, end_before=True)
