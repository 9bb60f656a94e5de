from hypothesis import given
from hypothesis import strategies as st

from serving.workbench.paging import Pages, page_number


@given(st.integers(0, 500), st.integers(-5, 500), st.integers(1, 60))
def test_a_page_there_is_whatever_is_asked(total: int, number: int, size: int) -> None:
    pages = Pages.of(total, number, size)
    assert 1 <= pages.number <= pages.count
    assert pages.start == (pages.number - 1) * size
    assert pages.start < total or pages.start == 0
    assert pages.count * size >= total


def test_what_is_no_page_is_the_first() -> None:
    assert [page_number(text) for text in ("2", "", "-1", "1e9", "9" * 40)] == [2, 1, 1, 1, 1]
