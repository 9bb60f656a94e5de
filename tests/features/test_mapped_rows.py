"""What came comes back from the arrays; only what they do not say is kept beside them."""

from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from features.facts import Facts
from features.mapped import open_mapped, write_mapped
from features.mapped_rows import not_given_back
from features.tables import TABLES, Table, read_tables
from features.what_if.what_if import raw

BUYERS = ["A", "B", "É"]
TEXTS = st.sampled_from(["EUR", "Société Ω", "", "NUL\0", "NUL"])
VALUES = {
    **dict.fromkeys(("id", "code", "text"), TEXTS),
    **dict.fromkeys(("amount", "number"), st.floats() | st.sampled_from([0.0, -0.0])),
    "date": st.dates(),
    "flag": st.booleans(),
}


def frames(table: Table) -> st.SearchStrategy[pa.Table]:
    """Some rows of a table, or none: nulls, NaN and all kinds of text."""
    columns = {c.name: st.none() | VALUES[c.kind] for c in table.columns}
    if table.of_buyer:
        columns["buyer_id"] = st.sampled_from(BUYERS)
    rows = st.lists(st.fixed_dictionaries(columns), max_size=6)
    if table.name == "buyers":
        rows = st.tuples(
            *(st.fixed_dictionaries({**columns, "buyer_id": st.just(b)}) for b in BUYERS)
        )
    return rows.map(lambda some: pa.Table.from_pylist(list(some), schema=table.schema))


@settings(max_examples=30)
@given(st.data())
def test_arrays_give_back_what_came(data: st.DataObject) -> None:
    tables = {name: data.draw(frames(table), name) for name, table in TABLES.items()}
    facts = Facts.of(tables, "EUR")
    with TemporaryDirectory() as folder:
        write_mapped(facts, Path(folder, "mapped"))
        mapped = open_mapped(Path(folder, "mapped"))
    for name in TABLES:
        for first, last in pairwise([*facts[name].start.tolist(), 0, len(facts[name])]):
            part = slice(first, max(first, last))
            read, written = raw(mapped, name, part), raw(facts, name, part)
            assert read.schema == written.schema
            came = repr(written.to_pydict())  # in words, NaN is NaN
            assert repr(read.to_pydict()) == came
            columns = TABLES[name].schema.names
            assert repr({c: mapped[name].values(c, part) for c in columns}) == came


def test_names_of_rows_are_kept_beside_the_arrays_and_buyers_whole(tables: Path) -> None:
    facts = Facts.of(read_tables(tables), "EUR")
    kept = {name: set(not_given_back(facts[name], TABLES[name])) for name in TABLES}
    assert {name: columns for name, columns in kept.items() if columns} == {
        "buyers": set(TABLES["buyers"].schema.names),
        "invoices": {"invoice_id"},
        "payments": {"invoice_id"},
    }
