"""Pages follow each other without gap or repeat, whatever is added in between."""

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from serving.cursor import cursor_to, following, newest, place_in
from serving.problems import Problem

THINGS = sa.Table("things", sa.MetaData(), sa.Column("sequence", sa.BigInteger, primary_key=True))
ORDER = THINGS.c.sequence


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        THINGS.create(connection)
        add(connection, 1, 8)
        yield connection
    engine.dispose()


def add(connection: sa.Connection, first: int, last: int) -> None:
    connection.execute(sa.insert(THINGS), [{"sequence": n} for n in range(first, last)])


def numbers(rows: Any) -> list[int]:
    return [row.sequence for row in rows]


def test_a_list_is_read_down_to_its_end_while_it_grows(connection: sa.Connection) -> None:
    seen, cursor = [], None
    for turn in range(3):
        rows, cursor = newest(connection, sa.select(THINGS), ORDER, cursor, 3)
        seen += numbers(rows)
        add(connection, 100 + turn, 101 + turn)
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert cursor is None


def test_a_full_last_page_leads_nowhere(connection: sa.Connection) -> None:
    rows, cursor = newest(connection, sa.select(THINGS), ORDER, None, 7)
    assert (len(rows), cursor) == (7, None)


def test_a_feed_gives_what_came_since(connection: sa.Connection) -> None:
    rows, cursor = following(connection, sa.select(THINGS), ORDER, None, 5)
    assert numbers(rows) == [1, 2, 3, 4, 5]
    rows, cursor = following(connection, sa.select(THINGS), ORDER, cursor, 5)
    assert numbers(rows) == [6, 7]
    rows, again = following(connection, sa.select(THINGS), ORDER, cursor, 5)
    assert (numbers(rows), again) == ([], cursor)
    add(connection, 8, 9)
    assert numbers(following(connection, sa.select(THINGS), ORDER, again, 5)[0]) == [8]


def test_an_empty_feed_has_a_cursor_to_ask_again_with(connection: sa.Connection) -> None:
    connection.execute(sa.delete(THINGS))
    rows, cursor = following(connection, sa.select(THINGS), ORDER, None, 5)
    assert (rows, place_in("things up", cursor)) == ([], 0)


@given(st.text(max_size=60) | st.integers(-9, -1).map(lambda n: cursor_to("things", n)))
def test_no_other_word_is_a_cursor(word: str) -> None:
    with pytest.raises(Problem) as raised:
        place_in("things", word)
    assert raised.value.errors[0].field == "cursor"


@pytest.mark.parametrize("place", [True, 1.5, "1", None, 2**63])
def test_a_place_is_a_number_of_a_row(place: Any) -> None:
    with pytest.raises(Problem):
        place_in("things", cursor_to("things", place))


def test_a_cursor_belongs_to_its_list() -> None:
    cursor = cursor_to("decisions down", 5)
    assert place_in("decisions down", cursor) == 5
    with pytest.raises(Problem):
        place_in("alerts up", cursor)
