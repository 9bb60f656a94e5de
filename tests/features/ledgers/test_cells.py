"""Cells: which column a value comes from, and what counts as nothing."""

import numpy as np
import pyarrow as pa

from features.ledgers.cells import Cells, translate
from features.ledgers.extract import Extract
from features.ledgers.mapping import Column, Format, When


def cells(typed: bool = False, form: Format | None = None, **columns: list[str | None]) -> Cells:
    rows = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    return Cells(Extract("x", rows, np.arange(len(rows)), typed=typed), form or Format())


def test_the_first_column_with_a_value_counts() -> None:
    book = cells(A=["0", " ", "NULL", "a"], B=["1", "2\u00a0", "3", None])
    assert book.column(["A", "B", "C"]).to_pylist() == ["0", "2", "3", "a"]
    assert book.column(["A", "B"], nulls=["0"]).to_pylist() == ["1", "2", "3", "a"]
    assert book.column(["C"]).to_pylist() == [None] * 4


def test_parts_are_joined_and_absent_ones_left_out() -> None:
    book = cells(BELNR=["1", "2", None], BUKRS=["10", None, "10"])
    number = Column(columns=(("Document", "BELNR"), ("BUKRS",), ("GJAHR",)), join="-")
    assert book.value(number).to_pylist() == ["1-10", None, None]
    reference = Column(columns=(("REBZG",), ("BUKRS",)), join="-", optional=True)
    assert book.value(reference).to_pylist() == [None] * 3


def test_rules_hold_by_value_or_pattern() -> None:
    book = cells(Journal=["VE1", "ve", "BQ", None, "V%"])
    sales = When(columns=("Journal",), values=("VE*", "x"))
    assert book.hold(sales).tolist() == [True, True, False, False, False]
    assert book.hold(When(columns=("Journal",), values=("V%",))).tolist() == [False] * 4 + [True]
    assert not book.hold(None).any()


def test_numbers_by_the_mapping_or_by_the_column() -> None:
    texts = ["1.234", "1.234,5", "1,5"]
    given = cells(form=Format(decimal=",", thousands=(".",)), A=texts)
    assert given.numbers(given.column(["A"])).to_pylist() == [1234.0, 1234.5, 1.5]
    found = cells(A=texts)
    assert found.numbers(found.column(["A"])).to_pylist() == [1234.0, 1234.5, 1.5]
    doubtful = cells(A=["1.234", "2"])
    assert doubtful.numbers(doubtful.column(["A"])).to_pylist() == [None, 2.0]
    typed = cells(typed=True, A=["1.234", "2"])
    assert typed.numbers(typed.column(["A"])).to_pylist() == [1.234, 2.0]


def test_a_column_that_shows_no_decimal_sign_takes_that_of_the_others() -> None:
    rows = pa.table({"Debit": ["1.234,5", "7"], "Credit": ["1.000", ""]})
    book = Cells(Extract("x", rows, np.arange(2)), Format(), ["Debit", "Credit"])
    assert book.numbers(book.column(["Credit"])).to_pylist() == [1000.0, None]


def test_translation_forgives_case_and_accents() -> None:
    words = pa.array(["FRANCE", "Côte d'Ivoire", "DE", None])
    values = {"France": "FR", "cote d ivoire": "CI"}
    assert translate(words, values).to_pylist() == ["FR", "CI", "DE", None]
