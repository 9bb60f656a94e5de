import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from features.as_of import known_at, latest, pick
from features.facts import Rows

DAY = st.integers(0, 12)
OWNERS = 3


@st.composite
def cases(draw):
    """Rows of three owners with (event, known) days, and keys that ask for them."""
    counts = draw(st.lists(st.integers(0, 5), min_size=OWNERS, max_size=OWNERS))
    size = sum(counts)
    event = np.array(draw(st.lists(DAY, min_size=size, max_size=size)), np.int32)
    delay = np.array(draw(st.lists(st.integers(0, 4), min_size=size, max_size=size)), np.int32)
    start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    rows = Rows(start, {"event": event}, {}, event + delay)
    keys = draw(st.lists(st.tuples(st.integers(-1, OWNERS - 1), DAY), min_size=1, max_size=8))
    owner, as_of = np.array(keys).T
    return rows, owner.astype(np.int64), as_of.astype(np.int32)


def known_rows(rows, owner, as_of):
    if owner < 0:
        return []
    return [r for r in range(*rows.start[owner : owner + 2]) if rows.known[r] <= as_of]


@given(cases())
def test_known_at_lists_what_a_loop_finds(case):
    rows, owner, as_of = case
    expected = [
        (key, row) for key in range(len(owner)) for row in known_rows(rows, owner[key], as_of[key])
    ]
    keys, found = known_at(rows, owner, as_of)
    assert list(zip(keys.tolist(), found.tolist(), strict=True)) == expected


@given(cases())
def test_latest_is_the_greatest_event_then_its_latest_version(case):
    rows, owner, as_of = case
    event = rows["event"]
    expected = [
        max(
            known_rows(rows, o, t),
            key=lambda row: (event[row], rows.known[row], row),
            default=-1,
        )
        for o, t in zip(owner, as_of, strict=True)
    ]
    assert latest(rows, "event", owner, as_of).tolist() == expected


@given(cases())
def test_one_key_alone_gets_the_answer_of_the_batch(case):
    rows, owner, as_of = case
    batch = latest(rows, "event", owner, as_of)
    alone = [latest(rows, "event", owner[[k]], as_of[[k]])[0] for k in range(len(owner))]
    assert batch.tolist() == alone


def test_pick_is_missing_where_nothing_is_known():
    np.testing.assert_array_equal(pick(np.array([5.0, 7.0]), np.array([1, -1])), [7.0, np.nan])
