"""Extracts: headers, however they are written, and rows without a value."""

import numpy as np
import pyarrow as pa
import pytest

from features.ledgers.extract import Extract, find_column, missing, require, unique_names
from features.ledgers.mapping import Unpivot


def test_an_exact_header_goes_before_a_similar_one() -> None:
    assert find_column("Échéance", ["ECHEANCE", "Échéance"]) == "Échéance"
    assert find_column("N° pièce", ["n°  PIECE."]) == "n°  PIECE."
    assert find_column("Date", ["Date échéance"]) is None


def test_repeated_and_empty_headers_get_names_of_their_own() -> None:
    assert unique_names(["A", "", "A", "A\nB"]) == ["A", "column 2", "A (2)", "A B"]


def test_a_missing_column_is_named_with_the_nearest() -> None:
    assert missing(["Date", "Montant"], [["Date"], ["Échéance", "Due"]]) == [["Échéance", "Due"]]
    with pytest.raises(ValueError, match=r"a.csv: no column 'Échéance' or 'Due'; did you mean"):
        require("a.csv", ["Date", "Échéances"], [["Échéance", "Due"]])


def test_rows_without_a_value_are_counted_out() -> None:
    rows = pa.table({"a": ["", "1", None], "b": ["", "", ""]})
    extract = Extract("x", rows, np.array([2, 3, 4])).without_blanks()
    assert (extract.rows["a"].to_pylist(), extract.line.tolist(), extract.blank) == (["1"], [3], 2)


def test_a_wide_table_becomes_long() -> None:
    rows = pa.table({"Date": ["d1", "d2"], "USD": ["1.08", "1.09"], "JPY": ["N/A", "160"]})
    wide = Unpivot(keep=("date",), header="currency", cell="rate")
    extract = Extract("x", rows, np.array([2, 3])).unpivoted(wide, ["N/A"])
    assert extract.rows.to_pylist() == [
        {"Date": "d1", "currency": "USD", "rate": "1.08"},
        {"Date": "d2", "currency": "USD", "rate": "1.09"},
        {"Date": "d2", "currency": "JPY", "rate": "160"},
    ]
    assert extract.line.tolist() == [2, 3, 3]
    narrow = Extract("x", rows.select(["Date"]), np.array([2, 3])).unpivoted(wide, [])
    assert (len(narrow.rows), narrow.rows.column_names) == (0, ["Date", "currency", "rate"])
