"""Extracts: headers, however they are written, and rows without a value."""

import numpy as np
import pyarrow as pa
import pytest

from features.ledgers.extract import Extract, find_column, missing, require, unique_names


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
