"""The hash of a record covers every field, its place and what came before."""

from dataclasses import fields, replace

import pytest
import sqlalchemy as sa

from serving.store.record import DECISIONS, GENESIS, HEAD, Record, record_of
from serving.store.schema import migrate

RECORD = Record("d1", "2025-07-01", "erp", "B1", "2025-06-30", "m", "p", "t", b"{}", b"ab", b"{}")


@pytest.mark.parametrize("field", fields(Record), ids=lambda field: field.name)
def test_the_hash_covers_every_field(field) -> None:
    value = getattr(RECORD, field.name)
    changed = replace(RECORD, **{field.name: value + (b"x" if field.type is bytes else "x")})
    assert changed.hash_after(GENESIS, 1) != RECORD.hash_after(GENESIS, 1)


def test_the_hash_covers_place_and_past() -> None:
    first = RECORD.hash_after(GENESIS, 1)
    assert RECORD.hash_after(GENESIS, 2) != first
    assert RECORD.hash_after(first, 1) != first
    assert RECORD.hash_after(GENESIS, 1) == first


def test_what_moves_from_one_field_to_the_next_changes_the_hash() -> None:
    moved = replace(RECORD, request=b"{", features=b"}ab")
    assert moved.hash_after(GENESIS, 1) != RECORD.hash_after(GENESIS, 1)


def test_the_tables_are_created_once_with_an_empty_chain() -> None:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        migrate(connection)
        migrate(connection)
        assert connection.execute(sa.select(HEAD)).all() == [(0, GENESIS)]
        row = {**vars(RECORD), "sequence": 1, "hash": b"h"}
        connection.execute(sa.insert(DECISIONS), row)
        assert record_of(connection.execute(sa.select(DECISIONS)).one()) == RECORD
    engine.dispose()
