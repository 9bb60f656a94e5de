import io

import pandas as pd
import pyarrow as pa
import pytest

from serving.workbench.spreadsheet import csv_bytes, harmless


@pytest.mark.parametrize("text", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert harmless(pa.table({"a": [text]}))["a"].to_pylist() == ["'" + text]


def test_numbers_stay_numbers_and_texts_come_back() -> None:
    table = pa.table({"name": ["Électricité & Fils", None], "amount": [-1.5, None]})
    content = csv_bytes(table)
    read = pd.read_csv(io.BytesIO(content), encoding="utf-8-sig")
    assert read["name"][0] == "Électricité & Fils"
    assert read["amount"][0] == -1.5
    assert csv_bytes(table, header=False) in content
