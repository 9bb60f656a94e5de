"""The hash of a record covers every field, its place and what came before."""

from dataclasses import fields, replace
from itertools import pairwise

import pytest
import sqlalchemy as sa

from serving.store.record import DECISIONS, GENESIS, HEAD, LATER, Record, record_of
from serving.store.schema import migrate

RECORD = Record("d1", "2025-07-01", "erp", "B1", "2025-06-30", "m", "p", "t", b"{}", b"ab", b"{}")


@pytest.mark.parametrize("field", fields(Record), ids=lambda field: field.name)
def test_the_hash_covers_every_field(field) -> None:
    more = b"x" if field.type in (bytes, bytes | None) else "x"
    changed = replace(RECORD, **{field.name: (getattr(RECORD, field.name) or more) + more})
    assert changed.hash_after(GENESIS, 1) != RECORD.hash_after(GENESIS, 1)


def test_the_hash_covers_place_and_past() -> None:
    first = RECORD.hash_after(GENESIS, 1)
    assert RECORD.hash_after(GENESIS, 2) != first
    assert RECORD.hash_after(first, 1) != first
    assert RECORD.hash_after(GENESIS, 1) == first


def test_what_moves_from_one_field_to_the_next_changes_the_hash() -> None:
    moved = replace(RECORD, request=b"{", features=b"}ab")
    assert moved.hash_after(GENESIS, 1) != RECORD.hash_after(GENESIS, 1)


@pytest.mark.parametrize(
    ("before", "after"), list(pairwise(sorted(LATER.keys() - {"context", "drivers"})))
)
def test_a_value_stays_in_its_field_where_others_are_absent(before: str, after: str) -> None:
    one, other = replace(RECORD, **{before: "x"}), replace(RECORD, **{after: "x"})
    assert one.hash_after(GENESIS, 1) != other.hash_after(GENESIS, 1)


def test_the_tables_are_created_once_with_an_empty_chain() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        migrate(connection)
        migrate(connection)
        assert connection.execute(sa.select(HEAD)).all() == [(0, GENESIS, 0)]
        row = {**vars(RECORD), "sequence": 1, "hash": b"h"}
        connection.execute(sa.insert(DECISIONS), row)
        assert record_of(connection.execute(sa.select(DECISIONS)).one()) == RECORD
    engine.dispose()
