import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.strings import ROOM, short_codes

SHORT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=8).filter(
    lambda text: len(text.encode()) <= 8
)


@given(st.lists(SHORT, min_size=1, max_size=60), st.integers(0, 5))
def test_codes_give_the_strings_back_wherever_they_start(texts, skipped):
    values = pa.array(["padding"[:skipped], *texts])[1:]
    codes, labels = short_codes(values)
    assert labels.take(pa.array(codes)).to_pylist() == texts
    assert labels.to_pylist() == list(dict.fromkeys(texts))


@pytest.mark.parametrize("odd", ["nine char", None, "A\0", "\0"])
def test_what_a_word_cannot_tell_is_left_to_others(odd):
    assert short_codes(pa.array(["A", odd])) is None


def test_a_zero_byte_within_is_told():
    codes, _ = short_codes(pa.array(["A\0B", "AB", "A\0B"]))
    assert codes.tolist() == [0, 1, 0]


@pytest.mark.parametrize(("distinct", "fits"), [(ROOM, True), (ROOM + 1, False)])
def test_there_is_room_for_so_many(distinct, fits):
    found = short_codes(pa.array([f"S{number}" for number in range(distinct)]))
    assert (found is not None) == fits


def test_empty_strings_are_strings():
    codes, labels = short_codes(pa.array(["", "", "A"]))
    assert (codes.tolist(), labels.to_pylist()) == ([0, 0, 1], ["", "A"])
