"""Features of one buyer whose facts a test writes by hand."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZipFile

import numpy as np
import pyarrow as pa
import pytest

from features.build import feature_matrix
from features.catalog import NAMES
from features.facts import Facts, Keys
from features.tables import TABLES

Row = dict[str, object]
Features = Callable[..., dict[str, float]]
WriteWorkbook = Callable[[Path, Sequence[Sequence[object]]], None]


def table(name: str, rows: list[Row]) -> pa.Table:
    """Rows of a raw table; dates as ISO text, the buyer "B" unless a row says otherwise."""
    kinds = {column.name: column.kind for column in TABLES[name].columns}
    written = [
        {
            column: date.fromisoformat(str(value)) if kinds[column] == "date" and value else value
            for column, value in ({"buyer_id": "B"} | row if "buyer_id" in kinds else row).items()
        }
        for row in rows
    ]
    schema = TABLES[name].schema
    used = [field for field in schema if any(field.name in row for row in written)]
    return pa.Table.from_pylist(written, pa.schema(used))


@pytest.fixture(scope="session")
def features_of() -> Features:
    """features_of(as_of, statements=[{…}], …) -> every feature of buyer B by name."""

    def features(as_of: str, currency: str = "EUR", **tables: list[Row]) -> dict[str, float]:
        tables = {"buyers": [{"country": "FR"}]} | tables
        facts = Facts.of({name: table(name, rows) for name, rows in tables.items()}, currency)
        day = np.array([as_of], "datetime64[D]").astype(np.int32)
        matrix = feature_matrix(facts, Keys(np.zeros(1, np.int64), day))
        return dict(zip(NAMES, matrix[0].tolist(), strict=True))

    return features


@pytest.fixture(scope="session")
def of_accounts(features_of: Features) -> Features:
    """of_accounts({"equity": 1.0}, {…}) -> features of accounts closed in 2023, 2022, …, in euros,
    looked at on 2024-12-31."""

    def features(*years: Row) -> dict[str, float]:
        rows = [
            {"closing_date": f"{2023 - back}-12-31", "available_at": f"{2024 - back}-07-31"} | year
            for back, year in enumerate(years)
        ]
        return features_of("2024-12-31", statements=rows)

    return features


# The parts of a workbook with one sheet, but for its cells.
SCHEMAS = "http://schemas.openxmlformats.org"
PACKAGE, MAIN = f"{SCHEMAS}/package/2006", f"{SCHEMAS}/spreadsheetml/2006/main"
LINKS = f"{SCHEMAS}/officeDocument/2006/relationships"
TYPE = "application/vnd.openxmlformats"
SHEETS = f"{TYPE}-officedocument.spreadsheetml"
WORKBOOK = {
    "[Content_Types].xml": f"""<Types xmlns="{PACKAGE}/content-types">
        <Default Extension="rels" ContentType="{TYPE}-package.relationships+xml"/>
        <Override PartName="/xl/workbook.xml" ContentType="{SHEETS}.sheet.main+xml"/>
        <Override PartName="/xl/styles.xml" ContentType="{SHEETS}.styles+xml"/>
        <Override PartName="/xl/sheet.xml" ContentType="{SHEETS}.worksheet+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1"
        Type="{LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>
        <sheet name="Grand livre" sheetId="1" r:id="r1"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""<Relationships xmlns="{PACKAGE}/relationships">
        <Relationship Id="r1" Type="{LINKS}/worksheet" Target="sheet.xml"/>
        <Relationship Id="r2" Type="{LINKS}/styles" Target="styles.xml"/></Relationships>""",
    "xl/styles.xml": f"""<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>
        <xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>""",
}


@pytest.fixture(scope="session")
def write_workbook() -> WriteWorkbook:
    """write_workbook(path, rows): one sheet "Grand livre" as Excel saves it, dates as numbers."""

    def write(path: Path, rows: Sequence[Sequence[object]]) -> None:
        lines = [
            f'<row r="{at}">' + "".join(map(_cell, row)) + "</row>"
            for at, row in enumerate(rows, 1)
        ]
        sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
        with ZipFile(path, "w") as file:
            for name, text in (WORKBOOK | {"xl/sheet.xml": sheet}).items():
                file.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)

    return write


def _cell(value: object) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, date):
        return f'<c s="1"><v>{(value - date(1899, 12, 30)).days}</v></c>'
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    return f"<c><v>{value}</v></c>"
